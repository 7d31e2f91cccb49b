package serve

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"sirocco/model/chat"
	"sirocco/model/tokenizer"
)

// fake is an engine that plays a script.
type fake struct {
	play    func(ctx context.Context, request *chat.Request, say func(chat.Event)) error
	context int
	blind   bool

	mu    sync.Mutex
	heard []chat.Request
}

// errConsumerGone unwinds a script whose listener broke out of the loop.
type errConsumerGone struct{}

func (f *fake) Generate(ctx context.Context, request *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		f.mu.Lock()
		f.heard = append(f.heard, *request)
		f.mu.Unlock()
		defer func() {
			if fault := recover(); fault != nil {
				if _, ok := fault.(errConsumerGone); !ok {
					panic(fault)
				}
			}
		}()
		err := f.play(ctx, request, func(e chat.Event) {
			if !yield(e, nil) {
				panic(errConsumerGone{})
			}
		})
		if err != nil {
			yield(chat.Event{}, err)
		}
	}
}

func (f *fake) About() chat.About {
	length := f.context
	if length == 0 {
		length = 8192
	}
	info := chat.ModelInfo{Name: "fake", Context: length}
	if !f.blind {
		info.Vision, info.Pictures = true, &chat.PictureRule{PatchSize: 14, MaxSize: 1540, Merge: 2}
	}
	return chat.About{Model: info}
}

func (f *fake) Close() {}

// last is the request the engine was asked last.
func (f *fake) last() chat.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.heard[len(f.heard)-1]
}

// says plays an answer word by word: a token and its text each, then the end.
func says(reason string, words ...string) func(context.Context, *chat.Request, func(chat.Event)) error {
	return func(_ context.Context, request *chat.Request, say func(chat.Event)) error {
		say(chat.Event{Kind: chat.KindPrefill, Prefill: &chat.Prefill{Done: 7, Total: 7}})
		for i, word := range words {
			say(tokenEvent(int32(1000+i), word, request.Logprobs))
			say(chat.Event{Kind: chat.KindText, Text: word})
		}
		say(tokenEvent(2, "</s>", request.Logprobs))
		say(end(reason, strings.Join(words, ""), len(words)+1))
		return nil
	}
}

func tokenEvent(id int32, text string, top int) chat.Event {
	token := &chat.Token{Candidate: chat.Candidate{ID: id, Text: text, Logprob: -0.5}}
	for range top {
		token.Top = append(token.Top, token.Candidate)
	}
	return chat.Event{Kind: chat.KindToken, Token: token}
}

func end(reason, text string, tokens int, calls ...chat.ToolCall) chat.Event {
	return chat.Event{Kind: chat.KindDone, Done: &chat.Done{
		Text: text, FinishReason: reason, ToolCalls: calls,
		Usage: chat.Usage{PromptTokens: 7, CompletionTokens: tokens, CachedTokens: 3},
	}}
}

// calls plays two tool calls, oneCall one.
var (
	calls   = makes("weather", "time")
	oneCall = makes("weather")
)

func makes(names ...string) func(context.Context, *chat.Request, func(chat.Event)) error {
	return makesWith(`{"city": "Rome"}`, names...)
}

// makesWith plays calls with the same arguments, which come in two pieces.
func makesWith(arguments string, names ...string) func(context.Context, *chat.Request, func(chat.Event)) error {
	before, after := arguments[:9], arguments[9:]
	return func(_ context.Context, _ *chat.Request, say func(chat.Event)) error {
		var made []chat.ToolCall
		for i, name := range names {
			id := []string{"AAAAAAAA0", "AAAAAAAA1"}[i]
			say(tokenEvent(9, "[TOOL_CALLS]", 0))
			say(chat.Event{Kind: chat.KindCall, Call: &chat.CallDelta{Index: i, ID: id, Name: name}})
			say(chat.Event{Kind: chat.KindCall, Call: &chat.CallDelta{Index: i, Arguments: before}})
			say(chat.Event{Kind: chat.KindCall, Call: &chat.CallDelta{Index: i, Arguments: after}})
			say(chat.Event{Kind: chat.KindCall, Call: &chat.CallDelta{Index: i, Complete: true}})
			made = append(made, chat.ToolCall{ID: id, Name: name, Arguments: arguments})
		}
		say(end(chat.FinishToolCalls, "", 9, made...))
		return nil
	}
}

var vocabulary = sync.OnceValues(func() (*tokenizer.Tokenizer, error) { return tokenizer.Open("../../assets/breeze/tekken.json") })

// newServer is a server with the fake engine behind it.
func newServer(t *testing.T, engine *fake, o Options) *Server {
	t.Helper()
	tok, err := vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	if engine.play == nil {
		engine.play = says(chat.FinishStop, "A", " red", " circle.")
	}
	o.Engine, o.Tokenizer = engine, tok
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// listen runs a server on a free port and returns its address; it is stopped at
// the end of the test.
func listen(t *testing.T, s *Server) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	server := httptest.NewUnstartedServer(nil) // for its listener
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, server.Listener) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the server ended with: %v", err)
			}
		case <-time.After(time.Minute):
			t.Error("the server did not stop")
		}
	})
	return server.Listener.Addr().String()
}

// ask sends one request through a server without a network.
func ask(s http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost:8080"
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// look reads one value out of JSON by its place: "choices.0.message.content".
func look(t *testing.T, data []byte, place string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	for _, key := range strings.Split(place, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i := int(key[0] - '0')
			if i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// events reads a stream of server-sent events; the last one must be [DONE].
func events(t *testing.T, body io.Reader) [][]byte {
	t.Helper()
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n\n") {
		payload, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			t.Fatalf("%q is no event", line)
		}
		out = append(out, []byte(payload))
	}
	if string(out[len(out)-1]) != "[DONE]" {
		t.Fatalf("the stream ends with %s", out[len(out)-1])
	}
	return out[:len(out)-1]
}

// hello is a request body with more fields.
func hello(more string) string {
	if more != "" {
		more = ", " + more
	}
	return `{"model": "fake", "messages": [{"role": "user", "content": "What is it?"}]` + more + `}`
}
