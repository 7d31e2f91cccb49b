package tools

import (
	"errors"
	"io"
	"net/http"
)

// header adds fields to every request to a server, and bounds its messages.
type header struct{ fields map[string]string }

// RoundTrip sends a request.
func (h header) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, value := range h.fields {
		r.Header.Set(name, value)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		response.Body = &bounded{ReadCloser: response.Body}
	}
	return response, err
}

// bounded is a body that ends with an error when a line of it, and so a message,
// is far too long.
type bounded struct {
	io.ReadCloser
	line int
}

// Read counts what has been read since the last line feed.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	for _, c := range p[:n] {
		if b.line++; c == '\n' {
			b.line = 0
		}
	}
	if b.line > mostMessage {
		return 0, errors.New("the server sent a message of more than " + size(mostMessage))
	}
	return n, err
}
