package serve

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"sirocco/app/openai"
)

// What a body may cost. A body that comes slower than slowest is given up, so that
// nobody holds memory by trickling.
const (
	bodyTimeout = 15 * time.Second
	slowest     = 100 << 10 // bytes per second, after patience
	small       = 1 << 20   // bodies up to here are read however many others there are
	bodyMemory  = 256 << 20 // all larger ones together
	maxValues   = 1_000_000 // JSON values: each takes a hundred times the room of its text
)

// bodies counts the bytes of large bodies that are being worked on.
type bodies struct {
	bytes     atomic.Int64
	releasing atomic.Bool
}

// read returns a request's body and what gives its memory back when the request
// has been answered.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (data []byte, free func(), err error) {
	if r.ContentLength > openai.MaxSize {
		w.Header().Set("Connection", "close")
		return nil, nil, &http.MaxBytesError{Limit: openai.MaxSize}
	}
	paced := &pacedBody{
		in:      http.MaxBytesReader(w, r.Body, openai.MaxSize),
		control: http.NewResponseController(w),
		bodies:  &s.bodies,
		began:   time.Now(),
	}
	defer paced.control.SetReadDeadline(time.Time{})
	data, err = unpacked(r.Header.Get("Content-Encoding"), paced)
	if err == nil {
		err = countValues(data)
	}
	if err != nil {
		paced.free()
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			w.Header().Set("Connection", "close")
			err = &problem{Status: http.StatusRequestTimeout, Type: "invalid_request_error", Message: "the request came too slowly"}
		} else if _, known := asProblem(err); !known {
			err = invalid("", "the request's body could not be read to its end")
		}
		return nil, nil, err
	}
	occupy(r)
	return data, paced.free, nil
}

// unpacked reads a body that may be packed with gzip. What it is unpacked to is bounded
// like a body that is not packed.
func unpacked(encoding string, body io.Reader) ([]byte, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return io.ReadAll(body)
	case "gzip", "x-gzip":
	default:
		return nil, &problem{Status: http.StatusUnsupportedMediaType, Type: "invalid_request_error",
			Message: "the request's body is packed in a way that is not understood here; send it as it is, or packed with gzip"}
	}
	plain, err := gzip.NewReader(body)
	if err != nil {
		return nil, invalid("", "the request's body is said to be packed with gzip, but is not")
	}
	data, err := io.ReadAll(io.LimitReader(plain, openai.MaxSize+1))
	switch {
	case len(data) > openai.MaxSize:
		return nil, &http.MaxBytesError{Limit: openai.MaxSize}
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, invalid("", "the request's body is packed with gzip and damaged")
	}
	return data, err
}

// pacedBody reads a body at a least speed and within the memory for bodies.
type pacedBody struct {
	in      io.Reader
	control *http.ResponseController
	bodies  *bodies
	began   time.Time
	size    int64
	counted int64 // of bodies.bytes
}

func (b *pacedBody) Read(to []byte) (int, error) {
	b.control.SetReadDeadline(b.due())
	n, err := b.in.Read(to)
	b.size += int64(n)
	if large := b.size - small - b.counted; large > 0 {
		b.counted += large
		if b.bodies.bytes.Add(large) > bodyMemory {
			return n, busy("too many large requests are being answered; try again a little later", retry)
		}
	}
	return n, err
}

// due is when the next bytes must have come.
func (b *pacedBody) due() time.Time {
	return b.began.Add(bodyTimeout + time.Duration(b.size)*time.Second/slowest)
}

// free gives the body's memory back. What a large one was taken apart into is many
// times its size, and Go would keep it for minutes.
func (b *pacedBody) free() {
	b.bodies.bytes.Add(-b.counted)
	if b.size > small {
		b.bodies.release()
	}
}

// release returns unused memory to the system a little later, once for many requests.
func (b *bodies) release() {
	if b.releasing.CompareAndSwap(false, true) {
		time.AfterFunc(5*time.Second, func() {
			b.releasing.Store(false)
			debug.FreeOSMemory()
		})
	}
}

// countValues refuses JSON of very many values before it is taken apart.
func countValues(data []byte) error {
	values, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++ // outside of strings this is no JSON anyway
		case '"':
			quoted = !quoted
		case ',': // nesting without commas is bounded by its depth
			if !quoted {
				values++
			}
		}
	}
	if values > maxValues {
		return invalid("", fmt.Sprintf("the request has more than %d JSON values", maxValues))
	}
	return nil
}
