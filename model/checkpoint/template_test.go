package checkpoint_test

import (
	"strings"
	"testing"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/weightstest"
)

// The chat template for other programs is found wherever folders and files have one, and nothing stands in for one that is not there.
func TestChatTemplate(t *testing.T) {
	files := []struct{ name, text, want string }{ // each is preferred to those above it
		{"tokenizer_config.json", `{"model_max_length": 7}`, ""},
		{"tokenizer_config.json", `{"chat_template": null}`, ""},
		{"tokenizer_config.json", `{"chat_template": [{"name": "tool_use", "template": "tools"}, {"name": "default", "template": "{{ named }}"}]}`, "{{ named }}"},
		{"tokenizer_config.json", `{"chat_template": "{{ config }}"}`, "{{ config }}"},
		{"chat_template.json", `{"chat_template": "{{ \"json\" }}\n"}`, "{{ \"json\" }}\n"},
		{"chat_template.jinja", "{{ jinja }}\n", "{{ jinja }}\n"},
	}
	dir := write(t, weightstest.Small(), weightstest.Options{Style: weightstest.HFNew})
	c := open(t, dir)
	for i := -1; i < len(files); i++ {
		want := ""
		if i >= 0 {
			put(t, dir, files[i].name, files[i].text)
			want = files[i].want
		}
		if got, err := c.ChatTemplate(); got != want || err != nil {
			t.Errorf("with %+v: %q (%v)", files[max(i, 0)], got, err)
		}
	}
	remove(t, dir, "chat_template.jinja")
	for _, broken := range []string{`{"chat_template": 7}`, `{"chat_template": "`} {
		put(t, dir, "chat_template.json", broken)
		if _, err := c.ChatTemplate(); err == nil || !strings.Contains(err.Error(), "chat_template.json") {
			t.Errorf("%s: %v", broken, err)
		}
	}
}

func TestChatTemplateOfGGUF(t *testing.T) {
	cfg := tiny()
	cfg.Vision = nil
	text, _ := weightstest.GGUFTensors(cfg, weightstest.Options{Value: cheap})
	dir := t.TempDir()
	for _, want := range []string{"", "{{ gguf }}"} {
		pairs := weightstest.GGUFText("llama", cfg)
		if want != "" {
			pairs = append(pairs, weightstest.Pair{Key: "tokenizer.chat_template", Value: want})
		}
		put(t, dir, "model.gguf", string(weightstest.EncodeGGUF(pairs, text)))
		c, err := checkpoint.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.ChatTemplate(); got != want || err != nil {
			t.Errorf("%q (%v), want %q", got, err, want)
		}
		c.Close()
	}
}
