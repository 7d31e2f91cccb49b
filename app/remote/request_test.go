package remote

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"sirocco/app/openai"
	"sirocco/model/chat"
)

func decodeURL(t *testing.T, url string) []byte {
	t.Helper()
	_, payload, _ := strings.Cut(url, ",")
	data, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every field of a request is, read by our own server's parser, what it was.
func TestRequestSurvivesTheWay(t *testing.T) {
	no := false
	picture := &chat.Image{Name: "picture 1", Data: noise(t, 28, 28)}
	requests := map[string]*chat.Request{
		"plain": hello(),
		"sampling": hello(func(r *chat.Request) {
			r.Sampling = chat.Sampling{Temperature: 0.7, TopK: 40, TopP: 0.9, MinP: 0.05, RepeatPenalty: 1.1, PresencePenalty: 0.5, FrequencyPenalty: -0.5,
				LogitBias: map[int32]float64{7: -100, 2604: 3.5}, Seed: math.MaxUint64 - 3}
		}),
		"greedy": hello(func(r *chat.Request) { r.Sampling = chat.Sampling{TopP: math.SmallestNonzeroFloat64} }),
		"limits": hello(func(r *chat.Request) { r.MaxTokens, r.Stop, r.Logprobs = 17, []string{"END", "\n"}, 5 }),
		"tools": hello(withTool, func(r *chat.Request) {
			r.Tools[0].Description, r.Tools[0].Strict = "does <f> & more", &no
			r.ToolChoice, r.ToolName, r.ParallelToolCalls = "function", "f", &no
		}),
		"required": hello(withTool, func(r *chat.Request) { r.ToolChoice = "required" }),
		"none":     hello(withTool, func(r *chat.Request) { r.ToolChoice = "none" }),
		"schema": hello(func(r *chat.Request) {
			r.Schema = json.RawMessage(`{"type": "object", "properties": {"b": {}, "a": {}}}`)
		}),
		"parts": hello(func(r *chat.Request) {
			r.Messages[0] = chat.Message{Role: chat.User, PartList: true, Parts: []chat.Part{{Text: "Look: "}, {Image: picture}, {Text: " and say."}}}
		}),
		"history": {Sampling: chat.DefaultSampling(), Messages: []chat.Message{
			chat.Text(chat.System, "Be brief."), chat.Text(chat.User, "?"),
			{Role: chat.Assistant, ToolCalls: []chat.ToolCall{{ID: "abcdefgh1", Name: "f", Arguments: `{"a": 1}`}}},
			{Role: chat.ToolRole, ToolCallID: "abcdefgh1", Name: "f", Parts: []chat.Part{{Text: "3"}}},
		}},
		"continued": {Sampling: chat.DefaultSampling(), ContinueFinal: true, Messages: []chat.Message{chat.Text(chat.User, "?"), chat.Text(chat.Assistant, "It is")}},
	}
	for _, server := range []string{"sirocco", "vllm", "somebody"} {
		e := (&fake{models: strings.Replace(oneModel, "vllm", server, 1)}).open(t)
		for name, r := range requests {
			data := written(t, e, r)
			parsed, err := openai.ParseChat(data)
			if err != nil {
				t.Errorf("%s, %s: %v in %s", server, name, err, data)
				continue
			}
			want := *r
			if want.ToolChoice == "" {
				want.ToolChoice = "auto"
			}
			got := parsed.Chat
			normal(&got)
			normal(&want)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s came over as\n%+v, it was\n%+v", server, name, got, want)
			}
			if !parsed.Stream || !parsed.Logprobs || !parsed.IncludeUsage || parsed.Model != "mistral-small" {
				t.Errorf("%s, %s: %s", server, name, data)
			}
		}
	}
}

func written(t *testing.T, e *Engine, r *chat.Request) []byte {
	t.Helper()
	b, err := e.body(r, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	data, err := marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// normal takes out what means the same: 1 and 0 are both off, and a schema's
// spaces are not part of it, though the order of its keys is.
func normal(r *chat.Request) {
	s := &r.Sampling
	for _, off := range []*float64{&s.TopP, &s.RepeatPenalty} {
		if *off == 0 {
			*off = 1
		}
	}
	compact := func(raw json.RawMessage) json.RawMessage {
		var out bytes.Buffer
		if json.Compact(&out, raw) != nil {
			return nil
		}
		return out.Bytes()
	}
	r.Schema = compact(r.Schema)
	tools := append([]chat.Tool(nil), r.Tools...)
	for i := range tools {
		tools[i].Parameters = compact(tools[i].Parameters)
	}
	r.Tools = tools
	for i := range r.Messages {
		m := &r.Messages[i]
		if len(m.Parts) == 0 {
			m.Parts = nil
		}
	}
}

// Servers that are not known to take vLLM's fields are sent OpenAI's alone,
// unless more was asked for.
func TestStrangersAreSentOpenAIsFields(t *testing.T) {
	stranger := (&fake{models: `{"data": [{"id": "m"}]}`}).open(t)
	for field, want := range map[string]bool{"top_k": false, "min_p": false, "repetition_penalty": false, "temperature": true, "seed": true} {
		if got := bytes.Contains(written(t, stranger, hello()), []byte(field)); got != want {
			t.Errorf("%s is sent: %v", field, got)
		}
	}
	asked := written(t, stranger, hello(func(r *chat.Request) { r.Sampling.TopK = 5 }))
	mentions(t, string(asked), `"top_k":5`)
	if stranger.About().Model.Context != 0 {
		t.Errorf("a context of %d was guessed", stranger.About().Model.Context)
	}
}

// More tokens than fit means as many as fit, for vLLM refuses to be asked for
// more. The card's examples ask for 131072.
func TestLimitIsWhatFits(t *testing.T) {
	f := &fake{tokenize: tekkenTokens(t), chat: streams(says("Hi."), ends("stop"))}
	e := f.open(t)
	for wanted, want := range map[int]any{131072: nil, 4092: nil, 100: 100.0, 0: nil} {
		must(t, answered(t.Context(), e, hello(func(r *chat.Request) { r.MaxTokens = wanted })))
		if got := f.last()["max_tokens"]; got != want {
			t.Errorf("%d tokens were asked for as %v", wanted, got)
		}
	}
}

// vLLM is asked for strict arguments and for ids of tokens.
func TestWhatVLLMIsAsked(t *testing.T) {
	id := `{"token": "token_id:1065", "logprob": -0.5, "bytes": [1], "top_logprobs": [{"token": "token_id:1065", "logprob": -0.5}, {"token": "token_id:2", "logprob": -1}]}`
	f := &fake{version: "0.32.0", tokenize: tekkenTokens(t), chat: streams(
		`{"choices": [{"index": 0, "delta": {"content": "A"}, "logprobs": {"content": [`+id+`]}}]}`,
		`{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "logprobs": {"content": [{"token": "token_id:2", "logprob": -0.1}]}}]}`)}
	o := must(t, answered(t.Context(), f.open(t), hello(withTool, func(r *chat.Request) { r.Logprobs = 2 })))
	sent := f.last()
	if sent["return_tokens_as_token_ids"] != true || sent["top_logprobs"] != 2.0 || sent["top_k"] != -1.0 {
		t.Errorf("sent: %v", sent)
	}
	if strict := sent["tools"].([]any)[0].(map[string]any)["function"].(map[string]any)["strict"]; strict != true {
		t.Errorf("strict is %v", strict)
	}
	tok, _ := Tekken()
	got := o.done.Tokens
	if len(got) != 2 || got[0].ID != 1065 || got[0].Text != tok.Piece(1065) || len(got[0].Top) != 2 || got[0].Top[1].Text != "</s>" || got[1].ID != 2 {
		t.Errorf("tokens: %+v", got)
	}
}

// Tokens told by their bytes get their ids back: halves of characters, blanks
// and the token that ends an answer.
func TestTokensByTheirBytes(t *testing.T) {
	e := (&fake{tokenize: tekkenTokens(t)}).open(t)
	tok, _ := Tekken()
	for id := int32(0); int(id) < tok.VocabSize(); id++ {
		data := tok.Bytes(id)
		if tok.IsSpecial(id) {
			data = []byte(tok.Piece(id))
		}
		c := candidate{Token: tok.Piece(id)}
		for _, b := range data {
			c.Bytes = append(c.Bytes, int(b))
		}
		if got := e.candidate(&c); got.ID != id {
			t.Fatalf("the bytes %q of token %d are taken for token %d", data, id, got.ID)
		}
	}
}
