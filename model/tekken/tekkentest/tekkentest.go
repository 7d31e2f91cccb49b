// Package tekkentest gives tests the embedded miniature's tokenizer as if its
// file were of another version.
package tekkentest

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"

	"sirocco/model/tekken"
)

var written = regexp.MustCompile(`"version": ?"v11"`)

// Version is the miniature's tokenizer with that version in its file: v3, v7,
// v11 or v13, which decides about the chat template.
func Version(t testing.TB, version string) *tekken.Tokenizer {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	data, err := os.ReadFile(filepath.Join(filepath.Dir(here), "../../../assets/breeze/tekken.json"))
	if err != nil {
		t.Fatal(err)
	}
	data = written.ReplaceAll(data, []byte(`"version":"`+version+`"`))
	data = bytes.Replace(data, []byte(`"multimodal"`), []byte(`"image"`), 1)
	tok, err := tekken.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}
