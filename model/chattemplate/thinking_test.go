package chattemplate

import (
	"slices"
	"testing"

	"sirocco/model/chat"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
	"sirocco/model/tokenizer/tekkentest"
)

// A system prompt with the form of a thought, as Magistral's, has the control tokens 34
// and 35 around it, each part encoded by itself as mistral-common does; a model that does
// not think reads the marks as letters.
func TestThoughtInSystemPrompt(t *testing.T) {
	request := chat.Request{Messages: []chat.Message{
		chat.SystemMessage("First think:[THINK]Your thoughts[/THINK]Then answer."), chat.Text(chat.User, "Hi"),
	}}
	ids := func(tok *tokenizer.Tokenizer) []int32 {
		p, err := Build(request, tok, imageproc.Rule{})
		if err != nil {
			t.Fatal(err)
		}
		return p.IDs
	}
	tok := tekkentest.Thinking(t)
	want := slices.Concat([]int32{1, 17}, tok.Encode("First think:"), []int32{34}, tok.Encode("Your thoughts"), []int32{35}, tok.Encode("Then answer."), []int32{18, 3}, tok.Encode("Hi"), []int32{4})
	if got := ids(tok); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	plain := tekkentest.Version(t, "v11")
	if got := ids(plain); slices.Contains(got, 34) || plain.Decode(got[2:len(got)-4]) == "" {
		t.Errorf("a model that does not think is given %v", got)
	}
	if m := chat.SystemMessage("no marks [THINK] here"); len(m.Parts) != 1 || m.Parts[0].Thinking {
		t.Errorf("%+v", m)
	}
}
