package tokenizer

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// spelledVocabulary is a tokenizer as a GGUF file made from it holds it, with other names for the special ids.
func spelledVocabulary(tok *Tokenizer) Vocabulary {
	v := Vocabulary{Image: tok.Image()}
	for id := range tok.VocabSize() {
		if id < tok.NumSpecial() {
			v.Tokens = append(v.Tokens, fmt.Sprintf("<SPECIAL_%02d>", id+100))
		} else {
			v.Tokens = append(v.Tokens, spell(tok.Bytes(int32(id))))
		}
	}
	return v
}

// The vocabulary of a GGUF file gives the very tokenizer of the tekken.json behind it, whatever it calls the special tokens,
// and so the ids of mistral-common.
func TestFromVocabularyIsTheSameTokenizer(t *testing.T) {
	want := full(t)
	got, err := FromVocabulary(spelledVocabulary(want))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.special, want.special) || !reflect.DeepEqual(got.names, want.names) || got.Version() != want.Version() ||
		!slices.Equal(got.ends, want.ends) || got.text != want.text || got.maxTokenBytes != want.maxTokenBytes || *got.Image() != *want.Image() {
		t.Fatal("the tokenizers differ")
	}
	for _, g := range readGoldens(t).Texts {
		if ids := got.Encode(g.Text); !slices.Equal(ids, g.IDs) {
			t.Errorf("Encode(%.80q)\n got %v\nwant %v", g.Text, ids, g.IDs)
		}
	}
}

// What a tokenizer writes of itself makes it again, in every version.
func TestVocabularyComesBack(t *testing.T) {
	want := full(t)
	for _, version := range []string{"v3", "v7", "v11", "v13"} {
		v := want.Vocabulary()
		v.Version = version
		got, err := FromVocabulary(v)
		if err != nil {
			t.Fatal(err)
		}
		if got.Version() != version || !slices.Equal(got.ends, want.ends) || got.text != want.text || got.NumSpecial() != want.NumSpecial() {
			t.Errorf("%s: another tokenizer came back, of version %s", version, got.Version())
		}
	}
	v := want.Vocabulary()
	v.Version = "v99x"
	if got, err := FromVocabulary(v); err != nil || got.Version() != want.Version() {
		t.Errorf("a version nobody knows gave %v, %v", got, err)
	}
}

// The merges are those that gguf.vocab.MistralVocab of PyPI's gguf finds in the same tekken.json.
func TestMerges(t *testing.T) {
	merges := full(t).Merges()
	const want = "b1b0165185b1925118c2f7b1e978439b02010c3a420ebfec5c19a093a0d9b4cb"
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(merges, "\n")))); got != want || len(merges) != 269443 {
		t.Errorf("%d merges with the hash %s, want 269443 with %s", len(merges), got, want)
	}
}

func TestFromHuggingFace(t *testing.T) {
	want := full(t)
	v := spelledVocabulary(want)
	vocab, added := map[string]int{}, []any{}
	for id, token := range v.Tokens {
		if id < want.NumSpecial() {
			added = append(added, object{"id": id, "content": token, "special": true})
		}
		vocab[token] = id
	}
	data, err := json.Marshal(object{"version": "1.0", "added_tokens": added, "model": object{"type": "BPE", "vocab": vocab, "merges": []string{"a b"}}})
	if err != nil {
		t.Fatal(err)
	}
	read, err := ParseHuggingFace(data)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(read.Tokens, v.Tokens) {
		t.Fatal("the tokens differ")
	}
	for text, want := range map[string]string{
		`[]`:                                "an object expected",
		`{"model":7}`:                       "model: an object expected",
		`{"model":{"vocab":{"a":9000000}}}`: "model.vocab: id 9000000",
		`{"model":{"vocab":{"a":1}}}`:       "no token has id 0",
		`{"model":{"type":"Unigram"}}`:      `type is "Unigram"`,
		`{"model":{"vocab":{"a":-1}}}`:      "whole number",
		`{"added_tokens":[{"id":3}]}`:       "content is missing",
		`{"added_tokens":[{"id":0,"content":"a"},{"id":0,"content":"b"}]}`: "id 0",
	} {
		if _, err := ParseHuggingFace([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

// The template's version comes from what the file says about itself; special ids are bound by number.
func TestVersions(t *testing.T) {
	tok, err := Parse(tiny(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		names map[int]string
		hints []string
		want  string
	}{
		{nil, nil, "v11"},
		{nil, []string{"Mistral Small 3.2 24B Instruct 2506", "… [SYSTEM_PROMPT] …"}, "v11"},
		{nil, []string{"Mistral Small 3.1", ""}, "v7"},
		{nil, []string{"", "{{ '[SYSTEM_PROMPT]' }}"}, "v7"},
		{nil, []string{"", "{{ '[TOOL_CALLS]' + name + '[ARGS]' }}"}, "v11"},
		{nil, []string{"", "[SYSTEM_PROMPT][THINK]"}, "v13"},
		{map[int]string{17: "<SPECIAL_17>"}, nil, "v3"},
	} {
		v := spelledVocabulary(tok)
		for id, name := range c.names {
			v.Tokens[id] = name
		}
		v.Hints = c.hints
		got, err := FromVocabulary(v)
		if err != nil {
			t.Fatal(err)
		}
		if got.Version() != c.want {
			t.Errorf("%v %q: %s, want %s", c.names, c.hints, got.Version(), c.want)
		}
		if id, ok := got.Special("[INST]"); id != 3 || !ok {
			t.Errorf("[INST] is %d", id)
		}
	}
}

func TestWrongVocabularies(t *testing.T) {
	tok, err := Parse(tiny(nil))
	if err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(tokens []string) []string{
		"no Tekken vocabulary":        func(tokens []string) []string { return tokens[:200] },
		"does not begin with special": func(tokens []string) []string { return tokens[22:] },
		"byte 7 belongs":              func(tokens []string) []string { tokens[22+7] = "x"; return tokens },
		"token 278: \"a b\"":          func(tokens []string) []string { tokens[278] = "a b"; return tokens },
		"token 279: it is empty":      func(tokens []string) []string { tokens[279] = ""; return tokens },
		"same bytes":                  func(tokens []string) []string { tokens[279] = tokens[278]; return tokens },
		"too long":                    func(tokens []string) []string { tokens[279] = strings.Repeat("a", 1025); return tokens },
	} {
		v := spelledVocabulary(tok)
		v.Tokens = spoil(v.Tokens)
		if _, err := FromVocabulary(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func FuzzHuggingFace(f *testing.F) {
	f.Add([]byte(`{"added_tokens":[{"id":0,"content":"<unk>","special":true}],"model":{"type":"BPE","vocab":{"<unk>":0,"a":1},"merges":[]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := ParseHuggingFace(data)
		if err == nil {
			if _, err := FromVocabulary(v); err != nil && len(err.Error()) > 4000 {
				t.Errorf("the complaint is %d bytes long", len(err.Error()))
			}
		}
	})
}
