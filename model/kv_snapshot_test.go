package model

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// heard is an answer and what was remarked on the way.
func heard(t *testing.T, m *Model, request *chat.Request) (done *chat.Done, remarks string) {
	t.Helper()
	for event, err := range m.Generate(t.Context(), request) {
		if err != nil {
			t.Fatal(err)
		}
		switch event.Kind {
		case chat.KindNotice:
			remarks += event.Text + "\n"
		case chat.KindDone:
			done = event.Done
		}
	}
	return done, remarks
}

// What was read of a picture is taken up by another run: the next question reads
// its own tokens alone and has the answer that the first run would have given.
func TestResume(t *testing.T) {
	for name, o := range map[string]Options{"f16": {}, "f32 on two devices": {KV: "f32", Device: "0,0"}} {
		t.Run(name, func(t *testing.T) { resume(t, o) })
	}
}

func resume(t *testing.T, o Options) {
	file := filepath.Join(t.TempDir(), "conversation.kv")
	first, second := ask(t, "What is in the picture?", true), ask(t, "How many shapes are there?", true)
	m := open(t, o)
	hear(t, m, first)
	want := hear(t, m, second)
	m.slots.clear()

	first.Resume, second.Resume = file, file
	hear(t, m, first)
	size := func() int64 {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	begun := size()
	again := open(t, o)
	got, remarks := heard(t, again, second)
	if !slices.Equal(idsOf(got), idsOf(want)) || got.Usage.CachedTokens != want.Usage.CachedTokens || got.Usage.CachedTokens < got.Usage.ImageTokens {
		t.Errorf("%d of %d tokens were taken up, %d in the first run; %q became %q\n%s",
			got.Usage.CachedTokens, got.Usage.PromptTokens, want.Usage.CachedTokens, want.Text, got.Text, remarks)
	}
	if grown := size(); grown < begun/2 || grown > 2*begun {
		t.Errorf("the file went from %d to %d bytes", begun, grown)
	}
}

// A file that is damaged, cut short, or another model's costs time and nothing
// else; one of another kind is left alone.
func TestResumeFromBadFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "conversation.kv")
	m := open(t, Options{})
	question := ask(t, "What is in the picture?", true)
	want := hear(t, m, question)
	question.Resume = file
	m.slots.clear()
	hear(t, m, question)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(good)
	flipped[len(flipped)/2] ^= 1
	for _, c := range []struct {
		name, remark string
		data         []byte
		cached       bool
	}{
		{"whole", "", good, true},
		{"a bit", "are damaged; the rest is read anew", flipped, false},
		{"cut short", "", good[:len(good)-5], false},
		{"another model", "", bytes.Replace(good, []byte(m.fingerprint[:8]), []byte("00000000"), 1), false},
		{"a head without an end", "", []byte(snapshotMagic + "\xff\xff\xff\xff{"), false},
		{"empty", "", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(file, c.data, 0o600); err != nil {
				t.Fatal(err)
			}
			m.slots.clear()
			got, remarks := heard(t, m, question)
			if !slices.Equal(idsOf(got), idsOf(want)) || got.Usage.CachedTokens > 0 != c.cached {
				t.Errorf("%d tokens were taken up; %q became %q", got.Usage.CachedTokens, want.Text, got.Text)
			}
			if !strings.Contains(remarks, c.remark) || c.remark == "" && strings.Contains(remarks, file) {
				t.Errorf("it was remarked: %s", remarks)
			}
			if now, _ := os.ReadFile(file); len(now) < len(good) {
				t.Errorf("the file was left with %d bytes", len(now))
			}
		})
	}
	for _, text := range []string{"\x89PNG, a photograph", "x"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		m.slots.clear()
		var refusal error
		for _, err := range m.Generate(t.Context(), question) {
			refusal = err
		}
		if refusal == nil || !strings.Contains(refusal.Error(), "would be written over") {
			t.Errorf("a foreign file: %v", refusal)
		}
		if now, _ := os.ReadFile(file); string(now) != text {
			t.Error("somebody's file was written over")
		}
	}
}
