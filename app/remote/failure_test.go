package remote

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"sirocco/model/chat"
)

// answering is the address of a server with one handler.
func answering(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// An error that comes with status 200 means what it says, in whatever shape.
func TestErrorsInEveryShape(t *testing.T) {
	for body, status := range map[string]int{
		`{"error": {"code": 400, "message": "the reason"}}`:                                   400,
		`{"error": {"code": "429", "message": "the reason"}}`:                                 429,
		`{"object": "error", "message": "the reason", "code": 503}`:                           503,
		`{"error": {"type": "overloaded_error", "message": "the reason"}}`:                    503,
		`{"type": "error", "error": {"type": "rate_limit_error", "message": "the reason"}}`:   429,
		`{"error": {"code": "context_length_exceeded", "message": "the reason"}}`:             400,
		`{"error": {"code": null, "type": "invalid_request_error", "message": "the reason"}}`: 400,
		`[{"error": {"code": 401, "message": "the reason", "status": "UNAUTHENTICATED"}}]`:    401,
		`{"error": "the reason"}`:                                                                     500,
		`{"error": ["the reason"]}`:                                                                   500,
		`{"code": 500, "msg": "the reason", "success": false}`:                                        500,
		`{"status": "error", "status_code": 502, "message": "the reason"}`:                            502,
		`{"detail": [{"loc": ["body", "seed"], "msg": "the reason"}]}`:                                500,
		`{"errors": [{"message": "the reason", "code": 7003}], "success": false, "result": null}`:     500,
		`{"error": {"message": "the reason", "metadata": {"raw": "more"}, "code": 504}, "id": "gen"}`: 504,
	} {
		if got := statusOf([]byte(body)); got != status {
			t.Errorf("%s is %d, want %d", body, got, status)
		}
		if got := messageOf([]byte(body)); !strings.Contains(got, "the reason") {
			t.Errorf("%s says %q", body, got)
		}
		for name, send := range map[string]func(http.ResponseWriter, *http.Request, int){
			"event": streams(body, "[DONE]"),
			"named event": func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("Content-Type", "text/event-stream")
				fmt.Fprintf(w, "event: error\ndata: %s\n\n", body)
			},
			"whole": func(w http.ResponseWriter, _ *http.Request, _ int) { io.WriteString(w, body) },
		} {
			f := &fake{chat: send}
			if o := answered(t.Context(), f.open(t), hello()); o.err == nil || !strings.Contains(o.err.Error(), "the reason") {
				t.Errorf("%s as %s: %q, %v", body, name, o.text, o.err)
			}
		}
	}
}

// Words behind an error event, and an end without an answer, are told.
func TestErrorsWithoutJSON(t *testing.T) {
	f := &fake{chat: func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "event: error\ndata: out of memory\n\n")
	}}
	if o := answered(t.Context(), f.open(t), hello()); o.err == nil || !strings.Contains(o.err.Error(), "out of memory") {
		t.Errorf("an error event of words: %v", o.err)
	}
	f = &fake{chat: streams("upstream went away", "[DONE]")}
	if o := answered(t.Context(), f.open(t), hello()); o.err == nil || !strings.Contains(o.err.Error(), "upstream went away") {
		t.Errorf("words alone: %v", o.err)
	}
	f = &fake{chat: streams(ends("stop"), "[DONE]")}
	if o := must(t, answered(t.Context(), f.open(t), hello())); !strings.Contains(strings.Join(o.notices, " "), "before the first word") {
		t.Errorf("an answer of nothing: notices %q", o.notices)
	}
}

// More fields that servers refuse, in the words they have for it.
func TestMoreRefusedFields(t *testing.T) {
	for field, c := range map[string]struct {
		status  int
		message string
		ask     func(*chat.Request)
		there   bool // another field stays
	}{
		"temperature":            {400, "Unsupported value: 'temperature' does not support 0.15 with this model. Only the default (1) value is supported.", nil, false},
		"logprobs":               {500, "logprobs is not supported with tools + stream", withTool, false},
		"continue_final_message": {422, `{"detail": [{"type": "extra_forbidden", "loc": ["body", "continue_final_message"]}]}`, prefilled, true},
	} {
		f := &fake{}
		f.chat = func(w http.ResponseWriter, r *http.Request, attempt int) {
			if _, there := f.last()[field]; there {
				refuses(c.status, c.message)(w, r, attempt)
				return
			}
			streams(says("Hello."), ends("stop"), "[DONE]")(w, r, attempt)
		}
		if c.ask == nil {
			c.ask = func(*chat.Request) {}
		}
		if o := must(t, answered(t.Context(), f.open(t), hello(c.ask))); o.text != "Hello." {
			t.Errorf("%s: %q", field, o.text)
		}
		messages := f.last()["messages"].([]any)
		if prefix := messages[len(messages)-1].(map[string]any)["prefix"]; (prefix == true) != c.there {
			t.Errorf("%s: the last message's prefix is %v", field, prefix)
		}
	}
}

// A value out of its range is told and not replaced.
func TestWrongValuesAreTold(t *testing.T) {
	f := &fake{chat: refuses(400, "temperature must be between 0 and 1")}
	if o := answered(t.Context(), f.open(t), hello()); o.err == nil || len(f.bodies) != 1 {
		t.Errorf("%v after %d requests", o.err, len(f.bodies))
	}
}

// A refusal that names nothing: the question is sent once more with nothing in it that
// nobody asked for, and so are all that follow.
func TestVagueRefusals(t *testing.T) {
	for _, said := range []string{"", "Bad Request", "400: Invalid request.", "Request contains an invalid argument."} {
		f := &fake{models: `{"data": [{"id": "m"}]}`}
		f.chat = func(w http.ResponseWriter, r *http.Request, attempt int) {
			body := f.last()
			function := body["tools"].([]any)[0].(map[string]any)["function"].(map[string]any)
			if body["stream_options"] != nil || body["logprobs"] != nil || body["seed"] != nil || function["strict"] != nil || body["temperature"] == nil || body["max_tokens"] == nil {
				refuses(400, said)(w, r, attempt)
				return
			}
			streams(says("Hello."), ends("stop"), "[DONE]")(w, r, attempt)
		}
		e := f.open(t)
		for range 2 {
			if o := must(t, answered(t.Context(), e, hello(withTool, func(r *chat.Request) { r.MaxTokens = 9 }))); o.text != "Hello." {
				t.Errorf("%q: %q", said, o.text)
			}
		}
		if len(f.bodies) != 3 {
			t.Errorf("%q: %d requests for two questions", said, len(f.bodies))
		}
	}
	f := &fake{chat: refuses(400, "Bad Request")}
	if o := answered(t.Context(), f.open(t), hello()); o.err == nil || len(f.bodies) != 2 {
		t.Errorf("refused for good: %v after %d requests", o.err, len(f.bodies))
	}
}

// Strict is OpenAI's own field, so every server is sent it; one that does not know it is
// asked without it from then on.
func TestStrictOfStrangers(t *testing.T) {
	f := &fake{models: `{"data": [{"id": "m"}]}`}
	f.chat = func(w http.ResponseWriter, r *http.Request, attempt int) {
		if f.last()["tools"].([]any)[0].(map[string]any)["function"].(map[string]any)["strict"] != nil {
			refuses(422, "tools.0.function.strict: Extra inputs are not permitted")(w, r, attempt)
			return
		}
		streams(says("Hello."), ends("stop"), "[DONE]")(w, r, attempt)
	}
	e := f.open(t)
	for range 2 {
		must(t, answered(t.Context(), e, hello(withTool)))
	}
	if len(f.bodies) != 3 {
		t.Errorf("%d requests for two questions", len(f.bodies))
	}
}

// Questions asked at the same time take the same field back.
func TestTakenBackTogether(t *testing.T) {
	const together = 4
	var first sync.WaitGroup
	first.Add(together)
	f := &fake{}
	f.chat = func(w http.ResponseWriter, r *http.Request, attempt int) {
		if attempt <= together {
			first.Done()
			first.Wait() // all were sent with it before the first is refused
			refuses(400, "Unknown field: seed")(w, r, attempt)
			return
		}
		streams(says("Hello."), ends("stop"), "[DONE]")(w, r, attempt)
	}
	e := f.open(t)
	var all sync.WaitGroup
	for range together {
		all.Go(func() {
			if o := answered(t.Context(), e, hello()); o.err != nil || o.text != "Hello." {
				t.Errorf("%q, %v", o.text, o.err)
			}
		})
	}
	all.Wait()
}

func prefilled(r *chat.Request) {
	r.Messages = append(r.Messages, chat.Message{Role: chat.Assistant, Prefix: true, Parts: []chat.Part{{Text: "Hel"}}})
}

// Refusals for money are final.
func TestUnpaidIsNotAskedAgain(t *testing.T) {
	f := &fake{chat: refuses(429, "You exceeded your current quota, please check your plan and billing details.")}
	if o := answered(t.Context(), f.open(t), hello()); o.err == nil || len(f.bodies) != 1 {
		t.Errorf("%v after %d requests", o.err, len(f.bodies))
	}
}

// A server that was started anew with another model says what it has now.
func TestModelIsGone(t *testing.T) {
	f := &fake{chat: refuses(404, "The model `mistral-small` does not exist.")}
	e := f.open(t)
	f.models = `{"data": [{"id": "another"}]}`
	if o := answered(t.Context(), e, hello()); o.err == nil || !strings.Contains(o.err.Error(), "now has another") {
		t.Errorf("got %v", o.err)
	}
}

// Questions that fill a server themselves wait for each other, however often they are
// refused meanwhile.
func TestFewSlots(t *testing.T) {
	const others, refusals = 5, 60
	var mu sync.Mutex
	refused := 0
	enough := make(chan struct{})
	f := &fake{chat: func(w http.ResponseWriter, r *http.Request, attempt int) {
		w.Header().Set("Content-Type", "text/event-stream")
		if attempt == 1 {
			io.WriteString(w, "data: "+says("Hello.")+"\n\n")
			w.(http.Flusher).Flush()
			select {
			case <-enough:
			case <-r.Context().Done():
			}
			io.WriteString(w, "data: "+ends("stop")+"\n\ndata: [DONE]\n\n")
			return
		}
		mu.Lock()
		refused++
		full := refused <= refusals
		if refused == refusals {
			close(enough)
		}
		mu.Unlock()
		if full {
			refuses(429, "full")(w, r, attempt)
			return
		}
		streams(says("Hello."), ends("stop"), "[DONE]")(w, r, attempt)
	}}
	e := f.open(t)
	var all sync.WaitGroup
	for event, err := range e.Generate(t.Context(), hello()) {
		if err != nil {
			t.Fatal(err)
		}
		if event.Kind != chat.KindText {
			continue
		}
		for range others {
			all.Go(func() {
				if o := answered(t.Context(), e, hello()); o.err != nil || o.text != "Hello." {
					t.Errorf("%q, %v", o.text, o.err)
				}
			})
		}
	}
	all.Wait()
}

// What JSON does not know is replaced outside of texts alone.
func TestFiniteNumbers(t *testing.T) {
	got := finite([]byte(`{"a": -Infinity, "b": NaN, "c": "NaN \" -Infinity", "d": [Infinity]}`))
	if !json.Valid(got) || !strings.Contains(string(got), `"NaN \" -Infinity"`) {
		t.Errorf("%s", got)
	}
}
