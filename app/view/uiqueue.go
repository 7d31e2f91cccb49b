package view

import (
	"sync"
	"time"

	"sirocco/app/crash"
)

// Frame is the shortest time between two updates of the window.
const Frame = 50 * time.Millisecond

// UIQueue carries what happens in other goroutines to the one that owns the view,
// in order and gathered: one call of do per frame, however much there is.
type UIQueue struct {
	do    func(func())
	frame time.Duration

	mu     sync.Mutex
	queue  []func()
	wake   chan struct{}
	closed chan struct{}
	once   sync.Once
}

// NewUIQueue starts a feed. do runs a function in the owner's goroutine and returns
// when it has run or has been queued there; after runs behind each batch.
func NewUIQueue(do func(func()), after func()) *UIQueue {
	f := &UIQueue{do: do, frame: Frame, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	crash.Go(func() { f.pump(after) })
	return f
}

// Post queues work for the owner. It never waits.
func (f *UIQueue) Post(work func()) {
	f.mu.Lock()
	f.queue = append(f.queue, work)
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Close ends the feed; what is still queued is dropped.
func (f *UIQueue) Close() { f.once.Do(func() { close(f.closed) }) }

func (f *UIQueue) pump(after func()) {
	for {
		select {
		case <-f.closed:
			return
		case <-f.wake:
		}
		f.do(func() {
			for _, work := range f.drain() {
				crash.Call(work)
			}
			crash.Call(after)
		})
		select {
		case <-f.closed:
			return
		case <-time.After(f.frame):
		}
	}
}

func (f *UIQueue) drain() []func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	queue := f.queue
	f.queue = nil
	return queue
}
