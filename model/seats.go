package model

import (
	"fmt"
	"slices"
	"sync"

	"sirocco/gpu"
	"sirocco/model/text"
)

// seat is a place for one conversation: a decoder over the weights that all share,
// with keys and values of its own, and what they hold.
type seat struct {
	text *text.Decoder
	held prefix
}

// seats lets as many answers be made at once as there are seats. They take turns on
// the device step by step, so a short answer does not wait for a long one.
type seats struct {
	free chan struct{} // holds one for each free seat; who waits longest gets it

	mu   sync.Mutex
	idle []*seat // least recently used first
}

// newSeats begins with one seat.
func newSeats(first *text.Decoder) *seats {
	s := &seats{free: make(chan struct{}, mostSeats)}
	s.give(&seat{text: first})
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

// close gives back what the seats beside the first hold. None may be taken.
func (s *seats) close(first *text.Decoder) {
	for _, seat := range s.idle {
		if seat.text != first {
			seat.text.Leave()
		}
	}
}

const (
	// mostSeats bounds the answers that are made at once.
	mostSeats = 64
	// unknownRoom is the memory that further seats may take on an adapter that
	// does not tell how much it has free.
	unknownRoom = 512 << 20
)

// seatMore adds seats until there are as many as asked for, or no room for more.
func (m *Model) seatMore(asked int) error {
	m.seats = newSeats(m.text)
	further, each := m.further(min(asked, mostSeats) - 1)
	for range further {
		another, err := m.text.Another()
		if err != nil {
			return fmt.Errorf("setting up the conversations that go on at once: %w; give --parallel a smaller number", err)
		}
		m.seats.give(&seat{text: another})
	}
	m.parallel = 1 + further
	if further > 0 {
		m.plan.Items = append(m.plan.Items, PlanItem{fmt.Sprintf("keys and values of %d more conversations", further), int64(further) * each})
	}
	if m.parallel < asked {
		m.notices = append(m.notices, fmt.Sprintf("%d answers are made at once instead of %d: each takes %s for its keys and values (--ctx makes that less)", m.parallel, asked, gpu.Bytes(each)))
	}
	return nil
}

// further is how many conversations of those wanted find room beside the first, and
// what each takes.
func (m *Model) further(wanted int) (n int, each int64) {
	layer, _ := text.Footprint(m.config.Text, text.Options{Context: m.plan.Context, KV: m.plan.KV})
	n = max(wanted, 0)
	for _, place := range m.plan.Places {
		here := layer * int64(place.Layers)
		each += here
		room := int64(unknownRoom)
		if place.Free > 0 {
			room = max(place.Free-place.Headroom-place.Bytes, 0)
		}
		n = min(n, int(room/max(here, 1)))
	}
	return n, each
}
