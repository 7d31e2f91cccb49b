package history

import (
	"errors"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// A second program on the same history leaves alone what the first has deleted
// and what it is writing.
func TestTwoPrograms(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	deleted := must(first.New(Preset{}))(t)
	if err := first.Delete(deleted); err != nil {
		t.Fatal(err)
	}
	id := must(first.New(Preset{}))(t)
	ask := must(first.Append(id, 0, chat.Text(chat.User, "ask")))(t)
	running := must(first.Record(id, ask, &chat.Request{}))(t)
	if err := running.Add(text("one ")); err != nil {
		t.Fatal(err)
	}
	second := open(t, dir)
	if err := first.Restore(deleted); err != nil {
		t.Error(err)
	}
	if err := running.Add(text("two")); err != nil {
		t.Error(err)
	}
	if err := running.Close(); err != nil {
		t.Error(err)
	}
	if shown := words(must(second.Messages(id))(t)); len(shown) != 2 || shown[1] != "one two" {
		t.Errorf("the second program sees %q", shown)
	}
}

// A full disk at the start: everything is shown, the answer that was cut off too.
func TestFullDiskAtStart(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenWith(dir, Options{MaxPages: 60})
	if err != nil {
		t.Fatal(err)
	}
	id := must(s.New(Preset{}))(t)
	ask := must(s.Append(id, 0, chat.Text(chat.User, "ask")))(t)
	r := must(s.Record(id, ask, &chat.Request{}))(t)
	for err = nil; err == nil; {
		err = r.Add(text(strings.Repeat("word ", 100)))
	}
	s.Close()
	s, err = OpenWith(dir, Options{MaxPages: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := words(must(s.Messages(id))(t)); len(got) != 2 || !strings.HasPrefix(got[1], "word ") {
		t.Errorf("shown: %.100q", got)
	}
	if len(must(s.Search("word"))(t)) != 1 {
		t.Error("search finds nothing")
	}
	if !strings.Contains(s.Notice(), "the disk is full") {
		t.Errorf("the notice is %q", s.Notice())
	}
	if _, err := s.New(Preset{}); err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("something new was kept: %v", err)
	}
}
