package serve

import (
	"context"
	"net/http"
	"slices"
	"sync"
)

// queue lets a few requests at a time to the engine. Clients take turns, whoever
// they are and however many requests they send; a client's own requests go in the
// order in which they came.
type queue struct {
	limit int // how many may wait
	slots int // how many may run

	mu      sync.Mutex
	running int
	lines   []*line // one for each client that waits; the first one is next
	closed  bool
}

// line is where the requests of one client wait.
type line struct {
	client  string
	waiting []*ticket
}

// ticket is a place in the queue. Its channel is closed when the wait is over:
// granted, or else sent away.
type ticket struct {
	client  string
	over    chan struct{}
	granted bool
}

// retry is the number of seconds after which a client that was sent away may try
// again.
const retry = 5

// enter waits for a client's turn and returns what gives it back. A client that
// goes away leaves the queue at once. again is for further answers to a request
// that is already being answered: it queues up like everyone else but is never
// refused for want of room.
func (q *queue) enter(ctx context.Context, client string, again bool) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err // a client that is gone takes no free engine either
	}
	t, err := q.join(client, again)
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

// join takes a free slot, or a place at the end of the client's line.
func (q *queue) join(client string, again bool) (*ticket, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, stopping()
	}
	if q.running < q.slots {
		q.running++
		return nil, nil
	}
	if q.waiting() >= q.limit && !again {
		return nil, busy("too many requests are waiting for this server; try again a little later", retry)
	}
	t := &ticket{client: client, over: make(chan struct{})}
	l := q.lineOf(client)
	if l == nil {
		l = &line{client: client}
		q.lines = append(q.lines, l)
	}
	l.waiting = append(l.waiting, t)
	return t, nil
}

func (q *queue) lineOf(client string) *line {
	for _, l := range q.lines {
		if l.client == client {
			return l
		}
	}
	return nil
}

// next gives the slot to the client whose turn it is, who then goes to the end.
func (q *queue) next() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.lines) == 0 {
		q.running--
		return
	}
	l := q.lines[0]
	q.lines = slices.Delete(q.lines, 0, 1)
	t := l.waiting[0]
	if l.waiting = slices.Delete(l.waiting, 0, 1); len(l.waiting) > 0 {
		q.lines = append(q.lines, l)
	}
	t.granted = true
	close(t.over)
}

// abandon gives a place up, or the slot if it was granted in this very moment.
func (q *queue) abandon(t *ticket) {
	q.mu.Lock()
	granted := t.granted
	if l := q.lineOf(t.client); l != nil && !granted {
		l.waiting = slices.DeleteFunc(l.waiting, func(other *ticket) bool { return other == t })
		q.lines = slices.DeleteFunc(q.lines, func(l *line) bool { return len(l.waiting) == 0 })
	}
	q.mu.Unlock()
	if granted {
		q.next()
	}
}

// close sends away everyone who waits and lets nobody in any more. What runs goes
// on.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, l := range q.lines {
		for _, t := range l.waiting {
			close(t.over)
		}
	}
	q.lines = nil
}

// waiting counts who waits. The lock is held.
func (q *queue) waiting() (n int) {
	for _, l := range q.lines {
		n += len(l.waiting)
	}
	return n
}

// load counts who runs and who waits.
func (q *queue) load() (running, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.running, q.waiting()
}

// stopping is what those hear who come too late.
func stopping() error {
	return &problem{Status: http.StatusServiceUnavailable, Type: "server_error", Code: "shutting_down",
		Message: "this server is stopping; try again when it is back", Retry: retry}
}
