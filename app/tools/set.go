package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"sirocco/app/crash"
)

// Provider is where tools come from. Its list may change at any time; a Set
// reads it anew for every answer. Methods may be called from any goroutine.
type Provider interface {
	Tools() []Tool
	Close() error
}

// List is a Provider of tools that do not change.
type List []Tool

// Tools gives the list.
func (l List) Tools() []Tool { return l }

// Close does nothing.
func (l List) Close() error { return nil }

// Set is all the tools of a conversation or of the whole program.
type Set struct {
	mu        sync.Mutex
	providers []Provider
}

// NewSet gathers providers. The set closes them.
func NewSet(providers ...Provider) *Set { return &Set{providers: providers} }

// Add appends a provider.
func (s *Set) Add(p Provider) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.providers = append(s.providers, p)
}

// Tools are all tools as they are now, with names that the chat template takes
// (1 to 64 letters, digits, dashes or underscores) and that differ. The same
// providers give the same names.
func (s *Set) Tools() []Tool {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	providers := append([]Provider(nil), s.providers...)
	s.mu.Unlock()
	var all []Tool
	count := map[string]int{}
	for _, p := range providers {
		for _, t := range p.Tools() {
			t.Name = plainName(t.Name)
			count[t.Name]++
			all = append(all, t)
		}
	}
	taken := map[string]bool{}
	for i := range all {
		name := all[i].Name
		if count[name] > 1 && all[i].server != "" { // two servers with the same word: whose it is stands in front
			name = plainName(all[i].server + "_" + name)
		}
		all[i].Name = unique(name, taken)
	}
	return all
}

// refresher is a Provider whose list has to be asked for when it changed.
type refresher interface{ Refresh(context.Context) }

// Refresh lets every provider bring its list up to date.
func (s *Set) Refresh(ctx context.Context) {
	if s == nil {
		return
	}
	s.mu.Lock()
	var due []refresher
	for _, p := range s.providers {
		if r, ok := p.(refresher); ok {
			due = append(due, r)
		}
	}
	s.mu.Unlock()
	refreshAll(ctx, due)
}

// refreshAll refreshes all at the same time, and waits for the last.
func refreshAll[R refresher](ctx context.Context, due []R) {
	var refreshed sync.WaitGroup
	for _, r := range due {
		refreshed.Add(1)
		crash.Go(func() {
			defer refreshed.Done()
			_ = crash.Try(func() error { r.Refresh(ctx); return nil })
		})
	}
	refreshed.Wait()
}

// Close closes every provider.
func (s *Set) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed []error
	for _, p := range s.providers {
		failed = append(failed, p.Close())
	}
	s.providers = nil
	return errors.Join(failed...)
}

// maxName is the template's limit.
const maxName = 64

// plainName replaces what a tool's name may not hold.
func plainName(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '-':
			return r
		}
		return '_'
	}, name)
	if plain == "" {
		plain = "tool"
	}
	return plain[:min(len(plain), maxName)]
}

// unique numbers a name that is taken already.
func unique(name string, taken map[string]bool) string {
	free := name
	for n := 2; taken[free]; n++ {
		number := fmt.Sprintf("_%d", n)
		free = name[:min(len(name), maxName-len(number))] + number
	}
	taken[free] = true
	return free
}
