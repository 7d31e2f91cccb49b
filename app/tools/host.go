package tools

import (
	"context"
)

// Host is what a server may know of us, and who watches it. The zero Host watches
// nothing.
type Host struct {
	// Observe is asked once for each server, by its name for people.
	Observe func(server string) Observer
}

// Connect starts a server, or connects to it, and reads its list of tools.
func (h *Host) Connect(ctx context.Context, spec ServerSpec) (*Server, error) {
	s := &Server{spec: spec, mask: spec.mask(), host: h}
	s.Switch(spec)
	if h.Observe != nil {
		s.observe = h.Observe(s.Name())
	}
	ctx, stop := context.WithTimeout(ctx, s.startTime())
	defer stop()
	if _, err := s.connected(ctx); err != nil {
		return nil, s.mask.ofError(err)
	}
	return s, nil
}

// Connect is that of a Host that nobody watches.
func Connect(ctx context.Context, spec ServerSpec) (*Server, error) {
	return (&Host{}).Connect(ctx, spec)
}
