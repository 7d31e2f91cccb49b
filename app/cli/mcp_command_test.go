package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// mcpServer is a server with a tool, a resource and a prompt.
func mcpServer(t *testing.T) string {
	t.Helper()
	server := mcp.NewServer(&mcp.Implementation{Name: "shop", Version: "7"}, &mcp.ServerOptions{Instructions: "Ask for the price first."})
	server.AddTool(&mcp.Tool{Name: "price", Description: "The price.", InputSchema: json.RawMessage(
		`{"type":"object","properties":{"count":{"type":"integer"},"what":{"type":"string","description":"A thing"}},"required":["what"]}`)},
		func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{IsError: strings.Contains(string(r.Params.Arguments), "nothing"), Content: []mcp.Content{&mcp.TextContent{Text: "<" + string(r.Params.Arguments) + ">\x1b[31m"}}}, nil
		})
	server.AddResource(&mcp.Resource{URI: "shop:list", Name: "list", MIMEType: "text/plain"}, func(context.Context, *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: "shop:list", MIMEType: "text/plain", Text: "apples"}}}, nil
	})
	server.AddPrompt(&mcp.Prompt{Name: "greet", Arguments: []*mcp.PromptArgument{{Name: "who", Required: true}}}, func(_ context.Context, r *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: &mcp.TextContent{Text: "Greet " + r.Params.Arguments["who"]}}}}, nil
	})
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil))
	t.Cleanup(web.Close)
	return web.URL
}

// A server is listed, called, read and asked on the terminal, as people and as
// programs want it.
func TestMCPCommand(t *testing.T) {
	url := mcpServer(t)
	for _, c := range []struct {
		name  string
		do    MCP
		out   []string
		errs  string
		fails string
	}{
		{"list", MCP{}, []string{"shop 7, protocol ", "Ask for the price first.", "tools (1)\n  price\n    The price.\n    - count: integer\n    - what: string, required  A thing\n", "resources (1)\n  shop:list  text/plain  list\n", "prompts (1)\n  greet  (who)\n"}, "", ""},
		{"list as JSON", MCP{JSON: true}, []string{`"serverInfo":{"name":"shop"`, `"tools":[{`, `"uri":"shop:list"`, `"name":"greet"`}, "", ""},
		{"call", MCP{Call: "price", Args: `{"what": "a", "count": 9007199254740993}`}, []string{"9007199254740993", `<{"`}, "", ""},
		{"call as JSON", MCP{Call: "price", Args: `{"what": "a"}`, JSON: true}, []string{`"content":[{"type":"text"`}, "", ""},
		{"verbose", MCP{Call: "price", Args: `{"what": "a"}`, Verbose: true}, nil, `"method":"tools/call"`, ""},
		{"misfit", MCP{Call: "price", Args: `{"count": "x"}`}, []string{`"count"`}, "do not fit the tool's schema", ""},
		{"failure", MCP{Call: "price", Args: `{"what": "nothing"}`}, []string{"nothing"}, "", "says that it failed"},
		{"no such tool", MCP{Call: "cost"}, nil, "lists no tool cost (it has price)", "unknown tool"},
		{"read", MCP{Read: "shop:list"}, []string{"apples"}, "", ""},
		{"read as JSON", MCP{Read: "shop:list", JSON: true}, []string{`"text":"apples"`}, "", ""},
		{"prompt", MCP{Prompt: "greet", Args: `{"who": "Ada"}`}, []string{"[user]\nGreet Ada\n"}, "", ""},
		{"no arguments", MCP{Call: "price", Args: "{"}, nil, "", "no JSON object"},
		{"arguments alone", MCP{Args: "{}"}, nil, "", "belongs to --call"},
	} {
		c.do.Target, c.do.Timeout = []string{url}, 60e9
		var out, errs bytes.Buffer
		err := c.do.Run(context.Background(), &Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
		if (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) || !strings.Contains(errs.String(), c.errs) {
			t.Errorf("%s: %v; %s", c.name, err, &errs)
		}
		for _, want := range c.out {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q is missing in %s", c.name, want, &out)
			}
		}
		if strings.Contains(out.String()+errs.String(), "\x1b") {
			t.Errorf("%s: the server steers the terminal: %q", c.name, out.String())
		}
		if c.do.JSON && (!json.Valid(out.Bytes()) || strings.Count(out.String(), "\n") != 1) {
			t.Errorf("%s: not one line of JSON: %s", c.name, &out)
		}
	}
}

// A server of a file is named by its name, be it switched off.
func TestMCPCommandOfFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mcp.json")
	text := `{"mcpServers": {"shop": {"url": "` + mcpServer(t) + `", "disabled": true}, "other": {"command": "x"}}}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	streams := &Streams{In: strings.NewReader(""), Out: &out, Err: &errs}
	if err := (&MCP{Toolbox: path, Target: []string{"shop"}, Timeout: 60e9}).Run(context.Background(), streams); err != nil || !strings.Contains(out.String(), "shop 7") {
		t.Errorf("%v; %s", err, &out)
	}
	if err := (&MCP{Toolbox: path, Timeout: 60e9}).Run(context.Background(), streams); err == nil || !strings.Contains(err.Error(), "other, shop") {
		t.Errorf("%v", err)
	}
}
