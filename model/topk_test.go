package model

import (
	"math"
	"slices"
	"testing"

	"sirocco/model/chat"
)

// Answers under every kind of rule are the same whether rows of logits come to the host or stay on the device, alternatives and forbidden
// tokens included.
func TestNearAnswers(t *testing.T) {
	m := open(t, Options{Context: 1024})
	tool := &chat.Request{
		Messages: []chat.Message{chat.Text(chat.User, "Where?")}, ToolChoice: "required",
		Tools: []chat.Tool{{Name: "look_up", Parameters: []byte(`{"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}`)}},
	}
	for name, sampling := range map[string]chat.Sampling{
		"top-p":     {Temperature: 0.8, TopP: 0.9, Seed: 1},
		"top-k":     {Temperature: 0.8, TopK: 20, MinP: 0.02, Seed: 2},
		"penalties": {RepeatPenalty: 1.2, PresencePenalty: 0.3},
		"bias":      {Temperature: 0.5, LogitBias: map[int32]float64{1034: 3}, Seed: 3},
	} {
		for alternatives, request := range []*chat.Request{tool, ask(t, "Hello! What can you do?", false)} {
			request.Sampling, request.MaxTokens, request.Logprobs = sampling, 30, 3*alternatives
			m.alwaysTopK = false
			want := hear(t, m, request)
			m.alwaysTopK = true
			m.slots.clear()
			alike(t, name, hear(t, m, request), want)
		}
	}
}

// alike compares tokens, and their log-probabilities as far as two ways of adding agree.
func alike(t *testing.T, name string, got, want *chat.Done) {
	t.Helper()
	close := func(a, b chat.Candidate) bool { return a.ID == b.ID && math.Abs(a.Logprob-b.Logprob) < 1e-4 }
	if len(want.Tokens) == 0 || !slices.EqualFunc(got.Tokens, want.Tokens, func(a, b chat.Token) bool {
		return close(a.Candidate, b.Candidate) && a.Forbidden == b.Forbidden && (a.Wanted == nil) == (b.Wanted == nil) && slices.EqualFunc(a.Top, b.Top, close)
	}) {
		t.Errorf("%s: near %v, the whole row %v", name, idsOf(got), idsOf(want))
	}
}
