package model

import (
	"context"
	"slices"
	"sync"
	"time"

	"sirocco/gpu/op"
	"sirocco/model/chat"
	"sirocco/model/text"
)

// deviceLock is the device: who holds it computes. Who waits for it gets it in order.
type deviceLock chan struct{}

func (t deviceLock) Lock()   { t <- struct{}{} }
func (t deviceLock) Unlock() { <-t }

// maxBatchWait bounds how long a pass waits for answers whose last words are
// just being told.
const maxBatchWait = 20 * time.Millisecond

// batcher decodes for several answers in one pass, so that the weights are read
// once for all. There is no conductor: of those who wait for the next token, whoever
// gets the device takes the others along.
type batcher struct {
	deviceLock deviceLock

	mu        sync.Mutex
	waiting   []*decodeRequest // in order of arrival
	pending   []*decodeRequest // were in the last passes, and will be back at once
	batchWait time.Duration    // with them
	wake      chan struct{}    // somebody came, or went for good

	// of who holds the device
	timer     *time.Timer
	batch     []*decodeRequest
	sequences []*text.Sequence

	passes chat.Passes // so far, and chunks of prompts
}

// decodeRequest is what an answer asks of the device, again and again.
type decodeRequest struct {
	text.Sequence
	done   chan struct{} // its pass is over
	err    error
	served time.Time // end of its last pass
	isSlow bool      // its listener takes too long to be waited for
}

func newBatcher() *batcher {
	t := &batcher{deviceLock: make(deviceLock, 1), wake: make(chan struct{}, 1), timer: time.NewTimer(time.Hour)}
	t.timer.Stop()
	return t
}

func newDecodeRequest(d *text.Decoder) *decodeRequest {
	return &decodeRequest{Sequence: text.Sequence{Decoder: d}, done: make(chan struct{}, 1)}
}

// run waits until a pass has had the step. Guesses among its ids may be left out
// where others want the room. A cancelled ctx ends the waiting, but no pass that
// others are in.
func (t *batcher) run(ctx context.Context, s *decodeRequest) error {
	t.arrive(s)
	for {
		select {
		case <-s.done:
			return s.err
		case t.deviceLock <- struct{}{}:
			t.pass(ctx, s)
			t.deviceLock.Unlock()
		case <-ctx.Done():
			if t.withdraw(s) {
				return ctx.Err()
			}
			<-s.done // somebody is at it
			return s.err
		}
	}
}

func (t *batcher) arrive(s *decodeRequest) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.isSlow = !s.served.IsZero() && time.Since(s.served) > t.batchWait
	t.pending = without(t.pending, s)
	t.waiting = append(t.waiting, s)
	t.notify()
}

// withdraw takes back a step that no pass has begun with.
func (t *batcher) withdraw(s *decodeRequest) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := len(t.waiting)
	t.waiting = without(t.waiting, s)
	return len(t.waiting) < before
}

// leave says that an answer is over and its next step will not come.
func (t *batcher) leave(s *decodeRequest) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending = without(t.pending, s)
	t.notify()
}

// hasPeers reports whether others are decoding, too.
func (t *batcher) hasPeers(s *decodeRequest) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	others := len(t.waiting) + len(t.pending)
	if slices.Contains(t.pending, s) {
		others--
	}
	return others > 0
}

func (t *batcher) notify() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// pass runs one pass for those who wait. The caller has the device.
func (t *batcher) pass(ctx context.Context, caller *decodeRequest) {
	t.gather()
	t.collect()
	if len(t.batch) == 0 {
		return // somebody took the caller along meanwhile
	}
	if len(t.batch) > 1 || t.batch[0] != caller {
		ctx = context.Background() // others must not end with the caller
	}
	started := time.Now()
	t.end(text.DecodeBatch(ctx, t.sequences), time.Since(started))
}

// gather waits for those who were in the last passes, but not for long.
func (t *batcher) gather() {
	if t.isComplete() {
		return
	}
	t.timer.Reset(t.batchWait)
	defer t.timer.Stop()
	for !t.isComplete() {
		select {
		case <-t.wake:
		case <-t.timer.C:
			t.mu.Lock()
			t.pending = t.pending[:0]
			t.mu.Unlock()
		}
	}
}

func (t *batcher) isComplete() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.waiting) == 0 || len(t.pending) == 0 || len(t.waiting) >= op.MaxBatch
}

// collect begins a pass with those who wait longest. Everybody has a token in it; what
// room is left is shared among their guesses.
func (t *batcher) collect() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.batch, t.sequences = t.batch[:0], t.sequences[:0]
	rest := t.waiting[:0]
	for _, s := range t.waiting {
		if len(t.batch) == op.MaxBatch || len(t.batch) > 0 && !s.Decoder.SharesPool(t.batch[0].Decoder) {
			rest = append(rest, s)
			continue
		}
		t.batch, t.sequences = append(t.batch, s), append(t.sequences, &s.Sequence)
	}
	clear(t.waiting[len(rest):])
	t.waiting = rest
	for _, s := range t.batch {
		s.IDs = s.IDs[:min(len(s.IDs), op.MaxBatch/len(t.batch))]
	}
}

// end tells everybody in the pass how it went.
func (t *batcher) end(err error, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.batchWait = min(took/4, maxBatchWait)
	tokens := 0
	for _, s := range t.batch {
		tokens += len(s.IDs)
	}
	t.passes.Decoded(max(len(t.batch), 1), tokens)
	now := time.Now()
	for _, s := range t.batch {
		if s.err = err; err == nil {
			s.err = s.Err
		}
		if s.served = now; !s.isSlow {
			t.pending = append(t.pending, s)
		}
		s.done <- struct{}{}
	}
}

// countPrefill counts a pass that read a piece of a prompt.
func (t *batcher) countPrefill(tokens int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.passes.Read(tokens)
}

// Passes are those since the model was opened (see [chat.Counter]).
func (m *Model) Passes(context.Context) (chat.Passes, bool) {
	t := m.batcher
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.passes
	p.Served, p.Sizes = slices.Clone(p.Served), slices.Clone(p.Sizes)
	return p, true
}

// without is a list less one step, in the same memory.
func without(list []*decodeRequest, s *decodeRequest) []*decodeRequest {
	if i := slices.Index(list, s); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return list
}
