package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// An ordinary answer: text in order, counts from the server.
func TestAnswer(t *testing.T) {
	f := &fake{chat: streams(says("A red"), says(" circle."), ends("stop"),
		`{"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 8}}}`, "[DONE]")}
	e := f.open(t)
	o := must(t, answered(t.Context(), e, hello()))
	if o.text != "A red circle." || o.done.Text != o.text || o.done.FinishReason != chat.FinishStop {
		t.Errorf("text %q, done %q, reason %s", o.text, o.done.Text, o.done.FinishReason)
	}
	if u := o.done.Usage; u.PromptTokens != 12 || u.CompletionTokens != 4 || u.CachedTokens != 8 {
		t.Errorf("usage %+v", u)
	}
	if o.events[0].Kind != chat.KindPrompt || o.events[0].Prompt.Check != chat.PromptUnchecked || len(o.events[0].Prompt.IDs) == 0 {
		t.Errorf("the first event is %+v", o.events[0])
	}
	about := e.About()
	if about.Model.Name != "mistral-small" || about.Model.Context != 4096 || about.Device.Backend != "remote" {
		t.Errorf("about %+v", about)
	}
}

// A server that is busy or breaks off before the first word is asked again; the
// listener sees one answer.
func TestReconnectsBeforeTheFirstWord(t *testing.T) {
	whole := streams(says("Hello."), ends("stop"), "[DONE]")
	for name, first := range map[string]func(http.ResponseWriter, *http.Request, int){
		"busy": refuses(503, "overloaded"),
		"gateway": func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.WriteHeader(502)
			fmt.Fprint(w, "<html>bad gateway</html>")
		},
		"cut":      streams(`{"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}`),
		"vanished": func(http.ResponseWriter, *http.Request, int) { panic(http.ErrAbortHandler) },
	} {
		f := &fake{chat: func(w http.ResponseWriter, r *http.Request, attempt int) {
			if attempt < 3 {
				first(w, r, attempt)
				return
			}
			whole(w, r, attempt)
		}}
		o := must(t, answered(t.Context(), f.open(t), hello()))
		if o.text != "Hello." || o.done.FinishReason != chat.FinishStop || len(f.bodies) != 3 {
			t.Errorf("%s: %q after %d attempts, reason %s", name, o.text, len(f.bodies), o.done.FinishReason)
		}
	}
}

// It gives up with a sentence when nobody comes back.
func TestGivesUp(t *testing.T) {
	f := &fake{chat: refuses(503, "overloaded")}
	o := answered(t.Context(), f.open(t), hello())
	if o.err == nil || len(f.bodies) != attempts {
		t.Fatalf("%v after %d attempts", o.err, len(f.bodies))
	}
	mentions(t, o.err.Error(), "503", "overloaded")
}

// A server lost in mid-answer leaves what was said, and the reason says so.
func TestKeepsWhatWasSaid(t *testing.T) {
	for name, play := range map[string]func(http.ResponseWriter, *http.Request, int){
		"cut": func(w http.ResponseWriter, r *http.Request, n int) {
			streams(says("A red"))(w, r, n)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
		"no end": streams(says("A red")),
		"fault":  streams(says("A red"), `{"error": {"message": "EngineCore died", "code": 500}}`),
		"noise":  streams(says("A red"), `{"choices": [`),
	} {
		f := &fake{chat: play}
		o := must(t, answered(t.Context(), f.open(t), hello()))
		if o.done.Text != "A red" || o.done.FinishReason != chat.FinishCancelled || len(f.bodies) != 1 {
			t.Errorf("%s: %q, reason %s, %d requests", name, o.done.Text, o.done.FinishReason, len(f.bodies))
		}
		mentions(t, strings.Join(o.notices, "; "), "broke off")
	}
}

// A stop by the user ends the request at once, at the server as well.
func TestCancel(t *testing.T) {
	gone := make(chan struct{})
	f := &fake{chat: func(w http.ResponseWriter, r *http.Request, n int) {
		streams(says("so far"))(w, r, n)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	}}
	e := f.open(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var done *chat.Done
	for event, err := range e.Generate(ctx, hello()) {
		if err != nil {
			t.Fatal(err)
		}
		if event.Kind == chat.KindText {
			stop()
		}
		if event.Kind == chat.KindDone {
			done = event.Done
		}
	}
	<-gone
	if done == nil || done.Text != "so far" || done.FinishReason != chat.FinishCancelled {
		t.Errorf("the stopped answer is %+v", done)
	}
}

// Breaking out of the loop ends the request too.
func TestListenerGoesAway(t *testing.T) {
	gone := make(chan struct{})
	f := &fake{chat: func(w http.ResponseWriter, r *http.Request, n int) {
		streams(says("so far"))(w, r, n)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	}}
	for event := range f.open(t).Generate(t.Context(), hello()) {
		if event.Kind == chat.KindText {
			break
		}
	}
	<-gone
}

// Why an answer ended, in the words of vLLM, of Sirocco and of others.
func TestFinishReasons(t *testing.T) {
	end := func(reason, stop string) string {
		return fmt.Sprintf(`{"choices": [{"index": 0, "delta": {}, "finish_reason": %q, "stop_reason": %s}]}`, reason, stop)
	}
	for _, c := range []struct{ line, reason, sequence string }{
		{end("stop", "null"), chat.FinishStop, ""},
		{end("stop", "2"), chat.FinishStop, ""},
		{end("stop", `"END"`), chat.FinishStop, "END"},
		{end("length", "null"), chat.FinishLength, ""},
		{end("length", `"repetition"`), chat.FinishRepetition, ""},
		{end("length", `"cancelled"`), chat.FinishCancelled, ""},
		{end("abort", "null"), chat.FinishCancelled, ""},
	} {
		f := &fake{chat: streams(says("Hi"), c.line)}
		o := must(t, answered(t.Context(), f.open(t), hello(func(r *chat.Request) { r.Stop = []string{"END"} })))
		if o.done.FinishReason != c.reason || o.done.StopSequence != c.sequence {
			t.Errorf("%s: %s, %q", c.line, o.done.FinishReason, o.done.StopSequence)
		}
	}
}

// A proxy that does not stream gives the whole answer at once.
func TestWholeReply(t *testing.T) {
	f := &fake{chat: func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"choices": [{"message": {"role": "assistant", "content": "Hi."}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}`)
	}}
	if o := must(t, answered(t.Context(), f.open(t), hello())); o.text != "Hi." || o.done.Usage.CompletionTokens != 2 {
		t.Errorf("%q, %+v", o.text, o.done.Usage)
	}
}

// A schema vLLM cannot follow is no reason to fail when nobody asked for it.
func TestStrictIsTakenBack(t *testing.T) {
	f := &fake{version: "0.32.0", chat: func(w http.ResponseWriter, r *http.Request, attempt int) {
		if attempt == 1 {
			refuses(400, "Failed to compile the grammar of the structural tag")(w, r, attempt)
			return
		}
		streams(says("Hi."), ends("stop"))(w, r, attempt)
	}}
	must(t, answered(t.Context(), f.open(t), hello(withTool)))
	strict := func(n int) any {
		return f.bodies[n]["tools"].([]any)[0].(map[string]any)["function"].(map[string]any)["strict"]
	}
	if len(f.bodies) != 2 || strict(0) != true || strict(1) != nil {
		t.Errorf("%d requests: %v", len(f.bodies), f.bodies)
	}
}

// A conversation the server's template would refuse is refused here, once that
// template is known to be ours; an exact sequence of tokens is never sent.
func TestRefusesHere(t *testing.T) {
	e := (&fake{tokenize: tekkenTokens(t)}).open(t)
	o := answered(t.Context(), e, &chat.Request{Messages: []chat.Message{chat.Text(chat.Assistant, "Hi")}})
	var wrong *chat.RequestError
	if !errors.As(o.err, &wrong) {
		t.Errorf("a conversation that ends with the assistant: %v", o.err)
	}
	if o := answered(t.Context(), e, &chat.Request{Prompt: []int32{1}}); !errors.As(o.err, &wrong) {
		t.Errorf("an exact prompt: %v", o.err)
	}
}

// A server lets an answer go round in circles; here it is ended, and the server
// is told by the closed connection.
func TestCirclesAreEnded(t *testing.T) {
	const line = `{"choices": [{"index": 0, "delta": {"content": " and"}, "logprobs": {"content": [{"token": "token_id:1321", "logprob": -0.1}]}}]}`
	gone := make(chan struct{}, 1)
	f := &fake{version: "0.32.0", tokenize: tekkenTokens(t), chat: func(w http.ResponseWriter, r *http.Request, n int) {
		for range 5000 {
			streams(line)(w, r, n)
		}
		streams(ends("length"), "[DONE]")(w, r, n)
		gone <- struct{}{}
	}}
	e := f.open(t)
	o := must(t, answered(t.Context(), e, hello()))
	if o.done.FinishReason != chat.FinishRepetition || len(o.done.Tokens) > 1000 || o.done.Text != strings.Repeat(" and", len(o.done.Tokens)) || len(o.notices) > 0 {
		t.Errorf("%s after %d tokens; %q", o.done.FinishReason, len(o.done.Tokens), o.notices)
	}
	<-gone
	o = must(t, answered(t.Context(), e, hello(func(r *chat.Request) { r.NoGuard = true })))
	if o.done.FinishReason != chat.FinishLength || len(o.done.Tokens) != 5000 {
		t.Errorf("without the guard: %s after %d tokens", o.done.FinishReason, len(o.done.Tokens))
	}
}
