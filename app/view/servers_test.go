package view

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/adrg/xdg"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/app/tools"
)

// priceServer is an MCP server with two tools.
func priceServer(t *testing.T) string {
	t.Helper()
	server := mcp.NewServer(&mcp.Implementation{Name: "shop", Version: "7"}, nil)
	for _, name := range []string{"price", "stock"} {
		server.AddTool(&mcp.Tool{Name: name, InputSchema: json.RawMessage(`{"type":"object"}`)}, func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: name + " of " + string(r.Params.Arguments)}}}, nil
		})
	}
	server.AddResource(&mcp.Resource{URI: "shop:/list", Name: "list"}, func(context.Context, *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: "shop:/list", Text: "apples"}}}, nil
	})
	server.AddPrompt(&mcp.Prompt{Name: "greet", Arguments: []*mcp.PromptArgument{{Name: "who"}}}, func(_ context.Context, r *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: &mcp.TextContent{Text: "Greet " + r.Params.Arguments["who"]}}}}, nil
	})
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil))
	t.Cleanup(web.Close)
	return web.URL
}

// The servers of the window: pasted, added, switched, called by hand, watched and
// taken out; the file says the same.
func TestServersOfTheWindow(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	d := newTestWindowWith(t, t.TempDir(), OpenToolbox)
	d.until("the list is open", func() bool { return !d.ServersOpening() })
	phase := func(name string) string {
		for _, s := range d.Servers() {
			if s.Name() == name {
				return s.Phase
			}
		}
		return ""
	}
	asked := ""
	d.AskInput = func(in InputAsked) { asked = in.ID; in.Answer("", false) }
	d.ImportServers([]byte(`{"inputs": [{"id": "key"}], "servers": {"shop": {"url": "` + priceServer(t) + `"}, "bad": {}, "locked": {"url": "http://127.0.0.1:1/", "headers": {"A": "${input:key}"}}}}`))
	d.until("the imported server runs", func() bool { return phase("shop") == tools.ServerRunning })
	if asked != "key" || phase("locked") != "" || phase("bad") != "" {
		t.Errorf("asked for %q; locked is %q, bad %q", asked, phase("locked"), phase("bad"))
	}
	d.AddServer("no-such-program-anywhere --flag")
	d.until("the other has failed", func() bool { return phase("no-such-program-anywhere") == tools.ServerFailed })
	state := d.Servers()[0]
	if got := ServerLine(state); got != "Tools: 2" {
		t.Error(got)
	}
	d.SwitchTool(state, "stock", false)
	if got := ServerLine(d.Servers()[0]); got != "Tools: 1 of 2" || len(d.Tools().Tools()) != 3 { // with clock and calculator
		t.Errorf("%s; %d tools", got, len(d.Tools().Tools()))
	}
	done := false
	call, _ := d.CallTool("shop", "price", `{"a": 1}`, func(*HandCall) { done = true })
	d.until("the call has ended", func() bool { return done })
	if got := call.Result(); got != `price of {"a": 1}` && got != `price of {"a":1}` {
		t.Error(got)
	}
	seen := CopyTraffic(FilterTraffic(d.Traffic("shop"), tools.Sent, "TOOLS/CALL"))
	if strings.Count(seen, "\n") != 1 || !strings.Contains(seen, `"method":"tools/call"`) {
		t.Errorf("the call on the wire: %s", seen)
	}
	var offers Offers
	d.Offers("shop", func(o Offers) { offers = o })
	d.until("what it offers is listed", func() bool { return len(offers.Resources) == 1 && len(offers.Prompts) == 1 })
	d.AttachResource("shop", offers.Resources[0].URI)
	d.until("the resource is attached", func() bool { return len(d.Attachments.Items) == 1 })
	if item := d.Attachments.Items[0]; item.Name != "list.txt" || !strings.Contains(item.Text, "apples") {
		t.Errorf("attached: %+v", item)
	}
	greeting := ""
	d.InsertPrompt("shop", "greet", map[string]string{"who": "Ada"}, func(text string) { greeting = text })
	d.until("the prompt is there", func() bool { return greeting == "Greet Ada" })
	d.SwitchServer(d.Servers()[0], false)
	d.until("it is off", func() bool { return phase("shop") == tools.ServerOff })
	file, err := os.ReadFile(tools.ConfigPath())
	if err != nil || !strings.Contains(string(file), `"disabledTools"`) || !strings.Contains(string(file), `"disabled"`) {
		t.Errorf("the file says %s, %v", file, err)
	}
	d.RemoveServer("shop")
	if file, _ = os.ReadFile(tools.ConfigPath()); phase("shop") != "" || strings.Contains(string(file), "shop") {
		t.Errorf("it is still there: %s", file)
	}
	d.Notice = nil
	d.ImportServers([]byte("mcpServers:"))
	if d.Notice == nil || !strings.Contains(d.Notice.Text, "YAML") {
		t.Errorf("%+v", d.Notice)
	}
}

// Two calls are compared line by line, and a message's line begins with what it is.
func TestTrafficTexts(t *testing.T) {
	a := &HandCall{Arguments: `{"n":1}`, Output: tools.Output{Text: "one\ntwo"}}
	b := &HandCall{Arguments: `{"n":2}`, Output: tools.Output{Text: "one\nthree"}}
	if got := CompareCalls(a, b); got != "  {\n-   \"n\": 1\n+   \"n\": 2\n  }\n  \n  one\n- two\n+ three" {
		t.Errorf("%q", got)
	}
	for data, want := range map[string]string{
		`{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"x"}}`: `tools/call #4 {"name":"x"}`,
		`{"jsonrpc":"2.0","id":4,"result":{}}`:                                 `result #4 {}`,
		`{"jsonrpc":"2.0","id":"a","error":{"code":1}}`:                        `error #"a" {"code":1}`,
		"ready \x1b\xff": "ready \x1b\uFFFD",
	} {
		if got := TrafficLine(tools.Traffic{Kind: tools.Received, Data: []byte(data)}); !strings.HasSuffix(got, "← "+want) {
			t.Errorf("%s: %q", data, got)
		}
	}
}
