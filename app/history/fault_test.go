package history

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// On a full disk an error says so, what was there stays, and what comes after
// some space was freed is saved.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenWith(dir, Options{MaxPages: 60})
	if err != nil {
		t.Fatal(err)
	}
	id := must(s.New(Preset{}))(t)
	first := must(s.Append(id, 0, chat.Text(chat.User, "small")))(t)
	_, err = s.Append(id, first, chat.Text(chat.User, strings.Repeat("large ", 100_000)))
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "free some space") {
		t.Errorf("a full disk gave %v", err)
	}
	r := must(s.Record(id, first, &chat.Request{}))(t)
	for err = nil; err == nil; {
		err = r.Add(text(strings.Repeat("word ", 1000)))
	}
	if !errors.Is(err, ErrFull) {
		t.Errorf("a full disk gave %v in mid-answer", err)
	}
	s.Close()
	s = open(t, dir)
	shown := must(s.Messages(id))(t)
	if got := words(shown); len(got) != 2 || got[0] != "small" || !strings.HasPrefix(got[1], "word ") || shown[1].Finish != Interrupted {
		t.Errorf("after the disk was full: %.80q", got)
	}
}

// A file that is no database is kept under another name, and the history begins
// anew.
func TestNoDatabase(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "history.db"), []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if !strings.Contains(s.Notice(), "damaged") {
		t.Errorf("the notice is %q", s.Notice())
	}
	copies, _ := filepath.Glob(filepath.Join(dir, "history.db.damaged-*"))
	if len(copies) == 0 {
		t.Error("no copy was kept")
	}
	must(s.New(Preset{}))(t)
}

// A database damaged in the middle is repaired when it is opened: every
// conversation is there, and each message that is not damaged.
func TestDamagedInTheMiddle(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for range 40 {
		id := must(s.New(Preset{}))(t)
		must(s.Append(id, 0, chat.Text(chat.User, strings.Repeat("some words ", 300))))(t)
	}
	s.Close()
	damage(t, filepath.Join(dir, "history.db"))
	s = open(t, dir)
	list, whole := must(s.Conversations())(t), 0
	for _, c := range list {
		whole += len(must(s.Messages(c.ID))(t))
	}
	if len(list) != 40 || whole < 20 || whole == 40 || !strings.Contains(s.Notice(), "saved") {
		t.Errorf("%d of 40 conversations with %d messages were saved; %s", len(list), whole, s.Notice())
	}
}

// damage overwrites a stretch of the overflow pages in the middle of a file.
func damage(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(data) / 2; i < len(data)/2+12*4096; i++ {
		data[i] = 0xa5
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
