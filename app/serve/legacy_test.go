package serve

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"sirocco/model/chat"
)

const textURL = "/v1/completions"

// What the fields of a plain continuation become for the engine.
func TestTextReachesEngine(t *testing.T) {
	s := newServer(t, &fake{}, Options{})
	words := s.encode("A red", true)
	for _, c := range []struct {
		body string
		want func(chat.Request) any
		is   any
	}{
		{`"prompt": "A red"`, func(r chat.Request) any { return r.Prompt }, words},
		{`"prompt": "A red", "add_special_tokens": false`, func(r chat.Request) any { return r.Prompt }, words[1:]},
		{`"prompt": [1, 1500, 1501]`, func(r chat.Request) any { return r.Prompt }, []int32{1, 1500, 1501}},
		{`"prompt": "x"`, func(r chat.Request) any { return r.MaxTokens }, 16},
		{`"prompt": "x", "max_tokens": 5`, func(r chat.Request) any { return r.MaxTokens }, 5},
		{`"prompt": "x"`, func(r chat.Request) any { return r.Sampling.Temperature }, 0.15},
		{`"prompt": "x", "temperature": 0, "top_p": 0.5, "top_k": 3, "min_p": 0.1`, func(r chat.Request) any {
			return []any{r.Sampling.Temperature, r.Sampling.TopP, r.Sampling.TopK, r.Sampling.MinP}
		}, []any{0, 0.5, 3, 0.1}},
		{`"prompt": "x", "presence_penalty": 1, "frequency_penalty": -1, "repetition_penalty": 1.1`, func(r chat.Request) any {
			return []any{r.Sampling.PresencePenalty, r.Sampling.FrequencyPenalty, r.Sampling.RepeatPenalty}
		}, []any{1, -1, 1.1}},
		{`"prompt": "x", "seed": 41, "n": 2`, func(r chat.Request) any { return r.Sampling.Seed }, 42},
		{`"prompt": "x", "logit_bias": {"7": 1}`, func(r chat.Request) any { return r.Sampling.LogitBias[7] }, 1},
		{`"prompt": "x", "stop": ["a", "b"]`, func(r chat.Request) any { return r.Stop }, []string{"a", "b"}},
		{`"prompt": "x", "logprobs": 3`, func(r chat.Request) any { return r.Logprobs }, 3},
		{`"prompt": "x", "suffix": "", "best_of": 1, "user": "me", "model": "any"`, func(r chat.Request) any { return len(r.Messages) }, 0},
		{`"prompt": "x", "response_format": {"type": "json_object"}`, func(r chat.Request) any { return string(r.Schema) }, `{"type": "object"}`},
	} {
		if got := c.want(reached(t, textURL, `{`+c.body+`}`)); fmt.Sprint(got) != fmt.Sprint(c.is) {
			t.Errorf("%s became %v, want %v", c.body, got, c.is)
		}
	}
}

// A request, and what must stand in the reply.
func TestTextReplies(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(context.Context, *chat.Request, func(chat.Event)) error
		body string
		want map[string]any
	}{
		{"text", nil, `"prompt": "x"`, map[string]any{
			"object": "text_completion", "model": "fake", "choices.0.text": "A red circle.", "choices.0.index": 0.0, "choices.0.logprobs": nil,
			"choices.0.finish_reason": "stop", "choices.0.stop_reason": nil, "usage.prompt_tokens": 7.0, "usage.completion_tokens": 4.0, "usage.total_tokens": 11.0,
		}},
		{"echo", nil, `"prompt": "See: ", "echo": true`, map[string]any{"choices.0.text": "See: A red circle."}},
		{"echo of tokens", nil, `"prompt": [1, 1500], "echo": true, "n": 2`, map[string]any{"choices.2": nil, "choices.1.index": 1.0}},
		{"several prompts", nil, `"prompt": ["a", "b"], "n": 2, "echo": true`, map[string]any{
			"choices.1.text": "aA red circle.", "choices.2.text": "bA red circle.", "choices.3.index": 3.0,
			"usage.prompt_tokens": 14.0, "usage.completion_tokens": 16.0,
		}},
		{"token lists", nil, `"prompt": [[1, 2], [1]]`, map[string]any{"choices.1.index": 1.0}},
		{"length", says(chat.FinishLength, "A"), `"prompt": "x"`, map[string]any{"choices.0.finish_reason": "length"}},
		{"repetition", says(chat.FinishRepetition, "A"), `"prompt": "x"`, map[string]any{"choices.0.finish_reason": "length", "choices.0.stop_reason": "repetition"}},
		{"a call nobody asked for", oneCall, `"prompt": "x"`, map[string]any{"choices.0.text": `weather{"city": "Rome"}`, "choices.0.finish_reason": "stop"}},
		{"logprobs", nil, `"prompt": "x", "logprobs": 1`, map[string]any{
			"choices.0.logprobs.tokens.1": " red", "choices.0.logprobs.token_logprobs.1": -0.5, "choices.0.logprobs.text_offset.1": 1.0,
			"choices.0.logprobs.text_offset.2": 5.0, "choices.0.logprobs.tokens.3": "</s>", "choices.0.logprobs.top_logprobs.0.A": -0.5,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(newServer(t, &fake{play: c.play}, Options{}), "POST", textURL, `{`+c.body+`}`)
			if w.Code != 200 {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			sees(t, w.Body.Bytes(), c.want)
		})
	}
}

func TestTextStreams(t *testing.T) {
	body := `{"prompt": "See: ", "echo": true, "stream": true, "stream_options": {"include_usage": true}}`
	w := ask(newServer(t, &fake{}, Options{}), "POST", textURL, body)
	text := ""
	got := events(t, w.Body)
	for _, event := range got[:len(got)-1] {
		text += look(t, event, "choices.0.text").(string)
	}
	if text != "See: A red circle." {
		t.Errorf("the pieces make %q", text)
	}
	sees(t, got[len(got)-2], map[string]any{"choices.0.finish_reason": "stop", "object": "text_completion", "usage": nil})
	sees(t, got[len(got)-1], map[string]any{"usage.total_tokens": 11.0, "choices.0": nil})

	w = ask(newServer(t, &fake{}, Options{}), "POST", textURL, `{"prompt": ["a", "b"], "stream": true, "logprobs": 0}`)
	tokens := map[float64]int{}
	for _, event := range events(t, w.Body) {
		if list, ok := look(t, event, "choices.0.logprobs.tokens").([]any); ok {
			tokens[look(t, event, "choices.0.index").(float64)] += len(list)
		}
	}
	if tokens[0] != 4 || tokens[1] != 4 {
		t.Errorf("log-probabilities of %v tokens came", tokens)
	}
}

func TestTextRefusals(t *testing.T) {
	refuses(t, textURL, []refusal{
		{"no prompt", `{}`, "prompt", "missing"},
		{"empty list", `{"prompt": []}`, "prompt", "not empty"},
		{"number", `{"prompt": 3}`, "prompt", "3"},
		{"no id", `{"prompt": [1, "x"]}`, "prompt[1]", "token id"},
		{"id out of range", `{"prompt": [99999999]}`, "prompt", "99999999"},
		{"no tokens", `{"prompt": "", "add_special_tokens": false}`, "prompt", "empty"},
		{"too many prompts", `{"prompt": [` + strings.Repeat(`"x",`, 128) + `"x"]}`, "prompt", "129"},
		{"too many answers", `{"prompt": ["a", "b"], "n": 100}`, "n", "200"},
		{"suffix", `{"prompt": "x", "suffix": "y"}`, "suffix", "fill in"},
		{"best_of", `{"prompt": "x", "best_of": 3}`, "best_of", "leave it out"},
		{"echo with logprobs", `{"prompt": "x", "echo": true, "logprobs": 0}`, "echo", "logprobs"},
		{"logprobs", `{"prompt": "x", "logprobs": 21}`, "logprobs", "20"},
		{"logprobs of a chat", `{"prompt": "x", "logprobs": true}`, "logprobs", "whole number"},
		{"max_tokens", `{"prompt": "x", "max_tokens": 0}`, "max_tokens", "0"},
		{"stream", `{"prompt": "x", "stream": "yes"}`, "stream", "true or false"},
		{"too long", `{"prompt": "` + strings.Repeat("word ", 9000) + `"}`, "prompt", "maximum context length"},
	})
}
