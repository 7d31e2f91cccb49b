package serve

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Who came first is served first, one at a time.
func TestQueueIsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{limit: 10, slots: 1}
		first, err := q.enter(t.Context(), "a", false)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var order []int
		for i := range 5 {
			go func() {
				leave, err := q.enter(t.Context(), "a", false)
				if err != nil {
					t.Error(err)
					return
				}
				defer leave()
				mu.Lock()
				defer mu.Unlock()
				order = append(order, i)
			}()
			synctest.Wait() // the next one comes later
		}
		if running, waiting := q.load(); running != 1 || waiting != 5 {
			t.Errorf("%d run and %d wait", running, waiting)
		}
		first()
		first() // twice is as good as once
		synctest.Wait()
		if fmt.Sprint(order) != "[0 1 2 3 4]" {
			t.Errorf("served in the order %v", order)
		}
		if running, waiting := q.load(); running != 0 || waiting != 0 {
			t.Errorf("at the end %d run and %d wait", running, waiting)
		}
	})
}

// The queue has an end; a further answer to a request already begun still gets in.
func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{limit: 1, slots: 1}
		leave, _ := q.enter(t.Context(), "a", false)
		wait := func(again bool) {
			if leave, err := q.enter(t.Context(), "a", again); err == nil {
				leave()
			} else {
				t.Error(err)
			}
		}
		go wait(false)
		synctest.Wait()
		_, err := q.enter(t.Context(), "a", false)
		var p *problem
		if !errors.As(err, &p) || p.Status != 503 || p.Retry == 0 {
			t.Errorf("the one too many got %v", err)
		}
		go wait(true)
		synctest.Wait()
		leave()
		synctest.Wait()
	})
}

// Who goes away leaves no gap, even in the very moment of being called.
func TestQueueForgetsTheGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{limit: 10, slots: 1}
		leave, _ := q.enter(t.Context(), "a", false)
		ctx, cancel := context.WithCancel(t.Context())
		go q.enter(ctx, "a", false)
		synctest.Wait()
		cancel()
		synctest.Wait()
		if _, waiting := q.load(); waiting != 0 {
			t.Errorf("%d wait", waiting)
		}
		granted, err := q.join("a", false)
		if err != nil {
			t.Fatal(err)
		}
		leave() // now granted has the engine
		q.abandon(granted)
		if running, _ := q.load(); running != 0 {
			t.Error("the engine was given to somebody who is gone")
		}
	})
}

// A server that stops sends away who waits, and who comes.
func TestQueueCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{limit: 10, slots: 1}
		leave, _ := q.enter(t.Context(), "a", false)
		got := make(chan error, 1)
		go func() {
			_, err := q.enter(t.Context(), "a", false)
			got <- err
		}()
		synctest.Wait()
		q.close()
		for _, err := range []error{<-got, func() error { _, err := q.enter(t.Context(), "a", true); return err }()} {
			var p *problem
			if !errors.As(err, &p) || p.Status != 503 || p.Retry == 0 {
				t.Errorf("got %v", err)
			}
		}
		leave()
	})
}

// Many clients who ask again and again are served alike.
func TestQueueIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{limit: 64, slots: 1}
		served := make([]int, 64)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // of the test's own clock
		defer cancel()
		var all sync.WaitGroup
		for i := range served {
			all.Go(func() {
				for {
					leave, err := q.enter(ctx, "a", false)
					if err != nil {
						return
					}
					time.Sleep(time.Millisecond)
					served[i]++
					leave()
				}
			})
		}
		all.Wait()
		least, most := served[0], served[0]
		for _, n := range served {
			least, most = min(least, n), max(most, n)
		}
		if least == 0 || float64(most)/float64(least) > 1.5 {
			t.Errorf("served from %d to %d times", least, most)
		}
	})
}

// A client with many requests does not keep another from its turn, and as many
// requests run as there are slots.
func TestClientsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{limit: 100, slots: 2}
		var held []func()
		for range 2 {
			leave, err := q.enter(t.Context(), "greedy", false)
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, leave)
		}
		var order []string
		for _, client := range []string{"greedy", "greedy", "greedy", "modest", "other", "modest"} {
			go func() {
				leave, err := q.enter(t.Context(), client, false)
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, client)
				leave()
			}()
			synctest.Wait()
		}
		held[0]() // the other slot stays taken, so turns come one by one
		synctest.Wait()
		if want := "[greedy modest other greedy modest greedy]"; fmt.Sprint(order) != want {
			t.Errorf("served in the order %v, want %s", order, want)
		}
		held[1]()
		if running, waiting := q.load(); running != 0 || waiting != 0 {
			t.Errorf("at the end %d run and %d wait", running, waiting)
		}
	})
}
