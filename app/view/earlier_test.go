package view

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"sirocco/model/chat"
)

// Settings and presets of version 0.1.0 have every field set. They are read, and
// written back without a change: nothing was lost and no key has another name.
func TestEarlierSettings(t *testing.T) {
	before, err := os.ReadFile(filepath.Join("testdata", "v0.1.0", "window.json"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "window.json")
	if err := os.WriteFile(path, before, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := LoadSettings(path)
	if err != nil {
		t.Fatal(err)
	}
	if p := s.Presets[0]; p.Name != "Careful" || p.SystemMode != SystemOwn || p.System != "Be brief." || p.Params.LogitBias[1065] != -1 || s.Theme != ThemeDark || s.Speeds["Breeze on llvmpipe"].Pictures[6] != 0.01 {
		t.Errorf("read as %+v", s)
	}
	s.Save()
	if after, err := os.ReadFile(path); err != nil || !sameJSON(t, before, after) {
		t.Errorf("%v; written back as\n%s", err, after)
	}
}

// A file of what was read of a conversation is found and taken up as version 0.1.0 wrote it.
func TestEarlierFileOfWhatWasRead(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "model", "testdata", "v0.1.0", "conversation.read"))
	if err != nil {
		t.Fatal(err)
	}
	if string(data[:len(chat.KVSnapshotMagic)]) != chat.KVSnapshotMagic {
		t.Errorf("it begins with %q", data[:len(chat.KVSnapshotMagic)])
	}
	keep := &KVStore{folder: t.TempDir()}
	if err := os.WriteFile(filepath.Join(keep.folder, "3.read"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if path, err := keep.ready(3); err != nil || path != filepath.Join(keep.folder, "3.read") {
		t.Errorf("it is taken up as %s, %v", path, err)
	}
	if list := keep.list(); len(list) != 1 || list[0].conversation != 3 {
		t.Errorf("the files are %+v", list)
	}
}

// sameJSON compares what two files say, whatever the order of their keys.
func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var one, other any
	if json.Unmarshal(a, &one) != nil || json.Unmarshal(b, &other) != nil {
		t.Fatalf("no JSON: %s or %s", a, b)
	}
	return reflect.DeepEqual(one, other)
}
