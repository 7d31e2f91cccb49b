package model

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sirocco/gpu/gputest"
	"sirocco/model/chat"
)

// What version 0.1.0 had read of a conversation is taken up: the file belongs to the
// same model, whose files are as old as they were then, and its keys and values stand
// for the same tokens.
func TestEarlierFileOfWhatWasRead(t *testing.T) {
	gputest.Device(t)
	folder := t.TempDir()
	for _, name := range []string{"consolidated.safetensors", "params.json", "tekken.json"} {
		copied(t, filepath.Join("testdata", "tiny", "mistral", name), filepath.Join(folder, name))
	}
	file := filepath.Join(t.TempDir(), "conversation.read")
	copied(t, filepath.Join("testdata", "v0.1.0", "conversation.read"), file)
	m, err := Open(t.Context(), folder, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	picture, err := os.ReadFile(filepath.Join("testdata", "tiny", "wide.png"))
	if err != nil {
		t.Fatal(err)
	}
	request := &chat.Request{MaxTokens: 4, Messages: []chat.Message{{Role: chat.User, PartList: true,
		Parts: []chat.Part{{Image: &chat.Image{Data: picture}}, {Text: "Hi"}}}}}
	fresh := hear(t, m, request)
	m.slots.clear()
	request.Resume = file
	done, remarks := heard(t, m, request)
	if remarks != "" || done.Usage.PromptTokens != 15 || done.Usage.CachedTokens != 14 {
		t.Errorf("%d of %d tokens were taken up %s", done.Usage.CachedTokens, done.Usage.PromptTokens, remarks)
	}
	if !slices.Equal(idsOf(done), idsOf(fresh)) {
		t.Errorf("with the file the answer is %v, without it %v", idsOf(done), idsOf(fresh))
	}
}

// copied copies a file and gives it the age that the fixture's model had.
func copied(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	then := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if err == nil {
		err = os.Chtimes(to, then, then)
	}
	if err != nil {
		t.Fatal(err)
	}
}
