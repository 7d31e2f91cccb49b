package checkpoint_test

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sirocco/model/checkpoint/weightstest"
	"sirocco/model/tokenizer"
)

// tokens is a small vocabulary as GGUF files spell it: 34 special tokens, the single bytes, and "ab".
func tokens() []string {
	var list []string
	for range 34 {
		list = append(list, "<special>")
	}
	odd := rune(0x100)
	for b := range rune(256) {
		if b >= '!' && b <= '~' || b >= 0xa1 && b != 0xad {
			list = append(list, string(b))
		} else {
			list = append(list, string(odd))
			odd++
		}
	}
	return append(list, "ab")
}

// keys are pairs of a key and a value, one after the other.
func keys(list ...any) (pairs []weightstest.Pair) {
	for i := 0; i < len(list); i += 2 {
		pairs = append(pairs, weightstest.Pair{Key: list[i].(string), Value: list[i+1]})
	}
	return pairs
}

func TestTokenizerInsideTheFile(t *testing.T) {
	for name, c := range map[string]struct {
		pairs []weightstest.Pair
		want  string // of the complaint
	}{
		"tekken": {keys("tokenizer.ggml.model", "gpt2", "tokenizer.ggml.pre", "tekken", "tokenizer.ggml.tokens", tokens(), "tokenizer.ggml.merges", []string{"a b"}), ""},
		"3.1":    {keys("tokenizer.ggml.model", "gpt2", "tokenizer.ggml.pre", "tekken", "tokenizer.ggml.tokens", tokens(), "general.name", "Mistral Small 3.1"), ""},
		"llama":  {keys("tokenizer.ggml.model", "llama"), `tokenizer.ggml.model is "llama"`},
		"qwen":   {keys("tokenizer.ggml.model", "gpt2", "tokenizer.ggml.pre", "qwen2"), `tokenizer.ggml.pre is "qwen2"`},
		"number": {keys("tokenizer.ggml.model", "gpt2", "tokenizer.ggml.pre", "tekken", "tokenizer.ggml.tokens", uint32(7)), "tokenizer.ggml.tokens is 7, not a list"},
		"none":   {keys("tokenizer.ggml.model", "gpt2", "tokenizer.ggml.pre", "tekken"), "tokenizer.ggml.tokens is nothing"},
		"short":  {keys("tokenizer.ggml.model", "gpt2", "tokenizer.ggml.pre", "tekken", "tokenizer.ggml.tokens", []string{"a"}), "no Tekken vocabulary"},
	} {
		cfg := tiny()
		cfg.Vision = nil
		text, _ := weightstest.GGUFTensors(cfg, weightstest.Options{Value: cheap})
		dir := t.TempDir()
		put(t, dir, "model.gguf", string(weightstest.EncodeGGUF(append(weightstest.GGUFText("llama", cfg), c.pairs...), text)))
		tok, err := open(t, dir).Tokenizer()
		switch {
		case c.want != "":
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "model.gguf") || !strings.Contains(err.Error(), "--tokenizer") {
				t.Errorf("%s: got %v, want %q", name, err, c.want)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		default:
			version := map[string]string{"tekken": "v11", "3.1": "v7"}[name]
			if got := tok.Encode("ab b"); len(got) != 3 || got[0] != 34+256 || tok.Version() != version || tok.Image() != nil {
				t.Errorf("%s: %v, %s", name, got, tok.Version())
			}
		}
	}
}

// A folder of Hugging Face with no tekken.json has the same vocabulary in tokenizer.json.
func TestTokenizerOfHuggingFace(t *testing.T) {
	dir := write(t, tiny(), weightstest.Options{Style: weightstest.HFOld, Value: cheap})
	openTokenizer := func() (*tokenizer.Tokenizer, error) { return open(t, dir).Tokenizer() }
	if _, err := openTokenizer(); err == nil || !strings.Contains(err.Error(), "no tekken.json beside the weights in "+dir) {
		t.Errorf("got %v", err)
	}
	var vocab strings.Builder
	for id, token := range tokens()[34:] {
		if id > 0 {
			vocab.WriteByte(',')
		}
		name, _ := json.Marshal(token) // a text always encodes
		vocab.WriteString(string(name) + ":" + strconv.Itoa(id+34))
	}
	var added []string
	for id := range 34 {
		added = append(added, `{"id":`+strconv.Itoa(id)+`,"content":"<special>"}`)
	}
	put(t, dir, "tokenizer.json", `{"added_tokens":[`+strings.Join(added, ",")+`],"model":{"type":"BPE","vocab":{`+vocab.String()+`}}}`)
	tok, err := openTokenizer()
	if err != nil {
		t.Fatal(err)
	}
	if got := tok.Encode("ab"); len(got) != 1 || got[0] != 34+256 || tok.Image() == nil || tok.Image().PatchSize != 4 {
		t.Errorf("got %v, %+v", got, tok.Image())
	}
	put(t, dir, "tokenizer.json", `{"model":{"type":"BPE","vocab":{"a":0}}}`)
	if _, err := openTokenizer(); err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "tokenizer.json")) || !strings.Contains(err.Error(), "no Tekken vocabulary") {
		t.Errorf("got %v", err)
	}
	put(t, dir, "tekken.json", "{}")
	if _, err := openTokenizer(); err == nil || !strings.Contains(err.Error(), "tekken.json") {
		t.Errorf("got %v", err)
	}
}
