package remote

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net"
	"reflect"
	"testing"
	"time"

	"sirocco/app/serve"
	"sirocco/model/chat"
	"sirocco/model/outputparser"
	"sirocco/model/tokenizer"
)

// script is an engine that answers with given tokens, read as the local model's
// are, and remembers what it was asked.
type script struct {
	tok    *tokenizer.Tokenizer
	ids    []int32
	reason string // "" is the parser's own
	heard  *chat.Request
	pause  chan struct{} // when set, waited for in the middle
}

func (s *script) About() chat.About {
	return chat.About{Model: chat.ModelInfo{Name: "script", Context: 4096, Vision: true, Pictures: &chat.PictureRule{PatchSize: 14, MaxSize: 1540, Merge: 2}}}
}

func (s *script) Close() {}

func (s *script) Generate(ctx context.Context, r *chat.Request) iter.Seq2[chat.Event, error] {
	s.heard = r
	return func(yield func(chat.Event, error) bool) {
		parser := outputparser.New(s.tok, outputparser.Options{NoGuard: true})
		done := &chat.Done{About: s.About()}
		say := func(events []chat.Event) bool {
			for _, e := range events {
				if !yield(e, nil) {
					return false
				}
			}
			return true
		}
		for i, id := range s.ids {
			if i == len(s.ids)/2 && s.pause != nil {
				<-s.pause
				yield(chat.Event{}, errors.New("the device was lost"))
				return
			}
			token := chat.Token{Candidate: chat.Candidate{ID: id, Text: s.tok.Piece(id), Logprob: -float64(i) / 8}}
			for k := range r.Logprobs {
				token.Top = append(token.Top, chat.Candidate{ID: id + int32(k), Text: s.tok.Piece(id + int32(k)), Logprob: -float64(i+k) / 8})
			}
			done.Tokens = append(done.Tokens, token)
			if !yield(chat.Event{Kind: chat.KindToken, Token: &token}, nil) || !say(parser.Push(id)) {
				return
			}
		}
		if s.reason != "" && !say(parser.Finish(s.reason)) {
			return
		}
		done.Text, done.ToolCalls, done.FinishReason = parser.Text(), parser.Calls(), parser.Reason()
		done.Usage = chat.Usage{PromptTokens: 5, CompletionTokens: len(s.ids), CachedTokens: 2}
		yield(chat.Event{Kind: chat.KindDone, Done: done}, nil)
	}
}

// behind puts a scripted engine behind our own server, and a remote before it.
func behind(t *testing.T, s *script) *Engine {
	t.Helper()
	tok, err := Tekken()
	if err != nil {
		t.Fatal(err)
	}
	s.tok = tok
	server, err := serve.New(serve.Options{Engine: s, Tokenizer: tok, Grace: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	e, err := Open(t.Context(), Options{URL: listener.Addr().String(), RetryTime: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// Through a server of our own nothing is lost: text, tokens with their ids,
// log-probabilities and alternatives, calls with their ids, the reason.
func TestSameAnswerThroughServe(t *testing.T) {
	tok, err := Tekken()
	if err != nil {
		t.Fatal(err)
	}
	special := func(name string) int32 { id, _ := tok.Special(name); return id }
	end := special("</s>")
	call := func(name, id, arguments string) []int32 {
		ids := append([]int32{special("[TOOL_CALLS]")}, tok.Encode(name)...)
		ids = append(append(ids, special("[CALL_ID]")), tok.Encode(id)...)
		return append(append(ids, special("[ARGS]")), tok.Encode(arguments)...)
	}
	for name, s := range map[string]*script{
		"text":       {ids: append(tok.Encode("Größe: 3 × 4, 東京 🦊 and no more."), end)},
		"cut off":    {ids: tok.Encode("and so on and on"), reason: chat.FinishLength},
		"repetition": {ids: tok.Encode("again again again"), reason: chat.FinishRepetition},
		"one call":   {ids: append(call("f", "a1B2c3D4e", `{"a": 1}`), end)},
		"two calls":  {ids: append(append(append(tok.Encode("Let me see."), call("f", "a1B2c3D4e", `{"a": {"b": "}"}}`)...), call("g", "000000001", `{}`)...), end)},
	} {
		e := behind(t, s)
		request := hello(withTool, func(r *chat.Request) { r.Logprobs = 3 })
		alone := must(t, answered(t.Context(), s, request))
		o := must(t, answered(t.Context(), e, request))
		want, got := *alone.done, *o.done
		if !reflect.DeepEqual(want.Tokens, got.Tokens) {
			t.Errorf("%s: the tokens\n%+v\nbecame\n%+v", name, want.Tokens, got.Tokens)
		}
		if want.Text != got.Text || want.FinishReason != got.FinishReason || len(want.ToolCalls) != len(got.ToolCalls) || alone.text != o.text {
			t.Errorf("%s: %+v became %+v", name, want, got)
		}
		for i := range want.ToolCalls {
			if want.ToolCalls[i] != got.ToolCalls[i] {
				t.Errorf("%s: %+v became %+v", name, want.ToolCalls[i], got.ToolCalls[i])
			}
		}
		if o.events[0].Prompt.Check != chat.PromptChecked {
			t.Errorf("%s: the prompt is %s", name, o.events[0].Prompt.Check)
		}
		deltas(t, name, o)
		heard := s.heard
		if heard.Sampling.Temperature != 0.15 || heard.Logprobs != 3 || len(heard.Tools) != 1 {
			t.Errorf("%s: the engine heard %+v", name, heard)
		}
	}
}

// The engine behind the server is lost in mid-answer: what it said stays.
func TestEngineBehindServeIsLost(t *testing.T) {
	tok, err := Tekken()
	if err != nil {
		t.Fatal(err)
	}
	s := &script{ids: tok.Encode("one two three four five six"), pause: make(chan struct{})}
	close(s.pause)
	o := must(t, answered(t.Context(), behind(t, s), hello()))
	if o.done.Text == "" || o.done.FinishReason != chat.FinishCancelled || len(o.notices) == 0 {
		t.Errorf("%q, %s, %q", o.done.Text, o.done.FinishReason, o.notices)
	}
}

// A conversation our server finds too long is the mistake programs look for.
func TestContextTooSmallBehindServe(t *testing.T) {
	e := behind(t, &script{})
	e.about.Model.Context = 0 // as if it had not told
	long := hello(func(r *chat.Request) {
		for range 5000 {
			r.Messages[0].Parts[0].Text += "long "
		}
	})
	o := answered(t.Context(), e, long)
	var wrong *chat.RequestError
	if !errors.As(o.err, &wrong) || wrong.Code != chat.CodeTooLong {
		data, _ := json.Marshal(wrong)
		t.Errorf("%v (%s)", o.err, data)
	}
}
