package serve

import (
	"context"
	"net/http"
	"slices"
	"sync"
)

// queue lets one request at a time to the engine, in the order in which they came.
type queue struct {
	limit int // how many may wait

	mu      sync.Mutex
	running bool
	waiting []*ticket
	closed  bool
}

// ticket is a place in the queue. Its channel is closed when the wait is over:
// granted, or else sent away.
type ticket struct {
	over    chan struct{}
	granted bool
}

// retry is the number of seconds after which a client that was sent away may try
// again.
const retry = 5

// enter waits for its turn and returns what gives it back. A client that goes away
// leaves the queue at once. again is for further answers to a request that is
// already being answered: it queues up like everyone else but is never refused for
// want of room.
func (q *queue) enter(ctx context.Context, again bool) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err // a client that is gone takes no free engine either
	}
	t, err := q.join(again)
	if err != nil {
		return nil, err
	}
	if t != nil {
		select {
		case <-t.over:
			if !t.granted {
				return nil, stopping()
			}
		case <-ctx.Done():
			q.abandon(t)
			return nil, ctx.Err()
		}
	}
	return sync.OnceFunc(q.next), nil
}

// join takes the free engine, or a place at the end.
func (q *queue) join(again bool) (*ticket, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, stopping()
	}
	if !q.running {
		q.running = true
		return nil, nil
	}
	if len(q.waiting) >= q.limit && !again {
		return nil, busy("too many requests are waiting for this server; try again a little later", retry)
	}
	t := &ticket{over: make(chan struct{})}
	q.waiting = append(q.waiting, t)
	return t, nil
}

// next hands the engine to whoever waits longest.
func (q *queue) next() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.running = false
		return
	}
	t := q.waiting[0]
	q.waiting = slices.Delete(q.waiting, 0, 1)
	t.granted = true
	close(t.over)
}

// abandon gives a place up, or the engine if it was granted in this very moment.
func (q *queue) abandon(t *ticket) {
	q.mu.Lock()
	i := slices.Index(q.waiting, t)
	if i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	}
	granted := t.granted
	q.mu.Unlock()
	if granted {
		q.next()
	}
}

// close sends away everyone who waits and lets nobody in any more. The request
// that runs goes on.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, t := range q.waiting {
		close(t.over)
	}
	q.waiting = nil
}

// load counts who runs and who waits.
func (q *queue) load() (running, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running {
		running = 1
	}
	return running, len(q.waiting)
}

// stopping is what those hear who come too late.
func stopping() error {
	return &problem{Status: http.StatusServiceUnavailable, Type: "server_error", Code: "shutting_down",
		Message: "this server is stopping; try again when it is back", Retry: retry}
}
