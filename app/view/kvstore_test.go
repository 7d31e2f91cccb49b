package view

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sirocco/model/chat"
)

// Switched on, each conversation has a file in which the engine keeps what it has
// read, also after a start; the file goes with its conversation, and all go when it
// is switched off.
func TestWhatWasReadIsKept(t *testing.T) {
	folder := t.TempDir()
	d := newTestWindow(t, folder)
	if d.ask("one"); d.engine.asked[0].Resume != "" {
		t.Fatalf("unasked, it is kept in %s", d.engine.asked[0].Resume)
	}
	d.KeepRead(true)
	d.ask("two")
	first := d.engine.asked[1].Resume
	d.until("it is counted", func() bool { return d.KVStore.Files == 1 && d.KVStore.Bytes == int64(len(chat.KVSnapshotMagic)+4) })
	if filepath.Dir(first) != folder+"/read" || !strings.HasPrefix(d.KeptLine(), "on disk now: 1 kB of 1 conversations") {
		t.Errorf("it is kept in %s; %q", first, d.KeptLine())
	}
	session, err := d.store.Turn(d.Last().Turn)
	if err != nil || session.Request.Resume != "" {
		t.Errorf("the history has the file %q, %v", session.Request.Resume, err)
	}
	id := d.Conversation
	d.NewChat()
	d.ask("three")
	if again := d.engine.asked[2].Resume; again == first || again == "" {
		t.Errorf("another conversation is kept in %q", again)
	}

	d.Delete(id, "one")
	d.until("its file is gone", func() bool { _, err := os.Stat(first); return err != nil })
	d.KeepRead(false)
	d.until("all are gone", func() bool { return d.KVStore.Files == 0 && len(d.KVStore.list()) == 0 })
}

// A remote server keeps its own.
func TestWhatAServerReadIsNotKept(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.KeepRead(true)
	d.Switch(Choice{Remote: "http://gpu-box:8000"})
	if d.ask("one"); d.engine.asked[0].Resume != "" {
		t.Errorf("it is kept in %s", d.engine.asked[0].Resume)
	}
}

// Where somebody else's file lies, or nothing can be written, the answer says so and
// comes all the same. What the engine finds damaged it says itself.
func TestKeptFilesThatAreNoneOfOurs(t *testing.T) {
	for name, c := range map[string]struct {
		lie  func(path string) error
		want string
	}{
		"a photograph": {func(path string) error { return os.WriteFile(path, []byte("\x89PNG, a photograph"), 0o600) }, "none of Sirocco's files"},
		"a letter":     {func(path string) error { return os.WriteFile(path, []byte("x"), 0o600) }, "none of Sirocco's files"},
		"a folder":     {func(path string) error { return os.Mkdir(path, 0o700) }, "is a directory"},
		"nothing yet":  {func(path string) error { return os.WriteFile(path, nil, 0o600) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := newTestWindow(t, t.TempDir())
			d.ask("one")
			d.KeepRead(true)
			path := d.KVStore.path(d.Conversation)
			if err := os.MkdirAll(d.KVStore.folder, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := c.lie(path); err != nil {
				t.Fatal(err)
			}
			a := d.ask("two").Answer
			said := strings.Join(a.Notices, " ")
			if a.State != Finished || a.Text != "two " || !strings.Contains(said, c.want) || said == "" != (c.want == "") {
				t.Errorf("the answer is %q and says %q", a.Text, said)
			}
			if said := d.Remarks(d.Last()); len(said) > 0 != (c.want != "") {
				t.Errorf("remarked is %q", said)
			}
			if d.ask("three"); len(d.Remarks(d.Last())) != 0 {
				t.Errorf("remarked again is %q", d.Remarks(d.Last()))
			}
			if kept := d.engine.asked[1].Resume; kept == "" != (c.want != "") {
				t.Errorf("it is kept in %q", kept)
			}
		})
	}
}

// The oldest go where all take too much, and those of conversations that are gone.
func TestKeptFilesAreTidied(t *testing.T) {
	k := &KVStore{folder: t.TempDir()}
	for i := range 5 {
		path := k.path(int64(i))
		if err := os.WriteFile(path, make([]byte, 1000), 0o600); err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(time.Duration(i-5) * time.Hour)
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	other := filepath.Join(k.folder, "letter.txt")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	files, bytes := k.tidy(func() func(int64) bool { return func(id int64) bool { return id == 3 } }, 2500)
	if files != 2 || bytes != 2000 {
		t.Errorf("%d files of %d bytes are left", files, bytes)
	}
	for _, gone := range []int64{0, 1, 3} {
		if _, err := os.Stat(k.path(gone)); err == nil {
			t.Errorf("%s is still there", k.path(gone))
		}
	}
	if _, err := os.Stat(other); err != nil {
		t.Error("somebody's letter is gone")
	}
}
