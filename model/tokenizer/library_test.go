package tokenizer

import (
	"testing"

	"github.com/sugarme/tokenizer"
)

var (
	_ tokenizer.Model        = model{}
	_ tokenizer.PreTokenizer = pretokenizer{}
)

func TestLibraryGivesTheSameIds(t *testing.T) {
	tok := full(t)
	lib := tok.Library()
	for _, g := range readGoldens(t).Texts {
		if len(g.Text) > 300 {
			continue // the library's alignments make long texts slow
		}
		encoding, err := lib.EncodeSingle(g.Text)
		if err != nil {
			t.Fatalf("%q: %v", g.Text, err)
		}
		if len(encoding.Ids) != len(g.IDs) {
			t.Fatalf("%q: %v, want %v", g.Text, encoding.Ids, g.IDs)
		}
		for i, id := range encoding.Ids {
			if int32(id) != g.IDs[i] {
				t.Fatalf("%q: %v, want %v", g.Text, encoding.Ids, g.IDs)
			}
		}
	}
}

func TestLibraryOffsets(t *testing.T) {
	text := "Hello, Größe!"
	encoding, err := full(t).Library().EncodeSingle(text)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range encoding.Offsets {
		if got := text[o[0]:o[1]]; got != encoding.Tokens[i] {
			t.Errorf("token %q has the offsets of %q", encoding.Tokens[i], got)
		}
	}
}

func TestLibraryModelNamesTokens(t *testing.T) {
	tok := full(t)
	m := model{tok}
	if id, ok := m.TokenToId("Hello"); !ok || id != 22177 {
		t.Errorf("TokenToId(Hello) = %d, %v", id, ok)
	}
	if id, ok := m.TokenToId("[INST]"); !ok || id != 3 {
		t.Errorf("TokenToId([INST]) = %d, %v", id, ok)
	}
	for _, id := range []int{3, 22177, 1000 + 0xE2} {
		name, ok := m.IdToToken(id)
		if back, found := m.TokenToId(name); !ok || !found || back != id {
			t.Errorf("id %d is called %q, which is id %d", id, name, back)
		}
	}
	if _, ok := m.IdToToken(1 << 40); ok {
		t.Error("an id that does not exist has a name")
	}
	if vocab := m.GetVocab(); len(vocab) != m.GetVocabSize() || vocab["Hello"] != 22177 {
		t.Errorf("GetVocab has %d entries", len(vocab))
	}
	if m.Save(t.TempDir()) == nil {
		t.Error("Save did not say that it writes nothing")
	}
}
