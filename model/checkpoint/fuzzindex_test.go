package checkpoint

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"sirocco/model/checkpoint/gguf"
)

// Any index is either refused or names only safetensors files of its own folder
// that are there.
func FuzzIndex(f *testing.F) {
	for _, seed := range []string{
		`{"metadata":{"total_size":8},"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}}`,
		`{"weight_map":{"a":"../model-1.safetensors"}}`, `{"weight_map":{"a":"model-1.safetensors","a":"absent.safetensors"}}`,
		`{"weight_map":{}}`, `{"weight_map":7}`, `{"weight_map":{"a":".safetensors"}}`, `{"weight_map":{"a":"C:\\x.safetensors"}}`, ``,
	} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	there := map[string]bool{"model-1.safetensors": true, "model-2.safetensors": true}
	f.Fuzz(func(t *testing.T, index []byte) {
		if err := os.WriteFile(filepath.Join(dir, "index.json"), index, 0o600); err != nil {
			t.Fatal(err)
		}
		folder := &folder{dir: dir}
		if err := folder.readIndex("index.json", there); err != nil {
			if len(err.Error()) > 4000 {
				t.Errorf("the complaint is %d bytes long", len(err.Error()))
			}
			return
		}
		for tensor, file := range folder.index {
			if !there[file] {
				t.Errorf("tensor %q is taken from %q", tensor, file)
			}
		}
	})
}

// Whatever a split GGUF file is called and says of its parts, the files looked
// for lie beside it and are as many as it says.
func FuzzSplit(f *testing.F) {
	f.Add("tiny-00001-of-00003.gguf", uint16(3))
	f.Add("tiny-00002-of-00001.gguf", uint16(1))
	f.Add("tiny-99999-of-99999.gguf", uint16(0))
	f.Add("../x-00001-of-00002.gguf", uint16(2))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, name string, count uint16) {
		header := splitHeader(t, uint32(count))
		g := &ggufModel{path: filepath.Join(dir, "m"+filepath.Base(name))}
		paths, err := g.parts(header)
		if err != nil {
			return
		}
		if len(paths) != max(int(count), 1) {
			t.Errorf("%d files for a count of %d", len(paths), count)
		}
		for _, path := range paths {
			if filepath.Dir(path) != dir {
				t.Errorf("%s is not beside the model", path)
			}
		}
	})
}

// splitHeader is a header that speaks of so many parts.
func splitHeader(t *testing.T, count uint32) *gguf.File {
	t.Helper()
	file, err := gguf.Header([]gguf.Pair{{Key: "general.architecture", Value: "llama"}, {Key: "split.count", Value: count}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	header, err := gguf.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return header
}
