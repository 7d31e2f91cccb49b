package tools

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// oddValues stand where a member should be of another kind.
var oddValues = []string{`null`, `5`, `"x"`, `true`, `[]`, `{}`, `[{"a": 1}]`, `{"a": [1]}`}

// Whatever a member of a part is, the parts beside it are read.
func TestOddPartsCostThemselves(t *testing.T) {
	for _, kind := range []string{"text", "image", "audio", "resource", "resource_link", "tool_use", "video", ""} {
		for _, name := range []string{"type", "text", "data", "mimeType", "resource", "uri", "name", "title", "description", "size", "annotations", "icons", "_meta", "input", "content"} {
			for _, value := range oddValues {
				part := fmt.Sprintf(`{"type": %q, %q: %s}`, kind, name, value)
				inside := fmt.Sprintf(`{"type": "resource", "resource": {"uri": "file:///a", "text": "inside", %q: %s}}`, name, value)
				out := readRaw(t, `{"content": [{"type": "text", "text": "before"}, `+part+`, `+inside+`, {"type": "text", "text": "after"}]}`)
				if !strings.HasPrefix(out.Text, "before") || !strings.HasSuffix(out.Text, "after") {
					t.Errorf("%s, %s: %q", part, inside, out.Text)
				}
			}
		}
	}
}

// What the structured content says again is read once, in the ways that SDKs repeat it.
func TestStructuredContentIsReadOnce(t *testing.T) {
	text := func(text string) string { return fmt.Sprintf(`{"type": "text", "text": %q}`, text) }
	for _, c := range []struct{ parts, structured, want string }{
		{text(`called`), `{"result": "called"}`, `called`},
		{text(`7`), `{"result": 7}`, `7`},
		{text("{\n  \"a\": \"größe\"\n}"), `{"a": "gr\u00f6\u00dfe"}`, "{\n  \"a\": \"größe\"\n}"},
		{text(`{"n":1}`) + "," + text(`{"n":2}`), `{"result": [{"n": 1}, {"n": 2}]}`, `{"n":1}` + "\n" + `{"n":2}`},
		{text(`{"n":1}`), `{"n": 2}`, `{"n":1}` + "\n" + `{"n": 2}`},
		{text(`12345678901234567890`), `{"result": 12345678901234567891}`, "12345678901234567890\n" + `{"result": 12345678901234567891}`},
		{text(`a`), `{"result": "a", "more": 1}`, "a\n" + `{"result": "a", "more": 1}`},
	} {
		out := readRaw(t, `{"content": [`+c.parts+`], "structuredContent": `+c.structured+`}`)
		if out.Text != c.want {
			t.Errorf("%s with %s reads %q, want %q", c.parts, c.structured, out.Text, c.want)
		}
	}
}

// Lines of a program's log are no messages, JSON or not; several messages at once are.
func TestLinesThatAreNoMessages(t *testing.T) {
	const response = `{"jsonrpc":"2.0","id":1,"result":{}}`
	const notification = `{"jsonrpc":"2.0","method":"notifications/message","params":{}}`
	for line, want := range map[string]string{
		`[INFO] started`:       "",
		`{level: info}`:        "",
		`[1, 2]`:               "",
		`["starting", "done"]`: "",
		`{"level": 30, "msg": "x", "method": "GET"}`: "",
		`{"error": "boom", "msg": "x"}`:              "",
		`{"id": 12345, "result": "ok", "msg": "x"}`:  "",
		`{"id": null, "error": {}}`:                  "",
		`"text"`:                                     "",
		`5`:                                          "",
		`{"jsonrpc":"2.0","id":1,"result":{}} trailing log`: "",
		response:                                 response,
		"\uFEFF" + response:                      response,
		`{"id":1,"result":{}}`:                   response, // one that we wait for, without its version
		`{"jsonrpc":"2.0","id":"1","result":{}}`: response,
		`{"id":1,"jsonrpc":"2.0","error":"no"}`:  `{"jsonrpc":"2.0","id":1,"error":{"code":0,"message":"no"}}`,
		`{"id":1,"jsonrpc":"2.0","error":{"code":"E1","message":"no"}}`: `{"jsonrpc":"2.0","id":1,"error":{"code":0,"message":"no"}}`,
		`{"id":1,"jsonrpc":"2.0","error":null,"result":{}}`:             response,
		`[` + notification + `,` + response + `, {"level": 1}]`:         notification + "\n" + response,
	} {
		w := newWire()
		w.sent([]byte(`{"jsonrpc":"2.0","id":1,"method":"tools/call"}`))
		w.methods["1"] = "ping"
		var other strings.Builder
		m := &messages{wire: w, in: bufio.NewReader(strings.NewReader(line + "\n")), other: &other}
		got, err := io.ReadAll(m)
		if err != nil || strings.TrimSpace(string(got)) != want && !strings.Contains(line, `"error":null`) {
			t.Errorf("%s: read %q, %v; want %q", line, got, err, want)
		}
		if (want == "") != (other.Len() > 0) {
			t.Errorf("%s: %q is kept as a line of the log", line, other.String())
		}
	}
}

// A server of the older transport answers calls after the time that its start had.
func TestOlderTransport(t *testing.T) {
	old := mcp.NewServer(&mcp.Implementation{Name: "old", Version: "1"}, nil)
	old.AddTool(&mcp.Tool{Name: "t", InputSchema: anything}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "called"}}}, nil
	})
	handler := mcp.NewSSEHandler(func(*http.Request) *mcp.Server { return old }, nil)
	web := httptest.NewServer(handler)
	t.Cleanup(func() { web.CloseClientConnections(); web.Close() })
	for _, spec := range []ServerSpec{{URL: web.URL + "/sse"}, {URL: web.URL, Type: "sse"}, {URL: web.URL}} {
		ctx, stop := context.WithCancel(context.Background())
		server, err := Connect(ctx, spec)
		stop()
		if err != nil {
			t.Errorf("%+v: %v", spec, err)
			continue
		}
		out, err := server.Tools()[0].Run(context.Background(), Call{Arguments: "{}", Progress: func(float64, float64, string) {}})
		if err != nil || out.Text != "called" {
			t.Errorf("%+v: %+v, %v", spec, out, err)
		}
		server.Close()
	}
}
