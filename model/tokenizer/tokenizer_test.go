package tokenizer

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// vocabulary is the full tekken.json, decompressed once for all tests.
var vocabulary = sync.OnceValues(func() ([]byte, error) {
	packed, err := os.ReadFile("../../assets/tekken/tekken-v11.json.zst")
	if err != nil {
		return nil, err
	}
	reader, err := zstd.NewReader(nil)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return reader.DecodeAll(packed, nil)
})

var fullTokenizer = sync.OnceValues(func() (*Tokenizer, error) {
	data, err := vocabulary()
	if err != nil {
		return nil, err
	}
	return Parse(data)
})

// full is the tokenizer of Mistral Small 3.2.
func full(t testing.TB) *Tokenizer {
	t.Helper()
	tok, err := fullTokenizer()
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// The ids come from mistral-common's own tests and from fixtures made with the 3.2 tokenizer.
func TestEncodePublishedExamples(t *testing.T) {
	for text, want := range map[string][]int32{
		"Hello, world!\nWhat's up?":        {22177, 1044, 4304, 11330, 7493, 1681, 2015, 1063},
		"Plz tekkenize me":                 {4444, 1122, 16058, 3569, 2033, 1639},
		"[INST] SYSTEM\n\na [/INST]":       {1091, 3174, 3074, 1093, 126205, 1267, 1097, 1766, 1047, 3174, 3074, 1093},
		"A B\n\n":                          {1065, 1398, 1267},
		"Hello! How can I help you today?": {22177, 1033, 3075, 1710, 1362, 3508, 1636, 9406, 1063},
		"Sure — here is a haiku about rain.": {
			69957, 2251, 3226, 1395, 1261, 3944, 15636, 2314, 17378, 1046},
		"<think>r</think>c": {49250, 2077, 1062, 1114, 1885, 74045, 1062, 1099},
		"":                  {},
	} {
		if got := full(t).Encode(text); !slices.Equal(got, want) {
			t.Errorf("Encode(%q) = %v, want %v", text, got, want)
		}
		if got := full(t).Decode(want); got != text {
			t.Errorf("Decode(%v) = %q, want %q", want, got, text)
		}
	}
}

func TestSpecialTokensByName(t *testing.T) {
	tok := full(t)
	for name, want := range map[string]int32{"<s>": 1, "[INST]": 3, "[IMG]": 10, "[ARGS]": 32, "<SPECIAL_999>": 999} {
		if id, ok := tok.Special(name); !ok || id != want {
			t.Errorf("Special(%q) = %d, %v, want %d", name, id, ok, want)
		}
		if !tok.IsSpecial(want) || tok.Bytes(want) != nil || tok.Piece(want) != name {
			t.Errorf("id %d: special %v, bytes %q, piece %q", want, tok.IsSpecial(want), tok.Bytes(want), tok.Piece(want))
		}
	}
	if id, ok := tok.Special("Hello"); ok {
		t.Errorf("Special(Hello) = %d; ordinary text has no special id", id)
	}
}

func ExampleTokenizer_Special() {
	tok, _ := fullTokenizer()
	inst, _ := tok.Special("[INST]")
	fmt.Println(inst, tok.Encode("[INST]")) // the name gives the special id, the text never does
	// Output: 3 [1091 3174 3074 1093]
}

func TestPropertiesOfTheFullVocabulary(t *testing.T) {
	tok := full(t)
	if tok.VocabSize() != 131072 || tok.NumSpecial() != 1000 || tok.Version() != "v11" {
		t.Errorf("%d ids, %d special, %s", tok.VocabSize(), tok.NumSpecial(), tok.Version())
	}
	if got, want := *tok.Image(), (ImageConfig{PatchSize: 14, MaxSize: 1540, Merge: 2}); got != want {
		t.Errorf("image block %+v, want %+v", got, want)
	}
}
