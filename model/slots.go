package model

import (
	"slices"
	"sync"

	"sirocco/model/text"
)

// slot is a place for one conversation: a decoder over the weights that all share,
// with keys and values of its own, and what they hold.
type slot struct {
	text   *text.Decoder
	cached prefix
}

// slotPool lets as many answers be made at once as there are slots. They take turns on
// the device, or go together (batcher.go), so a short answer does not wait for a
// long one.
type slotPool struct {
	free chan struct{} // holds one for each free slot; who waits longest gets it

	mu   sync.Mutex
	idle []*slot // least recently used first
}

// newSlotPool has a slot for a decoder and for each of its others.
func newSlotPool(first *text.Decoder) *slotPool {
	s := &slotPool{free: make(chan struct{}, maxSlots)}
	for _, d := range append([]*text.Decoder{first}, first.Others()...) {
		s.release(&slot{text: d})
	}
	return s
}

// acquire waits for a free slot. Of several it is the one whose conversation goes on,
// else the one that was not used for longest, so that others find theirs again. It
// is nil when done comes first.
func (s *slotPool) acquire(done <-chan struct{}, next prefix) *slot {
	select {
	case <-s.free:
	case <-done:
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	best, most := 0, 0
	for i, slot := range s.idle {
		shared := slot.cached.common(next)
		if shared > most && 2*shared >= min(len(slot.cached.ids), len(next.ids)) { // not just the same first words
			best, most = i, shared
		}
	}
	chosen := s.idle[best]
	s.idle = slices.Delete(s.idle, best, best+1)
	return chosen
}

func (s *slotPool) release(slot *slot) {
	s.mu.Lock()
	s.idle = append(s.idle, slot)
	s.mu.Unlock()
	s.free <- struct{}{}
}

// clear empties all slots. None may be taken.
func (s *slotPool) clear() {
	for _, slot := range s.idle {
		slot.cached = prefix{}
	}
}

// maxSlots bounds the answers that are made at once.
const maxSlots = 64
