// Package tekkentest gives tests the embedded miniature's tokenizer as if its
// file were of another version.
package tekkentest

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"sirocco/model/tokenizer"
)

var written = regexp.MustCompile(`"version": ?"v11"`)

// Version is the miniature's tokenizer with that version in its file: v3, v7,
// v11 or v13, which decides about the chat template.
func Version(t testing.TB, version string) *tokenizer.Tokenizer {
	t.Helper()
	return parse(t, version, func(data []byte) []byte { return data })
}

// Thinking is that of version v13 for a model that thinks, as Magistral's: [THINK] is 34,
// [/THINK] is 35.
func Thinking(t testing.TB) *tokenizer.Tokenizer {
	t.Helper()
	return parse(t, "v13", func(data []byte) []byte {
		data = bytes.Replace(data, []byte("<SPECIAL_34>"), []byte("[THINK]"), 1)
		return bytes.Replace(data, []byte("<SPECIAL_35>"), []byte("[/THINK]"), 1)
	})
}

func parse(t testing.TB, version string, change func([]byte) []byte) *tokenizer.Tokenizer {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(repository(t), "assets/breeze/tekken.json"))
	if err != nil {
		t.Fatal(err)
	}
	data = change(data)
	data = written.ReplaceAll(data, []byte(`"version":"`+version+`"`))
	data = bytes.Replace(data, []byte(`"multimodal"`), []byte(`"image"`), 1)
	tok, err := tokenizer.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// repository is the folder with go.mod. Tests run in the folder of their package,
// wherever the program was built.
func repository(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatalf("no folder above the test holds go.mod (%v)", err)
	return ""
}
