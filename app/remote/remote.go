// Package remote is a chat.Engine over an OpenAI-compatible server: vLLM, or
// another Sirocco. It turns a chat.Request into a request over HTTP and the
// stream that comes back into the events the local model gives, so that the
// window, `ask` and `eval` do not see the difference. What servers are known to
// break on the way is repaired here.
//
// Open this file first; generate.go is the road of one question: prompt.go (its
// exact tokens) → request.go → stream.go → textfallback.go, calls.go, token.go.
package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"sync"
	"time"

	"sirocco/app/origin"
	"sirocco/assets"
	"sirocco/model/chat"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// Options say which server, and how to reach it.
type Options struct {
	// URL is the server's address, with or without /v1.
	URL string
	// Model is one of the names the server lists; "" is its first.
	Model string
	// Key opens the server; "" is none. See Key.
	Key string
	// Tokenizer is the server's vocabulary. Without it the embedded ones are
	// tried: Tekken's, then the miniature's.
	Tokenizer *tokenizer.Tokenizer
	// RootCAs are trusted beside nothing else; nil trusts what the system does.
	RootCAs *x509.CertPool
	// RetryTime is the wait before the first new attempt at a busy or absent
	// server, doubled with each; 0 is half a second.
	RetryTime time.Duration
	// Waiting hears of every longer wait for a busy server while it is asked what it
	// is, in a sentence; nil is nobody.
	Waiting func(string)
}

// Engine is a server that was found and asked what it is. Any number of
// goroutines may use it.
type Engine struct {
	at        address
	key       secret
	http      *http.Client
	retryTime time.Duration
	lastWait  time.Duration // for what a server may still send once it said why an answer ends
	waiting   func(string)

	about   chat.About
	family  family
	version string
	notices []string
	mu      sync.Mutex
	refused map[string]bool // fields that this server does not take
	flowing int             // answers that are on their way
	models  []string        // that the server lists

	tok       *tokenizer.Tokenizer
	rule      imageproc.Rule
	confirmed bool // the server's own /tokenize gave this vocabulary's ids
}

// Open asks the server what it is: its models, the length of its context, its
// version, and whether it speaks a vocabulary we know.
func Open(ctx context.Context, o Options) (*Engine, error) {
	at, err := parseAddress(o.URL)
	if err != nil {
		return nil, err
	}
	e := &Engine{at: at, key: newSecret(o.Key), http: client(o.RootCAs), retryTime: o.RetryTime, lastWait: 5 * time.Second, waiting: o.Waiting}
	if e.retryTime == 0 {
		e.retryTime = 500 * time.Millisecond
	}
	if o.Key != "" && at.exposed() {
		e.notice("the key goes to %s without encryption; use an https address outside of your own network", at.host())
	}
	if err := e.findModel(ctx, o.Model); err != nil {
		return nil, err
	}
	e.findVersion(ctx)
	if err := e.findVocabulary(ctx, o.Tokenizer); err != nil {
		return nil, err
	}
	return e, nil
}

// client speaks HTTP without following redirects: they would carry questions to
// somebody nobody named.
func client(roots *x509.CertPool) *http.Client {
	return origin.New(origin.Options{Redirects: origin.Never, Shape: func(t *http.Transport) {
		t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}})
}

// About says which model answers, and where.
func (e *Engine) About() chat.About { return e.about }

// Version is the server's own word for its version; "" when it does not tell.
func (e *Engine) Version() string { return e.version }

// Models are the names that the server lists, those that talk first; nil where it has
// no list.
func (e *Engine) Models() []string { return e.models }

// Checked says whether prompts are compared with the server's own tokens.
func (e *Engine) Checked() bool { return e.confirmed }

// Tokenizer is the vocabulary the server is taken to have.
func (e *Engine) Tokenizer() *tokenizer.Tokenizer { return e.tok }

// SystemPrompt is the miniature's for a server that runs it; others do not tell
// what their model recommends.
func (e *Engine) SystemPrompt() string {
	if !e.about.Model.Miniature {
		return ""
	}
	text, err := assets.Breeze.ReadFile("breeze/SYSTEM_PROMPT.txt")
	if err != nil {
		return ""
	}
	return string(text)
}

// Notices are sentences a person should read once, about this server.
func (e *Engine) Notices() []string { return e.notices }

func (e *Engine) notice(format string, args ...any) {
	e.notices = append(e.notices, fmt.Sprintf(format, args...))
}

// Close gives connections back.
func (e *Engine) Close() { e.http.CloseIdleConnections() }
