//go:build unix

package engine

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"sirocco/model/chat"
)

// A child that stands still is taken for dead: its answer ends with the reason, its
// place is free, and the next question is answered by a new child.
func TestHungChildIsReplaced(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asChild, "script")
	p, err := Start(context.Background(), Options{Command: []string{self}, Log: io.Discard, Silence: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	first := p.child.command.Process.Pid
	ask := func(text string) (said string, fault error) {
		for event, err := range p.Generate(context.Background(), &chat.Request{Messages: []chat.Message{chat.Text(chat.User, text)}}) {
			if err != nil {
				return said, err
			}
			if event.Kind == chat.KindText {
				if said += event.Text; text == "some slow" {
					if err := syscall.Kill(first, syscall.SIGSTOP); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		return said, nil
	}
	said, fault := ask("some slow")
	var died *Died
	if !errors.As(fault, &died) || !strings.Contains(died.Reason, "said nothing for 5 seconds") || said != "some" {
		t.Errorf("got %q, %v", said, fault)
	}
	if said, fault := ask("again"); said != "again" || fault != nil || p.child.command.Process.Pid == first {
		t.Errorf("the next question got %q, %v from child %d, the first was %d", said, fault, p.child.command.Process.Pid, first)
	}
}

// A child whose answer takes long says that it lives.
func TestChildSaysThatItLives(t *testing.T) {
	in, out := io.Pipe()
	done := make(chan struct{})
	defer close(done)
	sayAlive(&writer{encoder: encoder(out)}, time.Millisecond, done)
	decoder := json.NewDecoder(in)
	for range 3 {
		var n news
		if err := decoder.Decode(&n); err != nil || !n.Alive || n.ID != 0 {
			t.Fatalf("got %+v, %v", n, err)
		}
	}
	in.Close() // the parent goes: the next line finds nobody
}

// A parent that is slow to take a line is not the child's silence.
func TestSlowListenerIsNotSilence(t *testing.T) {
	p := newPulse()
	p.began = time.Now().Add(-time.Hour)
	p.beat()
	if p.sinceLastBeat() > time.Minute {
		t.Error("what was heard just now counts as silence")
	}
	p.lastBeat.Store(0)
	if p.sinceLastBeat() < time.Minute {
		t.Error("an hour of silence is not noticed")
	}
	p.busy.Store(true)
	if p.sinceLastBeat() != 0 {
		t.Error("silence is counted while a line is handed on")
	}
}
