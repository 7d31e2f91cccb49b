package remote

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sirocco/app/openai"
	"sirocco/model/chat"
)

// Whatever a server streams, nothing panics, and what was told on the way is
// what the end sums up.
func FuzzStream(f *testing.F) {
	line := func(data ...string) string { return "data: " + strings.Join(data, "\n\ndata: ") + "\n\n" }
	f.Add(line(says("A red"), ends("stop"), "[DONE]"))
	f.Add(line(called(`{"index": 3, "function": {"name": "f", "arguments": "{}{}"}}`), ends("tool_calls")))
	f.Add(line(says("[TOOL_CALLS]f[ARGS]{\"a\""), says(": 1}[TOOL_CALLS][ARGS]")))
	f.Add(line(`{"choices": [{"logprobs": {"content": [{"token": "token_id:99999999", "bytes": [300]}]}}]}`, `{"error": null}`))
	f.Add(line(`{"usage": {}}`, `{"choices": [{"delta": {"tool_calls": [{"index": -1}]}}]}`) + ": alive\n\nevent: x\r\n\r\n")
	tok, err := miniature()
	if err != nil {
		f.Fatal(err)
	}
	e := &Engine{at: address{root: &url.URL{Host: "fuzz"}}, key: newSecret(""), tok: tok, confirmed: true}
	f.Fuzz(func(t *testing.T, sent string) {
		var o outcome
		a := &answer{Engine: e, ctx: t.Context(), plan: &plan{request: *hello(withTool)}, yield: func(event chat.Event, _ error) bool {
			o.text += map[bool]string{true: event.Text}[event.Kind == chat.KindText]
			o.events, o.done = append(o.events, event), event.Done
			return true
		}}
		a.begin(&body{Tools: []openai.WireTool{{}}})
		err := a.read(&http.Response{Header: http.Header{}, Body: io.NopCloser(strings.NewReader(sent))})
		if errors.Is(err, errStopped) || a.finish(err) != nil {
			t.Fatal("nobody stopped listening")
		}
		if o.done == nil || o.done.Text != o.text {
			t.Errorf("told %q, summed up %+v", o.text, o.done)
		}
	})
}
