package controller

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"sirocco/app/inspect"
	"sirocco/model/chat"
)

// seer is an engine of a model that tells where it looked.
type seer struct {
	card
	asked *[]int32
}

func (s seer) Attention(_ context.Context, _ *chat.Request, ids []int32) (*chat.AttentionMap, error) {
	if *s.asked = ids; len(ids) > 4 {
		return nil, errors.New("too far")
	}
	return &chat.AttentionMap{Pictures: [][]float32{{0.25, 0.5}}}, nil
}

// seen is a turn with a picture and two tokens said.
func seen(model string) *TurnView {
	v := &TurnView{Turn: inspect.New(&chat.Request{Messages: []chat.Message{chat.Text(chat.User, "what is it?")}})}
	for _, e := range []chat.Event{
		{Kind: chat.KindPrompt, Prompt: &chat.Prompt{IDs: []int32{1, 10, 13}, Images: []chat.Grid{{Rows: 1, Columns: 2, Tokens: 3}}}},
		{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{ID: 7, Text: "a"}}},
		{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{ID: 8, Text: "b"}}},
		{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{ID: 9, Text: "c"}}},
		{Kind: chat.KindDone, Done: &chat.Done{About: chat.About{Model: chat.ModelInfo{Name: model}}}},
	} {
		v.Add(chat.Timed{Event: e})
	}
	return v
}

// The model that answered is asked with the tokens before the chosen one.
func TestLook(t *testing.T) {
	var asked []int32
	d := &Controller{Engine: func() chat.Engine { return seer{asked: &asked} }}
	attention, err := d.Attention(context.Background(), seen("card"), 0, 1)
	if err != nil || attention.Token != 1 || attention.Share() != 0.75 || !slices.Equal(asked, []int32{1, 10, 13, 7}) {
		t.Errorf("looked at %+v with %v, %v", attention, asked, err)
	}
	if _, err := d.Attention(context.Background(), seen("card"), 0, 2); err == nil || err.Error() != "too far" {
		t.Errorf("a refusal came as %v", err)
	}
}

// Where nobody can tell, the reason is said.
func TestBlind(t *testing.T) {
	var asked []int32
	engine := func() chat.Engine { return seer{asked: &asked} }
	live, plain, silent, unsaid := seen("card"), seen("card"), seen("card"), seen("card")
	live.Live = true
	plain.Rounds[0].Prompt.Images = nil
	silent.Rounds[0].Prompt = nil
	unsaid.Rounds[0].Tokens = nil
	for _, c := range []struct {
		v      *TurnView
		engine func() chat.Engine
		says   string
	}{
		{seen("card"), engine, ""},
		{live, engine, "still being made"},
		{plain, engine, "no picture"},
		{silent, engine, "tokens of this prompt"},
		{unsaid, engine, "tokens of this answer"},
		{seen("card"), func() chat.Engine { return nil }, "No model is loaded"},
		{seen("card"), func() chat.Engine { return card{} }, "no server tells"},
		{seen("other"), engine, "other answered this, and card is loaded"},
	} {
		d := &Controller{Engine: c.engine}
		if reason := d.WhyNoAttention(c.v, 0); !strings.Contains(reason, c.says) || (reason == "") != (c.says == "") {
			t.Errorf("the reason is %q, want %q", reason, c.says)
		}
		if _, err := d.Attention(context.Background(), c.v, 0, 0); (err == nil) != (c.says == "") {
			t.Errorf("%q, but looking back gave %v", c.says, err)
		}
	}
}
