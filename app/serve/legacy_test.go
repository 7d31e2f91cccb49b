package serve

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sirocco/model/chat"
)

const textURL = "/v1/completions"

// What the fields of a plain continuation become for the engine.
func TestTextReachesEngine(t *testing.T) {
	s := newServer(t, &fake{}, Options{})
	words, _ := s.encode(context.Background(), "A red", true, maxCounted)
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

// reads plays a prompt's tokens with their log-probabilities, and then an answer.
func reads(_ context.Context, request *chat.Request, say func(chat.Event)) error {
	prompt := []chat.Token{{Candidate: chat.Candidate{ID: 1, Text: "<s>"}}, *tokenEvent(1500, "See", request.Logprobs).Token, *tokenEvent(1501, ": ", request.Logprobs).Token}
	if !request.PromptLogprobs {
		return errors.New("the prompt's log-probabilities were not asked for")
	}
	for i := range prompt {
		say(chat.Event{Kind: chat.KindPrefill, Prefill: &chat.Prefill{Done: i + 1, Total: 3, Tokens: prompt[i : i+1]}})
	}
	return says(chat.FinishStop, "A", " red")(nil, request, say)
}

// An echo with log-probabilities has those of the prompt before those of the answer, the first of which there is none; no answer at all may be
// asked for, too.
func TestEchoWithLogprobs(t *testing.T) {
	for more, want := range map[string]map[string]any{
		"": {
			"choices.0.text": "See: A red", "choices.0.logprobs.tokens.0": "<s>", "choices.0.logprobs.token_logprobs.0": nil,
			"choices.0.logprobs.top_logprobs.0": nil, "choices.0.logprobs.tokens.1": "See", "choices.0.logprobs.token_logprobs.1": -0.5,
			"choices.0.logprobs.top_logprobs.1.See": -0.5, "choices.0.logprobs.text_offset.0": 0.0, "choices.0.logprobs.text_offset.1": 0.0,
			"choices.0.logprobs.text_offset.2": 3.0, "choices.0.logprobs.tokens.3": "A", "choices.0.logprobs.text_offset.3": 5.0,
			"choices.0.logprobs.tokens.6": nil, "choices.0.finish_reason": "stop", "usage.completion_tokens": 3.0,
		},
		`, "max_tokens": 0`: {
			"choices.0.text": "See: ", "choices.0.logprobs.tokens.2": ": ", "choices.0.logprobs.tokens.3": nil,
			"choices.0.finish_reason": "length", "usage.completion_tokens": 0.0, "usage.total_tokens": 7.0,
		},
	} {
		body := `{"prompt": "See: ", "echo": true, "logprobs": 1` + more
		w := ask(newServer(t, &fake{play: reads}, Options{}), "POST", textURL, body+`}`)
		sees(t, w.Body.Bytes(), want)
		text, tokens := "", 0
		streamed := ask(newServer(t, &fake{play: reads}, Options{}), "POST", textURL, body+`, "stream": true}`)
		for _, event := range events(t, streamed.Body) {
			text += look(t, event, "choices.0.text").(string)
			tokens += len(look(t, event, "choices.0.logprobs.tokens").([]any))
		}
		if whole := look(t, w.Body.Bytes(), "choices.0"); text != want["choices.0.text"] || tokens != len(whole.(map[string]any)["logprobs"].(map[string]any)["tokens"].([]any)) {
			t.Errorf("the pieces have %q and %d tokens", text, tokens)
		}
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
		{"logprobs", `{"prompt": "x", "logprobs": 21}`, "logprobs", "20"},
		{"logprobs of a chat", `{"prompt": "x", "logprobs": true}`, "logprobs", "whole number"},
		{"max_tokens", `{"prompt": "x", "max_tokens": -2}`, "max_tokens", "-2"},
		{"stream", `{"prompt": "x", "stream": "yes"}`, "stream", "true or false"},
		{"too long", `{"prompt": "` + strings.Repeat("word ", 9000) + `"}`, "prompt", "maximum context length"},
	})
}
