package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/model/chat"
)

// The model reads a tool's schema as the server wrote it: order, digits and letters.
func TestSchemaBytesAreKept(t *testing.T) {
	const schema = `{"type": "object", "properties": {"reasoning": {"type": "string", "description": "<b> & 'quotes'"}, "answer": {"type": "integer", "maximum": 12345678901234567890}}, "required": ["reasoning"]}`
	w := newWire()
	w.sent([]byte(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
	out, ok := w.came([]byte(`{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"t","inputSchema":` + schema + `}]}}`))
	if !ok || string(w.schema("t")) != schema {
		t.Fatalf("%s: %s", out, w.schema("t"))
	}
	got, why := readableSchema(w.schema("t"))
	if why != nil || string(got) != schema {
		t.Errorf("%s, %v", got, why)
	}
}

// What older drafts and careless generators write is put right; what cannot be read is
// left unchecked, with a word.
func TestSchemasAreRepaired(t *testing.T) {
	for raw, want := range map[string]string{
		`null`: `{"type": "object"}`,
		`{"type": "object", "properties": {"a": {"type": "str", "required": true}}, "required": null}`:         `{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}`,
		`{"type": "object", "properties": {"n": {"type": "integer", "minimum": 3, "exclusiveMinimum": true}}}`: `{"type": "object", "properties": {"n": {"type": "integer", "minimum": 3, "exclusiveMinimum": 3}}}`,
		`{"type": "object", "properties": {"x": null, "y": {"type": "any"}}}`:                                  `{"type": "object", "properties": {"x": {}, "y": {}}}`,
	} {
		if got, why := readableSchema(json.RawMessage(raw)); string(got) != want || why != nil {
			t.Errorf("%s became %s, %v; want %s", raw, got, why, want)
		}
	}
	for _, raw := range []string{`[]`, `{"type": "object", "properties": []}`, `{"type": "object", "properties": {"a": {"pattern": "("}}}`} {
		if got, why := readableSchema(json.RawMessage(raw)); string(got) != string(anything) || why == nil {
			t.Errorf("%s became %s without a word", raw, got)
		}
	}
}

// One unreadable part of a result costs that part.
func TestReadableResults(t *testing.T) {
	const png = "iVBORw0KGgo="
	for raw, want := range map[string]Output{
		`{"content": [], "structuredContent": {"z": 1, "a": 12345678901234567890, "h": "<b>"}}`:                     {Text: `{"z": 1, "a": 12345678901234567890, "h": "<b>"}`},
		`{"content": [{"type": "text", "text": "2 rows"}], "structuredContent": {"rows": 2}}`:                       {Text: "2 rows\n" + `{"rows": 2}`},
		`{"content": [{"type": "text", "text": "{\"a\":1}"}], "structuredContent": {"a": 1}}`:                       {Text: `{"a":1}`},
		`{"content": [{"type": "text", "text": "a"}, {"type": "video", "x": 1}, {"type": "text", "text": "b"}]}`:    {Text: "a\n" + `[content of the kind video that is not known here: {"type": "video", "x": 1}]` + "\nb"},
		`{"content": [{"type": "text", "text": "see"}, {"type": "image", "data": "!!!", "mimeType": "image/png"}]}`: {Text: "see\n[image that is left out: its data is not base64]"},
		`{"content": "plain"}`:             {Text: "plain"},
		`{"content": [], "isError": true}`: {Text: "the tool failed without saying why", Failed: true},
		`{"content": [{"type": "text", "text": 5, "annotations": {"priority": "high"}}], "isError": "yes", "_meta": 3}`:       {Text: "5"},
		`{"content": [{"type": "resource", "resource": {"uri": "file:///a", "mimeType": "text/plain", "blob": "aGVsbG8="}}]}`: {Text: "[resource file:///a]\nhello"},
	} {
		if got := readRaw(t, raw); got.Text != want.Text || got.Failed != want.Failed {
			t.Errorf("%s\nreads %q, want %q", raw, got.Text, want.Text)
		}
	}
	for _, raw := range []string{
		`{"content": [{"type": "image", "data": "data:image/png;base64,` + png + `"}]}`,
		`{"content": [{"type": "image", "data": "iVBOR\nw0KGgo", "mimeType": "image/png"}]}`,
		`{"content": [{"type": "resource", "resource": {"uri": "x", "blob": "` + png + `"}}]}`,
	} {
		if got := readRaw(t, raw); len(got.Pictures) != 1 || string(got.Pictures[0].Data) != "\x89PNG\r\n\x1a\n" {
			t.Errorf("%s: %+v", raw, got)
		}
	}
}

func readRaw(t *testing.T, raw string) Output {
	t.Helper()
	var result mcp.CallToolResult
	if err := json.Unmarshal(readableResult(json.RawMessage(raw)), &result); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return contents(&result)
}

// httpServer answers like a small MCP server; change may answer a request itself.
func httpServer(t *testing.T, change func(w http.ResponseWriter, r *http.Request, method, id string) bool) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
		}
		data, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(data, &m)
		if change(w, r, m.Method, string(m.ID)) {
			return
		}
		result := map[string]string{
			"initialize": `{"protocolVersion": "2024-10-07", "capabilities": {"tools": {"listChanged": true}}, "serverInfo": {"name": "x", "version": "1"}}`,
			"tools/list": `{"tools": [{"name": "t", "annotations": {"readOnlyHint": "yes"}, "icons": [{"sizes": 3}]}, {"description": "no name"}]}`,
			"tools/call": `{"content": [{"type": "text", "text": "called"}]}`,
		}[m.Method]
		switch {
		case r.Method != http.MethodPost:
			w.WriteHeader(http.StatusMethodNotAllowed)
		case result == "" && m.ID == nil:
			w.WriteHeader(http.StatusAccepted)
		case result == "":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"jsonrpc": "2.0", "id": %s, "error": {"code": -32601, "message": "no such method"}}`, m.ID)
		default:
			w.Header().Set("Content-Type", "Application/JSON; charset=UTF-8")
			fmt.Fprintf(w, `{"jsonrpc": "2.0", "id": %s, "result": %s}`, m.ID, result)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/mcp"
}

func callOnce(t *testing.T, url string) (*Server, string) {
	t.Helper()
	server, err := Connect(context.Background(), ServerSpec{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	list := server.Tools()
	if len(list) != 1 {
		t.Fatalf("%d tools", len(list))
	}
	out, err := list[0].Run(context.Background(), Call{Arguments: "{}", Progress: func(float64, float64, string) {}})
	if err != nil {
		t.Fatal(err)
	}
	return server, out.Text
}

// Content types in any case, an early version of the protocol, annotations of the wrong
// kind and a tool without a name cost nothing but themselves.
func TestCarelessServer(t *testing.T) {
	server, text := callOnce(t, httpServer(t, func(http.ResponseWriter, *http.Request, string, string) bool { return false }))
	if text != "called" || len(server.Notes()) != 1 {
		t.Errorf("%q, notes %q", text, server.Notes())
	}
}

// A stream whose head never comes keeps nobody waiting.
func TestHangingStream(t *testing.T) {
	end := make(chan struct{})
	url := httpServer(t, func(_ http.ResponseWriter, r *http.Request, _, _ string) bool {
		if r.Method == http.MethodGet {
			select {
			case <-end:
			case <-r.Context().Done():
			}
			return true
		}
		return false
	})
	t.Cleanup(func() { close(end) })
	if _, text := callOnce(t, url); text != "called" {
		t.Errorf("%q", text)
	}
}

// An event without data (SEP-1699) is no message.
func TestEmptyEvents(t *testing.T) {
	url := httpServer(t, func(w http.ResponseWriter, _ *http.Request, method, id string) bool {
		if method != "tools/call" {
			return false
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "id: 1\nretry: 10\ndata: \n\n: a comment\n\nevent: ping\ndata: now\n\ndata: {\"jsonrpc\": \"2.0\",\ndata:  \"id\": %s, \"result\": {\"content\": [{\"type\": \"text\", \"text\": \"streamed\"}]}}\n\n", id)
		return true
	})
	if _, text := callOnce(t, url); text != "streamed" {
		t.Errorf("%q", text)
	}
}

// A session that the server has forgotten is begun anew, and the call made again.
func TestForgottenSession(t *testing.T) {
	calls := 0
	url := httpServer(t, func(w http.ResponseWriter, _ *http.Request, method, _ string) bool {
		if method == "initialize" {
			w.Header().Set("Mcp-Session-Id", fmt.Sprint("s", calls))
		}
		if method == "tools/call" {
			if calls++; calls == 1 {
				http.Error(w, "session not found", http.StatusNotFound)
				return true
			}
		}
		return false
	})
	if _, text := callOnce(t, url); text != "called" || calls != 2 {
		t.Errorf("%q after %d calls", text, calls)
	}
}

// A list that may have changed is read before the next answer.
func TestChangedListIsRead(t *testing.T) {
	lists := 0
	url := httpServer(t, func(_ http.ResponseWriter, _ *http.Request, method, _ string) bool {
		if method == "tools/list" {
			lists++
		}
		return false
	})
	server, _ := callOnce(t, url)
	NewSet(server).Refresh(context.Background())
	if lists != 2 {
		t.Errorf("after a call the list was read %d times in all", lists)
	}
	NewSet(server).Refresh(context.Background())
	if lists != 2 {
		t.Errorf("without a call it was read again")
	}
}

// The list of a server among others is read again too, and the same tool of two servers
// is named for its server: so it is in the window.
func TestListOfServers(t *testing.T) {
	var lists atomic.Int32
	url := httpServer(t, func(_ http.ResponseWriter, _ *http.Request, method, _ string) bool {
		if method == "tools/list" {
			lists.Add(1)
		}
		return false
	})
	servers := NewServers([]ServerSpec{{Name: "one", URL: url}, {Name: "two", URL: url}}, Host{}, nil)
	defer servers.Close()
	if err := servers.Settled(context.Background()); err != nil {
		t.Fatal(err)
	}
	set := NewSet(servers)
	var names []string
	for _, tool := range set.Tools() {
		names = append(names, tool.Name)
	}
	if !slices.Equal(names, []string{"one_t", "two_t"}) {
		t.Errorf("the tools are %q", names)
	}
	before := lists.Load()
	if _, err := set.Tools()[0].Run(context.Background(), Call{Arguments: "{}", Progress: func(float64, float64, string) {}}); err != nil {
		t.Fatal(err)
	}
	set.Refresh(context.Background())
	if got := lists.Load() - before; got != 1 {
		t.Errorf("after a call of one of two, lists were read %d times", got)
	}
}

// A run that says how far it is has time for as long as it does.
func TestProgressRenewsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tool := Tool{Timeout: 200 * time.Millisecond}
		tool.Name, tool.Unasked = "slow", true
		tool.Run = func(ctx context.Context, c Call) (Output, error) {
			for range 8 {
				select {
				case <-ctx.Done():
					return Output{}, ctx.Err()
				case <-time.After(150 * time.Millisecond):
					c.Progress(1, 8, "")
				}
			}
			return Output{Text: "finished"}, nil
		}
		turn := &turn{Loop: &Loop{}, ctx: t.Context(), limits: Limits{}.withDefaults(8192)}
		if got := turn.execute(&job{tool: &tool}, 1, make(chan chat.Run, 64)); got.Text != "finished" {
			t.Errorf("%+v", got)
		}
	})
}
