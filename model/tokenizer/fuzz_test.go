package tokenizer

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever the file holds, Parse answers with a tokenizer that works or with an error. The 256 entries every usable
// file needs can be put in between the parts, so that the fuzzer need not find them.
func FuzzParse(f *testing.F) {
	whole := string(tiny(nil))
	start, end := strings.Index(whole, `{"rank":0,"token_b`), strings.Index(whole, `,{"rank":256`)
	f.Add(whole[:start], true, whole[end:])
	f.Add(whole[:start], true, `],"audio":[1.5,null,{"x":"\u00e9\n"}]}`)
	f.Add(`{"vocab": [`, true, `], "config": {"default_vocab_size": 9223372036854775808, "version": "v3"}}`)
	f.Add(`{"config": {"default_num_special_tokens": 65536}, "image": null, "x": [[[{}]]]}`, false, "")
	f.Fuzz(func(t *testing.T, before string, entries bool, after string) {
		if entries {
			before += whole[start:end]
		}
		tok, err := Parse([]byte(before + after))
		if err != nil {
			return
		}
		const text = "Größe abc [INST]"
		if got := tok.Decode(tok.Encode(text)); got != text {
			t.Fatalf("%q comes back as %q", text, got)
		}
		for id := range int32(tok.VocabSize()) {
			if tok.IsSpecial(id) == (tok.Bytes(id) != nil) {
				t.Fatalf("id %d is both or neither", id)
			}
		}
	})
}

// Ids of a text give the text back, with U+FFFD where it was not UTF-8.
func FuzzEncode(f *testing.F) {
	for _, text := range []string{"Hello, world!\n", " \r\n\t ", "\u0301A漢a", "\xf0\x9f\x98", "aaaaaaaaaaaaaaaaaaaa", "\xed\xa0\x80"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tok := full(t)
		want := string(appendReplaced(nil, []byte(text)))
		if !utf8.ValidString(want) || utf8.ValidString(text) != (want == text) {
			t.Fatalf("%q is repaired to %q", text, want)
		}
		ids := tok.Encode(text)
		if got := tok.Decode(ids); got != want {
			t.Fatalf("%q comes back as %q", text, got)
		}
		if !slices.Equal(ids, tok.Encode(want)) {
			t.Fatalf("%q and its repaired text have different ids", text)
		}
		if slices.ContainsFunc(ids, tok.IsSpecial) {
			t.Fatalf("%q has a special id", text)
		}
	})
}

// Pushing ids one by one gives the same text as decoding them at once, and never half a character.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte{0xCA, 0x04, 0x6A, 0x04, 0x03, 0x00})
	f.Fuzz(func(t *testing.T, data []byte) {
		tok := full(t)
		decoder, got := tok.NewDecoder(), ""
		var ids []int32
		for ; len(data) >= 2; data = data[2:] {
			id := int32(binary.LittleEndian.Uint16(data))
			ids = append(ids, id)
			text := decoder.Push(id)
			if !utf8.ValidString(text) {
				t.Fatalf("Push(%d) after %v gives %q", id, ids, text)
			}
			got += text
		}
		if got += decoder.Flush(); got != tok.Decode(ids) {
			t.Fatalf("%v: one by one %q, at once %q", ids, got, tok.Decode(ids))
		}
	})
}
