package model

import (
	"math"
	"slices"
	"testing"

	"sirocco/model/chat"
)

// The log-probabilities of a prompt are those its tokens had when they were said; the first has none, and what was read before is not taken
// for read.
func TestPromptLogprobs(t *testing.T) {
	m := open(t, Options{Context: 512})
	request := ask(t, "Hello! What can you do?", false)
	request.Logprobs, request.MaxTokens = 2, 12
	said, _ := answer(t, m, request)
	var prompt []int32
	for event := range m.Generate(t.Context(), request) {
		if event.Kind == chat.KindPrompt {
			prompt = slices.Clone(event.Prompt.IDs)
		}
	}
	again := &chat.Request{Prompt: slices.Concat(prompt, idsOf(said)), Logprobs: 2, PromptLogprobs: true, MaxTokens: 1}
	var scored []chat.Token
	_, events := answer(t, m, again)
	for _, e := range events {
		if e.Kind == chat.KindPrefill {
			scored = append(scored, e.Prefill.Tokens...)
		}
	}
	if len(scored) != len(again.Prompt) || scored[0].ID != prompt[0] || scored[0].Logprob != 0 || scored[0].Top != nil {
		t.Fatalf("%d tokens of %d, the first %+v", len(scored), len(again.Prompt), scored[0])
	}
	for i, token := range said.Tokens {
		got := scored[len(prompt)+i]
		if got.ID != token.ID || math.Abs(got.Logprob-token.Logprob) > 1e-4 || len(got.Top) != 2 || got.Top[0].ID != token.Top[0].ID {
			t.Errorf("token %d was said as %+v and is scored %+v", i, token, got)
		}
	}
	seen := ask(t, "What is in the picture?", true)
	seen.PromptLogprobs = true
	for _, err := range m.Generate(t.Context(), seen) {
		if err != nil {
			return
		}
	}
	t.Error("tokens of a picture were scored")
}
