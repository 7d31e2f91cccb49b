package tools

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Kinds of what passes between a server and us.
const (
	Sent     = "sent"     // a message of ours, as it was written
	Received = "received" // a message of the server's, as it came
	Printed  = "printed"  // a line of a program's standard error, or one that is no message
	Answered = "answered" // an HTTP answer that is no message: its status, and what it says
)

// Traffic is one thing that passed between a server and us.
type Traffic struct {
	At   time.Time
	Kind string
	Data []byte
}

// Observer sees the traffic of a server, in order. It must not wait; Data is its own.
type Observer func(Traffic)

// see tells the observer of bytes, without the line's end.
func (o Observer) see(kind string, data []byte) {
	if data = bytes.TrimRight(data, "\r\n"); o != nil && len(data) > 0 {
		o(Traffic{time.Now(), kind, bytes.Clone(data)})
	}
}

// tapped is a writer whose lines are seen.
type tapped struct {
	io.WriteCloser
	observe Observer
}

// Write passes on; the SDK writes a message at a time.
func (t *tapped) Write(p []byte) (int, error) {
	t.observe.see(Sent, p)
	return t.WriteCloser.Write(p)
}

// lines passes on what a program prints and tells of its whole lines.
type lines struct {
	io.Writer
	observe Observer

	mu   sync.Mutex
	rest []byte
}

// maxPrintedLine is where a line without an end is cut for the observer.
const maxPrintedLine = 16 << 10

// Write never fails.
func (l *lines) Write(p []byte) (int, error) {
	if l.observe != nil {
		l.mu.Lock()
		l.rest = append(l.rest, p...)
		for {
			i := bytes.IndexByte(l.rest, '\n')
			if i < 0 && len(l.rest) < maxPrintedLine {
				break
			}
			if i < 0 {
				i = len(l.rest) - 1
			}
			l.observe.see(Printed, l.rest[:i+1])
			l.rest = l.rest[i+1:]
		}
		l.mu.Unlock()
	}
	return l.Writer.Write(p)
}

// tap is a transport whose messages are seen.
type tap struct {
	http.RoundTripper
	observe Observer
	refused func(words string) // is told what an answer that refuses says
}

// RoundTrip tells of the message in a request, and of those in its answer as they
// are read.
func (t *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			data, _ := io.ReadAll(body) // it lies in memory
			t.observe.see(Sent, data)
		}
	}
	response, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	body := &tappedBody{ReadCloser: response.Body, observe: t.observe}
	switch {
	case kind == "text/event-stream" && response.StatusCode < 300:
		body.events = true
	case kind == "application/json" && response.StatusCode < 300:
	default:
		body.head = fmt.Sprintf("%s: HTTP %s", r.Method, response.Status)
		if ask := response.Header.Get("WWW-Authenticate"); ask != "" {
			body.head += "; WWW-Authenticate: " + ask
		}
	}
	if response.StatusCode >= http.StatusBadRequest {
		t.refused(t.peek(response, body))
	}
	response.Body = body
	return response, nil
}

// peek reads the beginning of an answer that refuses, which stays to be read.
func (t *tap) peek(response *http.Response, body *tappedBody) string {
	start, _ := io.ReadAll(io.LimitReader(body.ReadCloser, smallest)) // what came, came
	rest := body.ReadCloser
	body.ReadCloser = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(start), rest), rest}
	body.kept = start
	body.told = true
	words := strings.Join(strings.Fields(string(start)), " ")
	if strings.HasPrefix(words, "<") { // a web page
		words = ""
	}
	if ask := response.Header.Get("WWW-Authenticate"); ask != "" {
		words = strings.TrimSpace(words + " (WWW-Authenticate: " + ask + ")")
	}
	return words
}

// tappedBody tells of the messages of an answer.
type tappedBody struct {
	io.ReadCloser
	observe Observer
	events  bool   // a stream of events
	head    string // of an answer that is no message
	kept    []byte // what was read and not told yet
	data    []byte // of the event that is being read
	told    bool   // kept holds what is told
	once    sync.Once
}

// maxSeen bounds a message that is kept for the observer.
const maxSeen = 16 << 20

// Read tells of what is whole.
func (b *tappedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if len(b.kept) < maxSeen && !b.told {
		b.kept = append(b.kept, p[:n]...)
	}
	if b.events {
		b.event()
	}
	if err != nil {
		b.end()
	}
	return n, err
}

// Close tells of what was read of an answer that nobody reads further.
func (b *tappedBody) Close() error {
	b.end()
	return b.ReadCloser.Close()
}

func (b *tappedBody) end() {
	b.once.Do(func() {
		switch {
		case b.events:
			b.observe.see(Received, b.data)
		case b.head != "":
			said, _ := cut(strings.TrimSpace(string(b.kept)), smallest)
			b.observe.see(Answered, []byte(strings.TrimSpace(b.head+" "+said)))
		default:
			b.observe.see(Received, bytes.TrimSpace(b.kept))
		}
	})
}

// event takes the whole lines of a stream of events apart.
func (b *tappedBody) event() {
	for {
		i := bytes.IndexByte(b.kept, '\n')
		if i < 0 {
			return
		}
		line := bytes.TrimRight(b.kept[:i], "\r")
		b.kept = b.kept[i+1:]
		switch data, ok := bytes.CutPrefix(line, []byte("data:")); {
		case ok && len(b.data) > 0:
			b.data = append(append(b.data, '\n'), bytes.TrimPrefix(data, []byte(" "))...)
		case ok:
			b.data = bytes.Clone(bytes.TrimPrefix(data, []byte(" ")))
		case len(line) == 0:
			b.observe.see(Received, b.data)
			b.data = nil
		}
	}
}
