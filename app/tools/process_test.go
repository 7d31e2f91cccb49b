package tools

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

// Only lines that are messages pass, each as one line; the others are kept for the
// last words.
func FuzzMessages(f *testing.F) {
	f.Add([]byte("npm notice\n{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}\n\n[]\nbye"), 3)
	f.Add([]byte("[INFO] ready\n  {\"result\":1}\r\n{\"level\":\"info\"}\n{\"id\":1,\"result\":{\"tools\":[{}]}}"), 1)
	f.Fuzz(func(t *testing.T, stream []byte, step int) {
		other := &tail{}
		m := &messages{in: bufio.NewReaderSize(bytes.NewReader(stream), 16), wire: newWire(), other: other}
		var got []byte
		buffer := make([]byte, 1+abs(step)%64)
		for {
			n, err := m.Read(buffer)
			got = append(got, buffer[:n]...)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for line := range bytes.Lines(got) {
			if !json.Valid(line) {
				t.Errorf("%q passes in %q", line, stream)
			}
		}
		for line := range bytes.Lines(stream) {
			if e, is := envelopeOf(line); is && e.versioned && !json.Valid(got) && len(got) == 0 {
				t.Errorf("the message %q is lost", line)
			}
		}
	})
}

// A message without an end is an error, over pipes and over HTTP, not all of the
// memory.
func TestEndlessMessages(t *testing.T) {
	endless := io.MultiReader(strings.NewReader("{"), zeros{})
	if _, err := io.Copy(io.Discard, &messages{in: bufio.NewReaderSize(endless, 1<<16), wire: newWire(), other: io.Discard}); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("over a pipe: %v", err)
	}
	if _, err := io.Copy(io.Discard, &bounded{ReadCloser: io.NopCloser(zeros{})}); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("over HTTP: %v", err)
	}
}

// zeros is a stream without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// The end of what a server says is kept, and no more.
func TestLastWords(t *testing.T) {
	said := &tail{}
	for range 1000 {
		said.Write([]byte("many words, "))
	}
	said.Write([]byte("the last\n"))
	if text := said.String(); !strings.HasSuffix(text, "many words, the last") || len(text) > tailSize {
		t.Errorf("%d bytes: %q", len(text), text)
	}
}
