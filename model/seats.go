package model

import (
	"slices"
	"sync"

	"sirocco/model/text"
)

// seat is a place for one conversation: a decoder over the weights that all share,
// with keys and values of its own, and what they hold.
type seat struct {
	text *text.Decoder
	held prefix
}

// seats lets as many answers be made at once as there are seats. They take turns on
// the device, or go together (together.go), so a short answer does not wait for a
// long one.
type seats struct {
	free chan struct{} // holds one for each free seat; who waits longest gets it

	mu   sync.Mutex
	idle []*seat // least recently used first
}

// newSeats has a seat for a decoder and for each of its others.
func newSeats(first *text.Decoder) *seats {
	s := &seats{free: make(chan struct{}, mostSeats)}
	for _, d := range append([]*text.Decoder{first}, first.Others()...) {
		s.give(&seat{text: d})
	}
	return s
}

// take waits for a free seat. Of several it is the one whose conversation goes on,
// else the one that was not used for longest, so that others find theirs again. It
// is nil when done comes first.
func (s *seats) take(done <-chan struct{}, next prefix) *seat {
	select {
	case <-s.free:
	case <-done:
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	best, most := 0, 0
	for i, seat := range s.idle {
		shared := seat.held.shared(next)
		if shared > most && 2*shared >= min(len(seat.held.ids), len(next.ids)) { // not just the same first words
			best, most = i, shared
		}
	}
	chosen := s.idle[best]
	s.idle = slices.Delete(s.idle, best, best+1)
	return chosen
}

func (s *seats) give(seat *seat) {
	s.mu.Lock()
	s.idle = append(s.idle, seat)
	s.mu.Unlock()
	s.free <- struct{}{}
}

// forget empties all seats. None may be taken.
func (s *seats) forget() {
	for _, seat := range s.idle {
		seat.held = prefix{}
	}
}

// mostSeats bounds the answers that are made at once.
const mostSeats = 64
