package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"sirocco/model/chat"
)

// The tests run without the system's keyring and without anybody's key.
func TestMain(m *testing.M) {
	os.Unsetenv(KeyVariable)
	os.Exit(m.Run())
}

// fake is a server that plays a script. Zero fields are those of a vLLM that
// has no /tokenize and no version.
type fake struct {
	models   string // the reply to /v1/models
	version  string // of vLLM; "" is 404
	tokenize func(body map[string]any) []int32
	chat     func(w http.ResponseWriter, r *http.Request, attempt int)

	mu     sync.Mutex
	bodies []map[string]any // of chat requests
	keys   []string         // of all requests
	at     string
}

const oneModel = `{"object": "list", "data": [{"id": "mistral-small", "owned_by": "vllm", "max_model_len": 4096}]}`

// open starts the fake and the engine over it.
func (f *fake) open(t *testing.T, change ...func(*Options)) *Engine {
	t.Helper()
	f.listen(t)
	o := Options{URL: f.at, RetryTime: time.Millisecond}
	for _, c := range change {
		c(&o)
	}
	e, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func (f *fake) listen(t *testing.T) {
	t.Helper()
	if f.models == "" {
		f.models = oneModel
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.at = server.URL
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	var body map[string]any
	json.Unmarshal(data, &body)
	f.mu.Lock()
	f.keys = append(f.keys, r.Header.Get("Authorization"))
	f.mu.Unlock()
	switch r.URL.Path {
	case "/v1/models":
		io.WriteString(w, f.models)
	case "/version":
		if f.version == "" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, `{"version": %q}`, f.version)
	case "/tokenize":
		if f.tokenize == nil {
			http.NotFound(w, r)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"tokens": f.tokenize(body)})
	case "/v1/chat/completions":
		f.mu.Lock()
		f.bodies = append(f.bodies, body)
		attempt := len(f.bodies)
		f.mu.Unlock()
		f.chat(w, r, attempt)
	default:
		http.NotFound(w, r)
	}
}

// last is the chat request that came last.
func (f *fake) last() map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bodies[len(f.bodies)-1]
}

// streams plays server-sent events: each line is the data of one.
func streams(lines ...string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		for _, line := range lines {
			fmt.Fprintf(w, "data: %s\n\n", line)
		}
	}
}

// says is a piece of text, calls a piece of calls, ends the last piece.
func says(text string) string {
	return fmt.Sprintf(`{"choices": [{"index": 0, "delta": {"content": %q}}]}`, text)
}

func called(pieces string) string {
	return fmt.Sprintf(`{"choices": [{"index": 0, "delta": {"tool_calls": [%s]}}]}`, pieces)
}

func ends(reason string) string {
	return fmt.Sprintf(`{"choices": [{"index": 0, "delta": {}, "finish_reason": %q}]}`, reason)
}

// refuses answers with an error.
func refuses(status int, message string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": message, "type": "BadRequestError", "code": status}})
	}
}

// hello is a request.
func hello(change ...func(*chat.Request)) *chat.Request {
	r := &chat.Request{Messages: []chat.Message{chat.Text(chat.User, "Hello!")}, Sampling: chat.DefaultSampling()}
	for _, c := range change {
		c(r)
	}
	return r
}

// withTool lets the request call f.
func withTool(r *chat.Request) {
	r.Tools = []chat.Tool{{Name: "f", Parameters: json.RawMessage(`{"type": "object", "properties": {"b": {}, "a": {}}}`)}}
}

// outcome is everything an answer told.
type outcome struct {
	events  []chat.Event
	notices []string
	text    string // of the text events
	done    *chat.Done
	err     error
}

// answered asks and listens to the end.
func answered(ctx context.Context, e chat.Engine, r *chat.Request) outcome {
	var o outcome
	for event, err := range e.Generate(ctx, r) {
		if err != nil {
			o.err = err
			break
		}
		switch event.Kind {
		case chat.KindText:
			o.text += event.Text
		case chat.KindNotice:
			o.notices = append(o.notices, event.Text)
		case chat.KindDone:
			o.done = event.Done
		}
		o.events = append(o.events, event)
	}
	return o
}

// must is an outcome that ended well.
func must(t *testing.T, o outcome) outcome {
	t.Helper()
	if o.err != nil || o.done == nil {
		t.Fatalf("the answer ended with %v, done %v", o.err, o.done)
	}
	return o
}

// mentions checks that a text holds all words.
func mentions(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q does not mention %q", text, word)
		}
	}
}
