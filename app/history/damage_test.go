package history

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// wholeFile is a history of a few conversations, one long, one with a turn, and the bytes of its file.
func wholeFile(t *testing.T) (file []byte, texts []string) {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir)
	for i := range 12 {
		id := must(s.New(Preset{}))(t)
		text := fmt.Sprintf("conversation %d %s", i, strings.Repeat("word ", 10+i*i*20))
		first := must(s.Append(id, 0, chat.Text(chat.User, text)))(t)
		texts = append(texts, strings.TrimSpace(text))
		r := must(s.Record(id, first, &chat.Request{}))(t)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, "history.db"))
	if err != nil {
		t.Fatal(err)
	}
	return file, texts
}

// opened opens a damaged file and counts the texts that are there.
func opened(t *testing.T, what string, file []byte, texts []string) (found int, notice string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "history.db"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return 0, ""
	}
	defer s.Close()
	list, err := s.Conversations()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	all := map[string]bool{}
	for _, c := range list {
		messages, err := s.Messages(c.ID)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		for _, m := range messages {
			if len(m.Parts) > 0 {
				all[strings.TrimSpace(m.Parts[0].Text)] = true
			}
		}
	}
	for _, text := range texts {
		if all[text] {
			found++
		}
	}
	if _, err := s.New(Preset{}); err != nil {
		t.Errorf("%s: nothing new can be kept: %v", what, err)
	}
	return found, s.Notice()
}

// One damaged byte costs at most the row it is in; a byte of the header nothing.
func TestOneDamagedByte(t *testing.T) {
	file, texts := wholeFile(t)
	for at := range 100 {
		damaged := bytes.Clone(file)
		damaged[at] ^= 0xff
		if found, notice := opened(t, fmt.Sprintf("header byte %d", at), damaged, texts); found != len(texts) {
			t.Errorf("header byte %d: %d of %d texts; %s", at, found, len(texts), notice)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		at := 100 + random.IntN(len(file)-100)
		damaged := bytes.Clone(file)
		damaged[at] ^= byte(1 + random.IntN(255))
		if found, notice := opened(t, fmt.Sprintf("byte %d", at), damaged, texts); found < len(texts)-1 {
			t.Errorf("byte %d of page %d: %d of %d texts; %s", at%4096, at/4096+1, found, len(texts), notice)
		}
	}
}

// A page that is zeros, or noise, costs what was in it, and a notice counts it.
func TestOneDamagedPage(t *testing.T) {
	file, texts := wholeFile(t)
	random := rand.NewChaCha8([32]byte{1})
	for at := 0; at < len(file); at += 4096 {
		for _, fill := range []string{"zeros", "noise"} {
			damaged := bytes.Clone(file)
			clear(damaged[at : at+4096])
			if fill == "noise" {
				_, _ = random.Read(damaged[at : at+4096])
			}
			found, notice := opened(t, fmt.Sprintf("page %d %s", at/4096+1, fill), damaged, texts)
			if found < len(texts)-6 || found < len(texts) && !strings.Contains(notice, "could not be read") {
				t.Errorf("page %d %s: %d of %d texts; %s", at/4096+1, fill, found, len(texts), notice)
			}
		}
	}
}

// A file that was cut short, and one that is noise, are kept aside and what is left is shown.
func TestCutShort(t *testing.T) {
	file, texts := wholeFile(t)
	for _, length := range []int{1, 50, 100, 4095, 4096, 5000, len(file) / 2, len(file) - 4096, len(file) - 1} {
		found, notice := opened(t, fmt.Sprintf("%d bytes", length), file[:length], texts)
		if !strings.Contains(notice, "kept as") && found < len(texts) || length == len(file)-1 && found < len(texts)-2 {
			t.Errorf("%d bytes: %d of %d texts; %q", length, found, len(texts), notice)
		}
	}
}

// A damaged history keeps what the write-ahead log had, too.
func TestDamagedWithLog(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	id := must(s.New(Preset{}))(t)
	must(s.Append(id, 0, chat.Text(chat.User, "only in the log")))(t)
	copied := t.TempDir()
	for _, name := range []string{"history.db", "history.db-wal"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 20 && name == "history.db" {
			data[5] ^= 0xff
		}
		if err := os.WriteFile(filepath.Join(copied, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = open(t, copied)
	if got := words(must(s.Messages(id))(t)); len(got) != 1 || got[0] != "only in the log" {
		t.Errorf("%q was left; %s", got, s.Notice())
	}
}
