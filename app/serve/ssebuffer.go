package serve

import (
	"context"
	"net/http"
	"sync"
	"time"

	"sirocco/app/crash"
)

// sseBufferLimit is how far a client may lag behind before its answer is given up:
// more text than any answer has at once when the client reads at all.
const sseBufferLimit = 8 << 20

// sseBuffer holds server-sent events until the client has taken them, so that a slow
// reader never keeps the engine from the next request.
type sseBuffer struct {
	w           http.ResponseWriter
	contentType string             // of the stream
	cancel      context.CancelFunc // ends the answer when the client is gone

	mu      sync.Mutex
	pending []byte
	lastPut time.Time // when something was added last
	started bool
	broken  bool
	closed  bool
	news    chan struct{} // holds one: there is something to write, or the end
	drained chan struct{} // closed when the writer has ended
}

func newSSEBuffer(w http.ResponseWriter, cancel context.CancelFunc) *sseBuffer {
	return &sseBuffer{w: w, contentType: "text/event-stream; charset=utf-8", cancel: cancel, lastPut: time.Now(), news: make(chan struct{}, 1), drained: make(chan struct{})}
}

// keepAlive adds a sign of life whenever nothing was added for so long: a request that
// waits, or a long prompt that is being read, must not look dead to a client or a
// proxy. It returns what ends it.
func (o *sseBuffer) keepAlive(every time.Duration, sign []byte) (stop func()) {
	done := make(chan struct{})
	crash.Go(func() {
		timer := time.NewTimer(every)
		defer timer.Stop()
		for {
			select {
			case <-done:
				return
			case <-timer.C:
			}
			rest := every - o.silence()
			if rest <= 0 {
				o.put(sign)
				rest = every
			}
			timer.Reset(rest)
		}
	})
	return sync.OnceFunc(func() { close(done) })
}

// silence is how long nothing was added.
func (o *sseBuffer) silence() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Since(o.lastPut)
}

// event adds one event with a value as JSON.
func (o *sseBuffer) event(value any) { o.named("", value) }

// named adds an event that has a name, as the newer APIs give them.
func (o *sseBuffer) named(name string, value any) {
	data, err := marshal(value)
	if err != nil {
		o.giveUp()
		return
	}
	line := "data: "
	if name != "" {
		line = "event: " + name + "\n" + line
	}
	o.put(append(append([]byte(line), data...), "\n\n"...))
}

// line adds a value as a line of JSON, for streams of those.
func (o *sseBuffer) line(value any) {
	data, err := marshal(value)
	if err != nil {
		o.giveUp()
		return
	}
	o.put(append(data, '\n'))
}

// put adds bytes; the first ones start the reply.
func (o *sseBuffer) put(data []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.broken || o.closed {
		return
	}
	o.lastPut = time.Now()
	if !o.started {
		o.started = true
		crash.Go(func() { o.write() })
	}
	if o.pending = append(o.pending, data...); len(o.pending) > sseBufferLimit {
		o.broken, o.pending = true, nil
		o.cancel()
	}
	o.wake()
}

func (o *sseBuffer) wake() {
	select {
	case o.news <- struct{}{}:
	default:
	}
}

// begun reports whether the reply has started, so that its status stands.
func (o *sseBuffer) begun() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.started
}

// finish waits until everything is written or the client is given up.
func (o *sseBuffer) finish() {
	o.mu.Lock()
	started := o.started
	o.closed = true
	o.wake()
	o.mu.Unlock()
	if started {
		<-o.drained
	}
}

// giveUp ends the answer of a client that takes nothing more.
func (o *sseBuffer) giveUp() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.broken, o.pending = true, nil
	o.cancel()
}

// take returns what is to be written next; more is false after the last of it.
func (o *sseBuffer) take() (data []byte, more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	data, o.pending = o.pending, nil
	return data, !o.closed && !o.broken
}

// write runs beside the engine until the outbox is finished.
func (o *sseBuffer) write() {
	defer close(o.drained)
	h := o.w.Header()
	h.Set("Content-Type", o.contentType)
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Accel-Buffering", "no")
	control := http.NewResponseController(o.w)
	for {
		<-o.news
		data, more := o.take()
		control.SetWriteDeadline(time.Now().Add(writeTime))
		_, err := o.w.Write(data)
		if err == nil {
			err = control.Flush()
		}
		if err != nil {
			o.giveUp()
			return
		}
		if !more {
			return
		}
	}
}
