package tokenizer

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// goldens is what mistral-common says, written by tools/goldens/tekken.py.
type goldens struct {
	Texts []struct {
		Text string
		IDs  []int32
		Few  []int32 // with the vocabulary cut to 4,096 ids
	}
	Decode []struct {
		IDs  []int32
		Text string
	}
	Bytes []struct {
		Hex string
		IDs []int32
	}
}

func readGoldens(t *testing.T) goldens {
	t.Helper()
	file, err := os.Open("testdata/goldens.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var g goldens
	if err := json.NewDecoder(unpacked).Decode(&g); err != nil {
		t.Fatal(err)
	}
	return g
}

// truncated is the full file with fewer ids: the entries that lose theirs stay in it, as in the published files.
func truncated(t *testing.T) *Tokenizer {
	t.Helper()
	data, err := vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	tok, err := Parse(bytes.Replace(data, []byte(`"default_vocab_size":131072`), []byte(`"default_vocab_size":4096`), 1))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestEncodeEqualsMistralCommon(t *testing.T) {
	texts, tok, few := readGoldens(t).Texts, full(t), truncated(t)
	if len(texts) < 300 {
		t.Fatalf("only %d texts", len(texts))
	}
	for _, g := range texts {
		if got := tok.Encode(g.Text); !slices.Equal(got, g.IDs) {
			t.Errorf("Encode(%.80q)\n got %v\nwant %v", g.Text, got, g.IDs)
		}
		if got := few.Encode(g.Text); !slices.Equal(got, g.Few) {
			t.Errorf("with 4096 ids, Encode(%.80q)\n got %v\nwant %v", g.Text, got, g.Few)
		}
		if got := tok.Decode(g.IDs); got != g.Text {
			t.Errorf("Decode gives %.80q for %.80q", got, g.Text)
		}
	}
}

func TestEncodeReplacesInvalidBytesAsPythonDoes(t *testing.T) {
	for _, g := range readGoldens(t).Bytes {
		text, err := hex.DecodeString(g.Hex)
		if err != nil {
			t.Fatal(err)
		}
		if got := full(t).Encode(string(text)); !slices.Equal(got, g.IDs) {
			t.Errorf("Encode(% x)\n got %v\nwant %v", text, got, g.IDs)
		}
	}
}

func TestDecodeEqualsMistralCommon(t *testing.T) {
	tok := full(t)
	decoder := tok.NewDecoder()
	for _, g := range readGoldens(t).Decode {
		if got := tok.Decode(g.IDs); got != g.Text {
			t.Errorf("Decode(%v) = %q, want %q", g.IDs, got, g.Text)
		}
		got := ""
		for _, id := range g.IDs {
			got += decoder.Push(id)
		}
		if got += decoder.Flush(); got != g.Text {
			t.Errorf("pushing %v one by one gives %q, want %q", g.IDs, got, g.Text)
		}
	}
}
