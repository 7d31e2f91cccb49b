package tools

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"sirocco/app/crash"
)

// wiredHTTP shows the messages of requests and responses to a wire.
type wiredHTTP struct {
	next http.RoundTripper
	wire *wire
}

// RoundTrip sends a request. What comes back is as the SDK can read it.
func (t *wiredHTTP) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && r.Body != nil {
		data, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		t.wire.sent(data)
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(data))
	}
	response, err := t.begin(r)
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case kind == "text/event-stream":
		response.Header.Set("Content-Type", kind)
		response.Body = &eventStream{ReadCloser: response.Body, in: bufio.NewReaderSize(response.Body, 1<<16), wire: t.wire}
	case kind == "application/json" && response.StatusCode == http.StatusOK:
		response.Header.Set("Content-Type", kind)
		if err := t.whole(response); err != nil {
			return nil, err
		}
	}
	return response, nil
}

// headTime is how long a stream of a server's own messages may take to begin. Some
// servers send its head with the first message, which may never come.
const headTime = 3 * time.Second

// begin sends a request. A stream whose head does not come is taken to be there, and
// read when it is: waiting for it must not keep the connection from being used.
func (t *wiredHTTP) begin(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet || !strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		return t.next.RoundTrip(r)
	}
	ctx, cancel := context.WithCancel(r.Context())
	late := &lateBody{come: make(chan struct{}), cancel: cancel}
	crash.Go(func() {
		defer close(late.come)
		late.err = crash.Try(func() (err error) {
			late.response, err = t.next.RoundTrip(r.WithContext(ctx))
			return err
		})
	})
	timer := time.NewTimer(headTime)
	defer timer.Stop()
	select {
	case <-late.come:
		if late.err != nil {
			cancel()
			return nil, late.err
		}
		late.response.Body = &cancelBody{late.response.Body, cancel}
		return late.response, nil
	case <-timer.C:
		return &http.Response{Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: late, ContentLength: -1}, nil
	}
}

// cancelBody frees what belongs to a request when its response has been read.
type cancelBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *cancelBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// lateBody is the body of a response whose head has not come yet.
type lateBody struct {
	come     chan struct{} // closed when the response, or an error, is there
	response *http.Response
	err      error
	cancel   context.CancelFunc
}

func (b *lateBody) Read(p []byte) (int, error) {
	<-b.come
	if b.err != nil {
		return 0, b.err
	}
	if b.response.StatusCode != http.StatusOK {
		return 0, io.EOF
	}
	return b.response.Body.Read(p)
}

// Close ends the request, wherever it stands.
func (b *lateBody) Close() error {
	b.cancel()
	<-b.come
	if b.response == nil {
		return nil
	}
	return b.response.Body.Close()
}

// whole reads a response that is one message. A body that is none is left to the SDK.
func (t *wiredHTTP) whole(response *http.Response) error {
	data, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return err
	}
	switch came := t.wire.all(data); len(came) {
	case 0:
	case 1:
		data = came[0]
	default:
		data = append(append([]byte("["), bytes.Join(came, []byte(","))...), ']')
	}
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	response.Header.Del("Content-Length")
	return nil
}

// eventStream reads server-sent events and shows their messages to a wire.
type eventStream struct {
	io.ReadCloser
	in    *bufio.Reader
	wire  *wire
	ready []byte // of an event, what was not read yet
}

// Read gives the next bytes of an event.
func (s *eventStream) Read(p []byte) (int, error) {
	for len(s.ready) == 0 {
		event, err := s.event()
		if s.ready = event; len(event) == 0 && err != nil {
			return 0, err
		}
	}
	n := copy(p, s.ready)
	s.ready = s.ready[n:]
	return n, nil
}

// event reads the lines up to an empty one. The event of a message is written anew with
// what the wire makes of it; others, and those without data, stay as they are.
func (s *eventStream) event() ([]byte, error) {
	var all, head, data []byte
	name, lines := "", 0
	for {
		line, err := readLine(s.in)
		all = append(all, line...)
		text := strings.TrimRight(string(line), "\r\n")
		field, value, _ := strings.Cut(text, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case err != nil || text == "":
			if len(data) == 0 || name != "" && name != "message" {
				return all, err
			}
			came := s.wire.all(data)
			if len(came) == 0 {
				return all, err
			}
			for _, out := range came {
				out = bytes.ReplaceAll(out, []byte("\n"), []byte(" ")) // between things alone: strings have none
				head = append(append(append(head, "data: "...), out...), "\n\n"...)
			}
			return head, err
		case field == "data":
			if lines++; lines > 1 {
				data = append(data, '\n')
			}
			data = append(data, value...)
			continue
		case field == "event":
			name = value
		}
		head = append(append(head, text...), '\n')
	}
}
