package tools

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/app/crash"
)

// open makes a connection to a new process or over HTTP. An address that does not say
// how it is spoken to is tried as streamable HTTP, then as what came before it.
func (s *Server) open(ctx context.Context) (*link, error) {
	w := newWire()
	s.wire.Store(w)
	switch {
	case s.spec.URL == "":
		p, err := startProcess(s.spec, s.observe)
		if err != nil {
			return nil, err
		}
		l, err := s.connect(ctx, p.transport(w), p)
		if err != nil {
			p.stop()
			return nil, &fault{plainly(err).Error() + p.lastWords(), err}
		}
		return l, nil
	case s.spec.speaksSSE():
		return s.connect(ctx, s.sse(w), nil)
	}
	l, err := s.connect(ctx, s.overHTTP(w), nil)
	if err == nil || s.spec.Type != "" || ctx.Err() != nil || !mayBeOlder(err) {
		return l, err
	}
	if older, oldErr := s.connect(ctx, s.sse(w), nil); oldErr == nil {
		return older, nil
	}
	return nil, err
}

func (s *Server) sse(w *wire) mcp.Transport {
	return &mcp.SSEClientTransport{Endpoint: s.spec.URL, HTTPClient: s.client(w), MaxEventSize: maxMessage}
}

// speaksSSE reports whether an address is one of the transport before streamable HTTP.
func (s *ServerSpec) speaksSSE() bool {
	u, err := url.Parse(s.URL)
	return s.Type == typeSSE || s.Type == "" && err == nil && strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/sse")
}

// mayBeOlder reports whether a server refused a first message as one that speaks the
// older transport does.
func mayBeOlder(err error) bool {
	for _, status := range []int{http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusUnsupportedMediaType} {
		if strings.Contains(err.Error(), http.StatusText(status)) {
			return true
		}
	}
	return false
}

// connect says hello over a transport. It never takes longer than ctx: what hangs is
// left behind.
func (s *Server) connect(ctx context.Context, transport mcp.Transport, p *process) (*link, error) {
	client := s.newClient()
	type opened struct {
		session *mcp.ClientSession
		err     error
	}
	done := make(chan opened, 1)
	standing, end := context.WithCancel(context.WithoutCancel(ctx)) // the older transport's stream lives as long as this
	crash.Go(func() {
		session, err := client.Connect(standing, transport, nil)
		done <- opened{session, err}
	})
	select {
	case o := <-done:
		if o.err != nil {
			end()
			return nil, o.err
		}
		return &link{ClientSession: o.session, process: p, end: end}, nil
	case <-ctx.Done():
		end()
		crash.Go(func() { // it may come after all
			if o := <-done; o.session != nil {
				_ = o.session.Close()
			}
		})
		return nil, ctx.Err()
	}
}

// watch forgets a connection that ended, so that the next call makes a new one.
func (s *Server) watch(l *link) {
	_ = l.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == l {
		l.cut()
		s.now = nil
	}
}
