package signin

import (
	"context"
	"fmt"
	"html"
	"net"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"

	"sirocco/app/crash"
)

// loopback waits on this machine for the browser to come back.
type loopback struct {
	address string
	server  *http.Server
	came    chan outcome
}

// outcome is what the browser brings back.
type outcome struct {
	result *auth.AuthorizationResult
	err    error
}

// listen opens a port of this machine, for nobody else.
func listen() (*loopback, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("waiting for the browser: %w", err)
	}
	l := &loopback{address: "http://" + listener.Addr().String() + "/callback", came: make(chan outcome, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /callback", l.callback)
	l.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	crash.Go(func() { _ = l.server.Serve(listener) })
	return l, nil
}

// callback takes the code, or the refusal. The state tells the caller whether it is
// the answer that was asked for.
func (l *loopback) callback(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	o := outcome{result: &auth.AuthorizationResult{Code: q.Get("code"), State: q.Get("state"), Iss: q.Get("iss")}}
	words := "You are signed in. You can close this page and go back to Sirocco."
	switch refused := q.Get("error"); {
	case refused != "":
		if about := q.Get("error_description"); about != "" {
			refused += ": " + about
		}
		o = outcome{err: fmt.Errorf("the server answered %q", refused)}
		words = "The server refused: " + refused
	case q.Get("code") == "":
		http.Error(w, "This address waits for the answer of a sign-in.", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	fmt.Fprintf(w, "<!doctype html><title>Sirocco</title><p>%s</p>", html.EscapeString(words))
	select {
	case l.came <- o:
	default: // the first answer counts
	}
}

// wait waits for the browser.
func (l *loopback) wait(ctx context.Context) (*auth.AuthorizationResult, error) {
	select {
	case o := <-l.came:
		return o.result, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// close ends the waiting; the page that is being shown is finished first.
func (l *loopback) close() {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	_ = l.server.Shutdown(ctx)
}
