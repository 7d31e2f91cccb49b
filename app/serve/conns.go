package serve

import (
	"context"
	"net"
	"net/http"
	"sync"

	"sirocco/app/crash"
)

// conns bounds the open connections. When there are too many, the one that has
// been doing nothing for longest makes room for the new one: who sends half a
// header and waits loses their place to those who ask.
type conns struct {
	limit int

	mu    sync.Mutex
	clock int64
	open  map[net.Conn]*place
}

// place is a connection's standing. A busy one waits for an answer and is never
// closed for another.
type place struct {
	of    *conns
	since int64
	busy  bool
}

type placeKey struct{}

// connect is for http.Server.ConnContext: requests find their connection's place.
func (c *conns) connect(ctx context.Context, conn net.Conn) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &place{of: c, since: c.tick()}
	c.open[conn] = p
	if len(c.open) > c.limit {
		c.evict(conn)
	}
	return context.WithValue(ctx, placeKey{}, p)
}

// changed is for http.Server.ConnState.
func (c *conns) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateIdle:
		if p := c.open[conn]; p != nil {
			p.since = c.tick()
		}
	case http.StateClosed, http.StateHijacked:
		delete(c.open, conn)
	}
}

// evict closes the connection that has been without work for longest; the new one
// itself when all others are busy.
func (c *conns) evict(fresh net.Conn) {
	oldest := fresh
	for conn, p := range c.open {
		if !p.busy && p.since < c.open[oldest].since {
			oldest = conn
		}
	}
	delete(c.open, oldest)
	crash.Go(func() { oldest.Close() }) // with TLS, closing may wait for the other side
}

func (c *conns) tick() int64 { c.clock++; return c.clock }

// occupy marks a request's connection as one whose request is being answered.
func occupy(r *http.Request) { mark(r, true) }

// release ends that.
func release(r *http.Request) { mark(r, false) }

func mark(r *http.Request, busy bool) {
	if p, ok := r.Context().Value(placeKey{}).(*place); ok {
		p.of.mu.Lock()
		p.busy = busy
		p.of.mu.Unlock()
	}
}
