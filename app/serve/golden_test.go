package serve

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sirocco/app/goldentest"
	"sirocco/model/chat"
)

// Every metric there is: its name, its kind, its labels, and the bounds of its buckets.
func TestMetricsAreAsCommitted(t *testing.T) {
	s := newServer(t, &fake{}, Options{})
	passes := &counting{}
	passes.passes.Read(100)
	passes.passes.Decoded(1, 1)
	ask(s, "POST", chatURL, hello(""))
	ask(s, "POST", chatURL, hello(`"n": "x"`))
	s.o.Engine = passes
	value := regexp.MustCompile(` \S+$`)
	lines := map[string]bool{}
	for line := range strings.Lines(ask(s, "GET", "/metrics", "").Body.String()) {
		line = strings.TrimSuffix(line, "\n")
		if kind, ok := strings.CutPrefix(line, "# TYPE "); ok {
			lines[kind] = true
		} else if !strings.HasPrefix(line, "#") {
			lines[value.ReplaceAllString(line, "")] = true
		}
	}
	goldentest.Same(t, "testdata/metrics.txt", strings.Join(slices.Sorted(maps.Keys(lines)), "\n")+"\n")
}

// exchange is a request and the kind of answer it gets.
type exchange struct {
	name, method, url, body string
	plays                   string // what the engine does: "" speaks, "calls" calls a tool
}

var exchanges = []exchange{
	{"health", "GET", "/health", "", ""},
	{"models", "GET", "/v1/models", "", ""},
	{"one model", "GET", "/v1/models/fake", "", ""},
	{"tokenize", "POST", "/tokenize", `{"prompt": "Hello"}`, ""},
	{"detokenize", "POST", "/detokenize", `{"tokens": [1500, 1501]}`, ""},
	{"count tokens", "POST", "/v1/messages/count_tokens", `{"model": "fake", "messages": [{"role": "user", "content": "Hi"}]}`, ""},
	{"chat", "POST", chatURL, hello(`"logprobs": true, "top_logprobs": 1`), ""},
	{"chat that calls", "POST", chatURL, withTools, "calls"},
	{"chat, streamed", "POST", chatURL, hello(`"stream": true, "stream_options": {"include_usage": true}, "logprobs": true`), ""},
	{"chat that calls, streamed", "POST", chatURL, strings.Replace(withTools, "{", `{"stream": true, `, 1), "calls"},
	{"chat refused", "POST", chatURL, hello(`"n": "x"`), ""},
	{"text", "POST", textURL, `{"prompt": "A", "logprobs": 1}`, ""},
	{"text, streamed", "POST", textURL, `{"prompt": "A", "stream": true}`, ""},
	{"response", "POST", "/v1/responses", `{"input": "Hi"}`, ""},
	{"response that calls", "POST", "/v1/responses", `{"input": "Hi", "tools": [{"type": "function", "name": "weather", "parameters": {}}]}`, "calls"},
	{"response, streamed", "POST", "/v1/responses", `{"input": "Hi", "stream": true}`, ""},
	{"message", "POST", "/v1/messages", `{"max_tokens": 8, "messages": [{"role": "user", "content": "Hi"}]}`, ""},
	{"message that calls", "POST", "/v1/messages", `{"max_tokens": 8, "messages": [{"role": "user", "content": "Hi"}], "tools": [{"name": "weather", "input_schema": {"type": "object"}}]}`, "calls"},
	{"message, streamed", "POST", "/v1/messages", `{"max_tokens": 8, "stream": true, "messages": [{"role": "user", "content": "Hi"}]}`, ""},
	{"message refused", "POST", "/v1/messages", `{"max_tokens": "x", "messages": []}`, ""},
	{"nothing there", "GET", "/nothing", "", ""},
	{"another method", "GET", chatURL, "", ""},
}

const withTools = `{"messages": [{"role": "user", "content": "Hi"}], "tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]}`

// The status and the shape of what every route answers, whole and streamed.
func TestRepliesAreAsCommitted(t *testing.T) {
	var all strings.Builder
	for _, e := range exchanges {
		engine := &fake{play: says(chat.FinishStop, "A", " red", " circle.")}
		if e.plays == "calls" {
			engine.play = oneCall
		}
		got := ask(newServer(t, engine, Options{}), e.method, e.url, e.body)
		fmt.Fprintf(&all, "%s: %s %s\n  %d %s\n", e.name, e.method, e.url, got.Code, got.Header().Get("Content-Type"))
		body := got.Body.String()
		if strings.HasPrefix(got.Header().Get("Content-Type"), "text/event-stream") {
			writeStream(t, &all, body)
		} else if body != "" {
			for place := range strings.Lines(goldentest.Shape(t, []byte(body))) {
				fmt.Fprintf(&all, "  %s", place)
			}
		}
	}
	goldentest.Same(t, "testdata/replies.txt", all.String())
}

// writeStream lists the kinds of a stream's events in the order in which they first
// come, each with all that its kind ever says.
func writeStream(t *testing.T, out *strings.Builder, body string) {
	t.Helper()
	var order []string
	places := map[string]map[string]bool{}
	for event := range strings.SplitSeq(strings.TrimSpace(body), "\n\n") {
		name, data, named := strings.Cut(event, "\n")
		if !named {
			name, data = "data", event
		}
		if places[name] == nil {
			order, places[name] = append(order, name), map[string]bool{}
		}
		data = strings.TrimPrefix(data, "data: ")
		if data == "[DONE]" {
			places[name]["[DONE]\n"] = true
			continue
		}
		for place := range strings.Lines(goldentest.Shape(t, []byte(data))) {
			places[name][place] = true
		}
	}
	for _, name := range order {
		fmt.Fprintf(out, "  %s\n", name)
		for _, place := range slices.Sorted(maps.Keys(places[name])) {
			fmt.Fprintf(out, "    %s", place)
		}
	}
}
