package tools

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"sirocco/app/origin"
)

// client speaks with a server over HTTP. Its headers, which may hold keys, go to
// its own origin alone, and its messages are bounded.
func (s *ServerSpec) client(w *wire, observe Observer, refused func(words string)) *http.Client {
	client := origin.New(origin.Options{Redirects: origin.Within, For: s.URL, Fields: s.Headers, Body: bound})
	client.Transport = &wiredHTTP{next: &tap{client.Transport, observe, refused}, wire: w}
	return client
}

// signs says that a server may ask a person to sign in: one whose entry has no key.
func (s *ServerSpec) signs() bool {
	for name := range s.Headers {
		if strings.EqualFold(name, "Authorization") {
			return false
		}
	}
	return s.URL != ""
}

// bound bounds the messages of an answer.
func bound(r *http.Response) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	r.Body = &bounded{ReadCloser: r.Body, events: kind == "text/event-stream"}
}

// bounded is a body that ends with an error when a message of it is far too long:
// a line of a stream of events, else all of it.
type bounded struct {
	io.ReadCloser
	events bool
	line   int
}

// Read counts what has been read since the last line feed.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	for _, c := range p[:n] {
		if b.line++; c == '\n' && b.events {
			b.line = 0
		}
	}
	if b.line > maxMessage {
		return 0, errors.New("the server sent a message of more than " + size(maxMessage))
	}
	return n, err
}
