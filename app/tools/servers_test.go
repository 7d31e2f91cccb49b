package tools

import (
	"context"
	"strings"
	"testing"
)

// A list of servers: each has its state, a bad one costs itself, tools are switched
// while it runs, and what passed is kept.
func TestServers(t *testing.T) {
	good, off := stdioSpec(t), stdioSpec(t)
	off.Name, off.Disabled = "off", true
	changes := make(chan struct{}, 1000)
	s := NewServers([]ServerSpec{good, {Name: "bad", Command: []string{"no-such-program-anywhere"}}, off}, Host{}, func(traffic bool) {
		if !traffic {
			changes <- struct{}{}
		}
	})
	defer s.Close()
	err := s.Settled(context.Background())
	if err == nil || !strings.Contains(err.Error(), "MCP server bad") {
		t.Errorf("%v", err)
	}
	phases := func() string {
		var all []string
		for _, state := range s.States() {
			all = append(all, state.Name()+" "+state.Phase)
		}
		return strings.Join(all, ", ")
	}
	if got := phases(); got != "example running, bad failed, off off" {
		t.Error(got)
	}
	count := len(s.Tools())
	state := s.States()[0]
	if count == 0 || len(state.Tools) != count || state.About.Name != "example" || !state.Offers("echo") {
		t.Errorf("%d tools: %+v", count, state)
	}
	good.DisabledTools = []string{"echo"}
	s.Switch(good)
	if state = s.States()[0]; len(s.Tools()) != count-1 || len(state.Tools) != count || state.Offers("echo") {
		t.Errorf("%d tools after one was switched off", len(s.Tools()))
	}
	if traffic, _ := s.Traffic("example"); len(traffic) < 4 {
		t.Errorf("%d messages were kept", len(traffic))
	}
	off.Disabled = false
	s.Put(off)
	s.Restart("example")
	_ = s.Settled(context.Background())
	if got := phases(); got != "example running, bad failed, off running" {
		t.Error(got)
	}
	if len(s.Tools()) != 2*count-1 {
		t.Errorf("%d tools of two", len(s.Tools()))
	}
	s.Remove("bad")
	off.Disabled = true
	s.Put(off)
	if err := s.Settled(context.Background()); err != nil || phases() != "example running, off off" || len(changes) == 0 {
		t.Errorf("%v: %s", err, phases())
	}
}
