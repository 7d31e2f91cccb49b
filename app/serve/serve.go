// Package serve turns HTTP requests of OpenAI's and Anthropic's clients into
// chat.Requests for one engine, and the engine's events into JSON or server-sent
// events. A request's way: guard.go (may it come in?), body.go (reading it within
// limits), parse.go (what it asks), queue.go (whose turn it is), answer.go (the
// engine's events), then a listener of its API, which makes the reply: completion.go
// and stream.go for chats, legacy.go, responses.go, anthropic.go. Nothing of a
// request's content is ever logged. Open this file first.
package serve

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"sirocco/model/chat"
	"sirocco/model/tokenizer"
)

// Options say who answers, and who may ask.
type Options struct {
	Engine chat.Engine
	// Tokenizer is the engine's, so that a prompt is checked and measured before it
	// waits for its turn. Without it the engine alone does that, and there is no
	// /tokenize.
	Tokenizer *tokenizer.Tokenizer

	Version      string   // of the program, for system_fingerprint
	Keys         []string // the keys that open; none: every key does, and none too
	AllowHosts   []string // names by which the server may be called, beside its own
	AllowOrigins []string // web pages that may ask, as "https://example.org"
	RemoteImages bool     // pictures may be given as web addresses

	NoStore bool // responses are forgotten as soon as they are sent

	Waiting     int           // requests that may wait for their turn; 0 is 256
	Connections int           // open connections; 0 is 512
	KeepAlive   time.Duration // silence after which a stream shows a sign of life; 0 is 10 s
	Grace       time.Duration // how long running answers may go on after a stop; 0 is 10 s
	Log         io.Writer     // a line per answer and per fault; nil is silence
}

// Check finds what is wrong with the options before there is an engine.
func (o Options) Check() error {
	_, err := newGuard(o)
	return err
}

// Server is one engine behind HTTP.
type Server struct {
	o       Options
	guard   *guard
	queue   *queue
	meter   *meter
	bodies  bodies
	proofs  proofs
	fetcher *fetcher
	stored  *responseStore
	stopped *stopper
	started time.Time
	routes  *http.ServeMux
	paths   map[string][]string // path → the methods it knows
	logging sync.Mutex
}

// New checks the options and builds the routes. An error names the option.
func New(o Options) (*Server, error) {
	if o.Waiting == 0 {
		o.Waiting = 256
	}
	if o.Connections == 0 {
		o.Connections = 512
	}
	if o.KeepAlive == 0 {
		o.KeepAlive = 10 * time.Second
	}
	if o.Grace == 0 {
		o.Grace = 10 * time.Second
	}
	guard, err := newGuard(o)
	if err != nil {
		return nil, err
	}
	s := &Server{
		o:       o,
		guard:   guard,
		queue:   &queue{limit: o.Waiting, slots: max(1, o.Engine.About().Model.Parallel)},
		meter:   newMeter(),
		fetcher: newFetcher(publicOnly, nil),
		stored:  newResponseStore(),
		stopped: newStopper(),
		started: time.Now(),
		routes:  http.NewServeMux(),
		paths:   map[string][]string{},
	}
	s.route("GET", "/health", s.health)
	s.route("GET", "/metrics", s.metrics)
	s.route("GET", "/v1/models", s.models)
	s.route("GET", "/v1/models/{id...}", s.model)
	s.route("POST", "/v1/chat/completions", s.chatCompletions)
	s.route("POST", "/v1/responses", s.responses)
	s.route("GET", "/v1/responses/{id}", s.storedResponse)
	s.route("DELETE", "/v1/responses/{id}", s.deleteResponse)
	s.route("GET", "/v1/responses/{id}/input_items", s.storedInput)
	s.route("POST", "/v1/messages", s.messages)
	s.route("POST", "/api/chat", s.ollamaChat)
	s.route("POST", "/api/generate", s.ollamaGenerate)
	s.route("GET", "/api/tags", s.ollamaTags)
	s.route("GET", "/api/ps", s.ollamaRunning)
	s.route("POST", "/api/show", s.ollamaShow)
	s.route("GET", "/api/version", s.ollamaVersion)
	for _, path := range []string{"pull", "push", "create", "copy", "embed", "embeddings", "blobs/{digest}"} {
		s.route("POST", "/api/"+path, s.ollamaCannot)
	}
	s.route("DELETE", "/api/delete", s.ollamaCannot)
	s.route("GET", "/{$}", s.running)
	if o.Tokenizer != nil {
		s.route("POST", "/v1/messages/count_tokens", s.countTokens)
		s.route("POST", "/v1/completions", s.completions)
		s.route("POST", "/tokenize", s.tokenize)
		s.route("POST", "/detokenize", s.detokenize)
	}
	s.routes.HandleFunc("/", s.unknown)
	return s, nil
}

// handler answers a request; an error it returns is written in OpenAI's shape.
type handler func(w http.ResponseWriter, r *http.Request) error

// route adds a handler for a method and a path.
func (s *Server) route(method, path string, h handler) {
	s.paths[path] = append(s.paths[path], method)
	s.routes.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// unknown answers what no route does.
func (s *Server) unknown(w http.ResponseWriter, r *http.Request) {
	if methods := s.paths[r.URL.Path]; methods != nil {
		w.Header().Set("Allow", strings.Join(methods, ", "))
		s.fail(w, r, &problem{Status: http.StatusMethodNotAllowed, Type: "invalid_request_error",
			Message: "this address answers " + strings.Join(methods, " and ") + " only"})
		return
	}
	s.fail(w, r, &problem{Status: http.StatusNotFound, Type: "invalid_request_error", Code: "unknown_url",
		Message: "there is nothing at this address"})
}

// ServeHTTP lets a request through the guard and bounds the time its reply takes.
func (s *Server) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w := &reply{ResponseWriter: out}
	control := http.NewResponseController(out)
	control.SetWriteDeadline(time.Time{}) // the one of the request before, on this connection
	began := time.Now()
	defer func() {
		if fault := recover(); fault != nil {
			s.fail(w, r, fmt.Errorf("a fault of the program: %v", fault))
		}
		control.SetWriteDeadline(time.Now().Add(writeTime))
		release(r)
		s.meter.responded(w.status)
		if r.Method == http.MethodPost {
			s.logf("%s %d %.2f s", s.pattern(r), w.status, time.Since(began).Seconds())
		}
	}()
	if s.guard.admit(s, w, r) {
		s.routes.ServeHTTP(w, r)
	}
}

// pattern is a request's route, for the log: known text, never what was sent.
func (s *Server) pattern(r *http.Request) string {
	if _, pattern := s.routes.Handler(r); pattern != "/" && pattern != "" {
		return pattern
	}
	return "unknown address"
}

// logf writes one line for the person who runs the server.
func (s *Server) logf(format string, args ...any) {
	if s.o.Log == nil {
		return
	}
	s.logging.Lock()
	defer s.logging.Unlock()
	fmt.Fprintf(s.o.Log, "sirocco: "+format+"\n", args...)
}

// reply remembers the status and whether anything was sent.
type reply struct {
	http.ResponseWriter
	status int
}

func (r *reply) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *reply) Write(data []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(data)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *reply) Unwrap() http.ResponseWriter { return r.ResponseWriter }
