package terminal

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"plain\ttext\n":              "plain\ttext\n",
		"\x1b]52;c;aGk=\x07":         "␛]52;c;aGk=␇",
		"a\rb\x00c\x7f":              "a␍b␀c␡",
		"\u0085\u009b2J":             "<U+0085><U+009B>2J",
		"\u202eabc\u202c \u2066x":    "<U+202E>abc<U+202C> <U+2066>x",
		"می\u200cخواهم \u200f\u200e": "می\u200cخواهم \u200f\u200e",
		"bad \x9b \xff":              "bad \ufffd \ufffd",
		"日本語 😀 é":                    "日本語 😀 é",
	} {
		if got := Visible(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// However a text is cut into writes, the same is shown, and nothing in it steers.
func TestWriterInPieces(t *testing.T) {
	const text = "é日\x1b[2J\u009b\u202eA😀\xff end"
	want := Visible(text)
	for size := 1; size <= len(text); size++ {
		var out bytes.Buffer
		w := &Writer{out: &out}
		for i := 0; i < len(text); i += size {
			piece := text[i:min(i+size, len(text))]
			if n, err := w.Write([]byte(piece)); n != len(piece) || err != nil {
				t.Fatalf("wrote %d, %v", n, err)
			}
		}
		Flush(w)
		if out.String() != want {
			t.Errorf("in pieces of %d: got %q, want %q", size, &out, want)
		}
	}
}

// Our own sequences pass, also when they come in the middle of a line.
func TestControl(t *testing.T) {
	var out bytes.Buffer
	w := &Writer{out: &out}
	Control(w, "\r\x1b[K")
	if _, err := w.Write([]byte("\x1b")); err != nil {
		t.Fatal(err)
	}
	if out.String() != "\r\x1b[K␛" {
		t.Errorf("got %q", &out)
	}
}

// A file is no terminal: what goes there stays byte for byte.
func TestWrapLeavesFilesAlone(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if Wrap(file) != file || Is(file) {
		t.Error("a file is taken for a terminal")
	}
	if Is(&strings.Builder{}) || !Is(&Writer{}) {
		t.Error("a stream is taken for what it is not")
	}
}

func FuzzVisible(f *testing.F) {
	f.Add("a\x1b[31m\u202e\x9b")
	f.Fuzz(func(t *testing.T, text string) {
		if shown := Visible(text); strings.ContainsFunc(shown, steers) {
			t.Errorf("%q is shown as %q", text, shown)
		}
	})
}
