package model

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sirocco/model/chat"
	"sirocco/model/text"
)

// conversations are four that have nothing in common: greedy, drawn by chance, with a tool, and with every log-probability asked for.
func conversations(t *testing.T) []*chat.Request {
	drawn := ask(t, "How many shapes are there?", true)
	drawn.Sampling = chat.Sampling{Temperature: 0.7, Seed: 11}
	tool := &chat.Request{
		Messages: []chat.Message{chat.Text(chat.User, "Where?")}, ToolChoice: "required",
		Tools: []chat.Tool{{Name: "look_up", Parameters: []byte(`{"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}`)}},
	}
	listed := ask(t, "Goodbye! What did you do?", false)
	listed.Sampling, listed.Logprobs = chat.Sampling{Temperature: 0.7, Seed: 12}, 3
	all := []*chat.Request{ask(t, "Hello! What can you do?", false), drawn, tool, listed}
	for _, r := range all {
		r.MaxTokens = 60
		if r.ToolChoice == "" {
			r.NoGuard = true
		}
	}
	return all
}

// alone makes every answer by itself, in a slot that has read nothing.
func alone(t *testing.T, m *Model, requests []*chat.Request) (all []*chat.Done) {
	t.Helper()
	for _, r := range requests {
		m.slots.clear()
		all = append(all, hear(t, m, r))
	}
	m.slots.clear()
	return all
}

// shared is how many passes of decoding there were, and how many answers they served.
func shared(t *testing.T, m *Model) (passes, served int64) {
	t.Helper()
	counted, ok := m.Passes(t.Context())
	if !ok {
		t.Fatal("the model does not count")
	}
	for i, n := range counted.Served {
		passes, served = passes+n, served+n*int64(i+1)
	}
	return passes, served
}

func same(t *testing.T, name string, got, want *chat.Done) {
	t.Helper()
	if got == nil || got.Text != want.Text || !slices.EqualFunc(got.Tokens, want.Tokens, func(a, b chat.Token) bool {
		return sameToken(a, b) && slices.Equal(a.Top, b.Top)
	}) {
		t.Errorf("%s: at once %v, alone %v", name, idsOf(got), idsOf(want))
	}
}

// Four conversations at once are, token by token and number by number, what each is alone, while one more goes away in the middle and
// others join then; and most of their tokens come from passes that served several.
func TestTogetherIsAlone(t *testing.T) {
	for _, kv := range []string{"f16", "f32"} {
		m := open(t, Options{Parallel: 4, Context: 2048, KV: kv})
		requests := conversations(t)
		want := alone(t, m, requests)
		m.batcher.passes = chat.Passes{}
		gone := ask(t, "Tell me a long story.", false)
		gone.MaxTokens, gone.NoGuard, gone.Sampling.LogitBias = 60, true, map[int32]float64{2: -100}
		var all sync.WaitGroup
		middle := make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		all.Go(func() {
			tokens := 0
			for event, err := range m.Generate(ctx, gone) {
				if err != nil {
					t.Error(err)
				}
				if event.Kind == chat.KindToken {
					if tokens++; tokens == 5 {
						close(middle)
					} else if tokens == 9 {
						cancel()
					}
				}
				if event.Kind == chat.KindDone && (event.Done.FinishReason != chat.FinishCancelled || tokens > 10) {
					t.Errorf("who went away after 9 tokens got %d and %s", tokens, event.Done.FinishReason)
				}
			}
		})
		for i, r := range requests {
			all.Go(func() {
				if i >= 2 {
					<-middle
				}
				same(t, fmt.Sprintf("%s cache, question %d", kv, i), hear(t, m, r), want[i])
			})
		}
		all.Wait()
		if len(m.batcher.waiting) != 0 || len(m.batcher.pending) != 0 {
			t.Errorf("after all answers %d wait and %d are awaited", len(m.batcher.waiting), len(m.batcher.pending))
		}
		if passes, served := shared(t, m); served < passes*3/2 {
			t.Errorf("%d passes served %d tokens: they did not go together", passes, served)
		}
	}
}

// Who listens slowly holds up nobody but himself.
func TestSlowListener(t *testing.T) {
	m := open(t, Options{Parallel: 2, Context: 1024})
	slow, quick := ask(t, "Hello! What can you do?", false), ask(t, "Goodbye! What did you do?", false)
	for _, r := range []*chat.Request{slow, quick} {
		r.MaxTokens, r.NoGuard, r.Sampling.LogitBias = 60, true, map[int32]float64{2: -100}
	}
	var heard atomic.Int32
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all sync.WaitGroup
	all.Go(func() {
		for event := range m.Generate(ctx, slow) {
			if event.Kind == chat.KindToken {
				heard.Add(1)
				time.Sleep(400 * time.Millisecond)
			}
		}
	})
	for heard.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	if done := hear(t, m, quick); len(done.Tokens) != 60 {
		t.Errorf("the quick one heard %d tokens", len(done.Tokens))
	}
	if heard.Load() > 40 {
		t.Errorf("the slow one heard %d tokens meanwhile", heard.Load())
	}
	cancel()
	all.Wait()
}

// A cancelled wait takes its step back.
func TestWithdraw(t *testing.T) {
	together := newBatcher()
	together.deviceLock.Lock() // somebody else computes
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	s := newDecodeRequest(nil)
	if err := together.run(ctx, s); err == nil || len(together.waiting) != 0 {
		t.Errorf("cancelled while waiting: %v, %d wait", err, len(together.waiting))
	}
}

// A pass takes up to eight of those who wait longest, each with a token, and as many of their guesses as there is room for.
func TestTake(t *testing.T) {
	together, d := newBatcher(), &text.Decoder{}
	wait := func(n, ids int) (steps []*decodeRequest) {
		for range n {
			s := newDecodeRequest(d)
			s.IDs = make([]int32, ids)
			together.arrive(s)
			steps = append(steps, s)
		}
		return steps
	}
	ten := wait(10, 3)
	together.collect()
	if !slices.Equal(together.batch, ten[:8]) || !slices.Equal(together.waiting, ten[8:]) || len(ten[0].IDs) != 1 || len(ten[9].IDs) != 3 {
		t.Errorf("of ten %d were taken with %d tokens each, %d wait", len(together.batch), len(ten[0].IDs), len(together.waiting))
	}
	wait(1, 8)
	together.collect()
	if len(together.batch) != 3 || len(together.batch[2].IDs) != 2 || len(together.waiting) != 0 {
		t.Errorf("of three %d were taken, the last with %d tokens", len(together.batch), len(together.batch[2].IDs))
	}
}

// Who was in the last pass and is quick is waited for; who does not come is given up, who leaves too.
func TestGather(t *testing.T) {
	for name, c := range map[string]struct {
		then  func(*batcher, *decodeRequest)
		quick bool
	}{
		"comes":      {(*batcher).arrive, true},
		"leaves":     {(*batcher).leave, true},
		"stays away": {func(*batcher, *decodeRequest) {}, false},
	} {
		together, here, other := newBatcher(), newDecodeRequest(&text.Decoder{}), newDecodeRequest(&text.Decoder{})
		together.batch = []*decodeRequest{other}
		together.end(nil, time.Hour)
		together.batchWait = time.Millisecond // for one that does not come back
		if c.quick {
			together.batchWait = time.Hour // nothing but its coming, or leaving, ends the wait
		}
		<-other.done
		together.arrive(here)
		go c.then(together, other)
		together.gather()
		if len(together.pending) != 0 {
			t.Errorf("%s: %d are still awaited", name, len(together.pending))
		}
	}
}

// Layers on two devices compute for several conversations in one pass, too, and say what one device says.
func TestTogetherOnTwoDevices(t *testing.T) {
	one, two := open(t, Options{Context: 1024}), open(t, Options{Device: "0,0", Parallel: 3, Context: 1024})
	requests := conversations(t)[:3]
	want := alone(t, one, requests)
	var all sync.WaitGroup
	for i, r := range requests {
		all.Go(func() { same(t, fmt.Sprintf("two devices, question %d", i), hear(t, two, r), want[i]) })
	}
	all.Wait()
	if passes, served := shared(t, two); served == passes {
		t.Errorf("%d passes served %d tokens: they did not go together", passes, served)
	}
}
