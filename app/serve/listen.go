package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"sirocco/app/crash"
)

// Times that a connection may take before it has said anything of use.
const (
	headerTime = 10 * time.Second
	idleTime   = 60 * time.Second
	headerSize = 64 << 10
	// lastWords is how long a cancelled answer may take to be delivered.
	lastWords = 5 * time.Second
)

// stopper cancels the answers that run when the server's patience ends.
type stopper struct {
	context.Context
	now context.CancelFunc
}

func newStopper() *stopper {
	ctx, cancel := context.WithCancel(context.Background())
	return &stopper{ctx, cancel}
}

// Serve answers on a listener until ctx ends. Then nobody new is let in, those who
// wait are sent away with a 503, and what runs may go on for Options.Grace; after
// that it is ended with what was said so far. Certificates make it HTTPS.
func (s *Server) Serve(ctx context.Context, listener net.Listener, certificates ...tls.Certificate) error {
	tracked := &conns{limit: s.o.Connections, open: map[net.Conn]*place{}}
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    headerSize,
		ConnContext:       tracked.connect,
		ConnState:         tracked.changed,
		ErrorLog:          log.New(io.Discard, "", 0), // what it says names addresses and headers
	}
	if len(certificates) > 0 {
		listener = tls.NewListener(listener, &tls.Config{Certificates: certificates, MinVersion: tls.VersionTLS12})
	}
	failed := make(chan error, 1)
	crash.Go(func() { failed <- crash.Try(func() error { return server.Serve(listener) }) })
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	return s.shutdown(server)
}

// shutdown ends the server gracefully, or at least surely.
func (s *Server) shutdown(server *http.Server) error {
	s.queue.close()
	patience := time.AfterFunc(s.o.Grace, s.stopped.now)
	defer patience.Stop()
	defer s.stopped.now()
	ctx, cancel := context.WithTimeout(context.Background(), s.o.Grace+lastWords)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	}
	return err
}
