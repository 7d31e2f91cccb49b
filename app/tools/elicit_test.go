//lint:file-ignore SA1019 servers ask for what the protocol has given up, too

package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// asker is an MCP server whose tools ask us for something: an answer of the person's,
// the model, the folders.
func asker(t *testing.T) string {
	t.Helper()
	server := mcp.NewServer(&mcp.Implementation{Name: "asker", Version: "1"}, nil)
	add := func(name string, do func(context.Context, *mcp.ServerSession) (any, error)) {
		server.AddTool(&mcp.Tool{Name: name, InputSchema: json.RawMessage(`{"type":"object"}`)}, func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			got, err := do(ctx, r.Session)
			text, _ := json.Marshal(got)
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: fmt.Sprint(string(text), " ", err)}}}, nil
		})
	}
	schema := json.RawMessage(`{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"},"size":{"type":"string","enum":["s","l"]},"sure":{"type":"boolean"}},"required":["size"]}`)
	add("form", func(ctx context.Context, s *mcp.ServerSession) (any, error) {
		r, err := s.Elicit(ctx, &mcp.ElicitParams{Mode: "form", Message: "Which one?", RequestedSchema: schema})
		return r, err
	})
	add("page", func(ctx context.Context, s *mcp.ServerSession) (any, error) {
		r, err := s.Elicit(ctx, &mcp.ElicitParams{Mode: "url", Message: "Pay here", URL: "https://a.example/pay", ElicitationID: "1"})
		return r, err
	})
	add("trap", func(ctx context.Context, s *mcp.ServerSession) (any, error) {
		r, err := s.Elicit(ctx, &mcp.ElicitParams{Mode: "url", Message: "Open", URL: "file:///etc/passwd", ElicitationID: "2"})
		return r, err
	})
	add("sample", func(ctx context.Context, s *mcp.ServerSession) (any, error) {
		r, err := s.CreateMessage(ctx, &mcp.CreateMessageParams{MaxTokens: 5})
		return r, err
	})
	add("roots", func(ctx context.Context, s *mcp.ServerSession) (any, error) {
		r, err := s.ListRoots(ctx, nil)
		return r, err
	})
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil))
	t.Cleanup(web.Close)
	return web.URL
}

// A server's question reaches the person, and the answer the server, in its types; the
// model is lent to nobody, and only the folders of the entry are told.
func TestServersAsk(t *testing.T) {
	var asked Elicitation
	answer := ElicitationAnswer{Action: Accepted, Entries: map[string]string{"age": "7", "size": "l", "sure": "true", "name": ""}}
	host := &Host{Ask: func(_ context.Context, e Elicitation) (ElicitationAnswer, error) {
		asked = e
		return answer, nil
	}}
	folder := t.TempDir()
	server, err := host.Connect(context.Background(), ServerSpec{Name: "asker", URL: asker(t), Roots: []string{folder}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	call := func(tool string) string {
		t.Helper()
		out, err := server.Call(context.Background(), tool, "{}", nil)
		if err != nil {
			t.Fatal(tool, err)
		}
		return out.Text
	}
	if got := call("form"); !strings.Contains(got, `"content":{"age":7,"size":"l","sure":true}`) {
		t.Errorf("the server got %s", got)
	}
	if asked.Server != "asker" || asked.Message != "Which one?" || len(asked.Fields) != 4 || asked.Fields[0].Name != "size" || len(asked.Fields[0].Choices) != 2 {
		t.Errorf("the person was asked %+v", asked)
	}
	answer = ElicitationAnswer{Action: Declined}
	if got := call("form"); !strings.Contains(got, `"decline"`) || strings.Contains(got, "content") {
		t.Errorf("declined: %s", got)
	}
	answer = ElicitationAnswer{Action: Accepted}
	if got := call("page"); !strings.Contains(got, `"accept"`) || asked.URL != "https://a.example/pay" {
		t.Errorf("a page: %s, %+v", got, asked)
	}
	asked = Elicitation{}
	if got := call("trap"); asked.URL != "" || strings.Contains(got, "accept") {
		t.Errorf("a page that is none of the web: %s, %+v", got, asked)
	}
	if got := call("sample"); !strings.Contains(got, "sampling is refused: ") {
		t.Errorf("sampling: %s", got)
	}
	if got := call("roots"); !strings.Contains(got, "file://") || !strings.Contains(got, folder[strings.LastIndex(folder, "/")+1:]) {
		t.Errorf("the roots: %s", got)
	}
	nobody, err := Connect(context.Background(), ServerSpec{URL: asker(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	if out, err := nobody.Call(context.Background(), "form", "{}", nil); err != nil || !strings.Contains(out.Text, "elicitation") || strings.Contains(out.Text, "accept") {
		t.Errorf("with nobody there: %+v, %v", out, err)
	}
}

// What is written into a form is checked before it is sent.
func TestFits(t *testing.T) {
	for _, c := range []struct {
		field Field
		text  string
		fits  bool
	}{
		{Field{Kind: "string"}, "", true},
		{Field{Kind: "string", Required: true}, "", false},
		{Field{Kind: "string", Choices: []string{"a"}}, "b", false},
		{Field{Kind: "string", Choices: []string{"a"}}, "a", true},
		{Field{Kind: "integer"}, "1.5", false},
		{Field{Kind: "integer"}, "15", true},
		{Field{Kind: "integer"}, "", true},
		{Field{Kind: "number"}, "1.5", true},
		{Field{Kind: "number"}, "much", false},
		{Field{Kind: "boolean"}, "yes", false},
		{Field{Kind: "boolean", Required: true}, "", false},
	} {
		if fault := c.field.Fits(c.text); (fault == "") != c.fits {
			t.Errorf("%+v, %q: %q", c.field, c.text, fault)
		}
	}
}
