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

// turn is the device: who holds it computes. Who waits for it gets it in order.
type turn chan struct{}

func (t turn) Lock()   { t <- struct{}{} }
func (t turn) Unlock() { <-t }

// longestPatience bounds how long a pass waits for answers whose last words are
// just being told.
const longestPatience = 20 * time.Millisecond

// together decodes for several answers in one pass, so that the weights are read
// once for all. There is no conductor: of those who wait for the next token, whoever
// gets the device takes the others along.
type together struct {
	turn turn

	mu       sync.Mutex
	waiting  []*step       // in order of arrival
	away     []*step       // were in the last passes, and will be back at once
	patience time.Duration // with them
	came     chan struct{} // somebody came, or went for good

	// of who holds the device
	timer *time.Timer
	steps []*step
	parts []*text.Part

	counted chat.Passes // so far, and chunks of prompts
}

// step is what an answer asks of the device, again and again.
type step struct {
	text.Part
	done   chan struct{} // its pass is over
	err    error
	served time.Time // end of its last pass
	slow   bool      // its listener takes too long to be waited for
}

func newTogether() *together {
	t := &together{turn: make(turn, 1), came: make(chan struct{}, 1), timer: time.NewTimer(time.Hour)}
	t.timer.Stop()
	return t
}

func newStep(d *text.Decoder) *step {
	return &step{Part: text.Part{Decoder: d}, done: make(chan struct{}, 1)}
}

// do waits until a pass has had the step. Guesses among its ids may be left out
// where others want the room. A cancelled ctx ends the waiting, but no pass that
// others are in.
func (t *together) do(ctx context.Context, s *step) error {
	t.arrive(s)
	for {
		select {
		case <-s.done:
			return s.err
		case t.turn <- struct{}{}:
			t.pass(ctx, s)
			t.turn.Unlock()
		case <-ctx.Done():
			if t.withdraw(s) {
				return ctx.Err()
			}
			<-s.done // somebody is at it
			return s.err
		}
	}
}

func (t *together) arrive(s *step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.slow = !s.served.IsZero() && time.Since(s.served) > t.patience
	t.away = without(t.away, s)
	t.waiting = append(t.waiting, s)
	t.knock()
}

// withdraw takes back a step that no pass has begun with.
func (t *together) withdraw(s *step) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := len(t.waiting)
	t.waiting = without(t.waiting, s)
	return len(t.waiting) < before
}

// leave says that an answer is over and its next step will not come.
func (t *together) leave(s *step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.away = without(t.away, s)
	t.knock()
}

// beside reports whether others are decoding, too.
func (t *together) beside(s *step) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	others := len(t.waiting) + len(t.away)
	if slices.Contains(t.away, s) {
		others--
	}
	return others > 0
}

func (t *together) knock() {
	select {
	case t.came <- struct{}{}:
	default:
	}
}

// pass runs one pass for those who wait. The caller has the device.
func (t *together) pass(ctx context.Context, caller *step) {
	t.gather()
	t.take()
	if len(t.steps) == 0 {
		return // somebody took the caller along meanwhile
	}
	if len(t.steps) > 1 || t.steps[0] != caller {
		ctx = context.Background() // others must not end with the caller
	}
	started := time.Now()
	t.end(text.Together(ctx, t.parts), time.Since(started))
}

// gather waits for those who were in the last passes, but not for long.
func (t *together) gather() {
	if t.complete() {
		return
	}
	t.timer.Reset(t.patience)
	defer t.timer.Stop()
	for !t.complete() {
		select {
		case <-t.came:
		case <-t.timer.C:
			t.mu.Lock()
			t.away = t.away[:0]
			t.mu.Unlock()
		}
	}
}

func (t *together) complete() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.waiting) == 0 || len(t.away) == 0 || len(t.waiting) >= op.Together
}

// take begins a pass with those who wait longest. Everybody has a token in it; what
// room is left is shared among their guesses.
func (t *together) take() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.steps, t.parts = t.steps[:0], t.parts[:0]
	rest := t.waiting[:0]
	for _, s := range t.waiting {
		if len(t.steps) == op.Together || len(t.steps) > 0 && !s.Decoder.Joins(t.steps[0].Decoder) {
			rest = append(rest, s)
			continue
		}
		t.steps, t.parts = append(t.steps, s), append(t.parts, &s.Part)
	}
	clear(t.waiting[len(rest):])
	t.waiting = rest
	for _, s := range t.steps {
		s.IDs = s.IDs[:min(len(s.IDs), op.Together/len(t.steps))]
	}
}

// end tells everybody in the pass how it went.
func (t *together) end(err error, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.patience = min(took/4, longestPatience)
	tokens := 0
	for _, s := range t.steps {
		tokens += len(s.IDs)
	}
	t.counted.Decoded(max(len(t.steps), 1), tokens)
	now := time.Now()
	for _, s := range t.steps {
		if s.err = err; err == nil {
			s.err = s.Err
		}
		if s.served = now; !s.slow {
			t.away = append(t.away, s)
		}
		s.done <- struct{}{}
	}
}

// read counts a pass that read a piece of a prompt.
func (t *together) read(tokens int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counted.Read(tokens)
}

// Passes are those since the model was opened (see [chat.Counter]).
func (m *Model) Passes(context.Context) (chat.Passes, bool) {
	t := m.together
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.counted
	p.Served, p.Sizes = slices.Clone(p.Served), slices.Clone(p.Sizes)
	return p, true
}

// without is a list less one step, in the same memory.
func without(list []*step, s *step) []*step {
	if i := slices.Index(list, s); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return list
}
