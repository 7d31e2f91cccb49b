package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/model/chat"
)

// The tests run themselves as the MCP server, so that it is a process of its own.
func TestMain(m *testing.M) {
	if lie := lies[os.Getenv("BE_MCP_SERVER")]; lie != nil {
		lie()
		return
	}
	if os.Getenv("BE_MCP_SERVER") != "" {
		fmt.Println("A banner that is no message")
		fmt.Fprintln(os.Stderr, "ready to serve")
		_ = exampleServer().Run(context.Background(), &mcp.StdioTransport{})
		if os.Getenv("BE_MCP_SERVER") == "stubborn" {
			time.Sleep(time.Minute)
		}
		return
	}
	os.Exit(m.Run())
}

// exampleServer has a tool for each thing that can go well or wrong.
func exampleServer() *mcp.Server {
	meeting.Add(3)
	server := mcp.NewServer(&mcp.Implementation{Name: "example", Version: "1"}, nil)
	add := func(name, properties string, hints *mcp.ToolAnnotations, run mcp.ToolHandler) {
		schema := json.RawMessage(`{"type":"object","properties":{` + properties + `}}`)
		server.AddTool(&mcp.Tool{Name: name, Description: "Does " + name + ".", InputSchema: schema, Annotations: hints}, run)
	}
	text := func(s string) *mcp.CallToolResult {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
	}
	reading := &mcp.ToolAnnotations{ReadOnlyHint: true, Title: "Echo"}
	add("echo", `"text":{"type":"string"}`, reading, func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(string(r.Params.Arguments)), nil
	})
	add("wait_together", "", reading, together3)
	add("hang", "", nil, func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-ctx.Done()
		fmt.Fprintln(os.Stderr, "the hanging call was cancelled")
		return nil, ctx.Err()
	})
	add("die", "", nil, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		fmt.Fprintln(os.Stderr, "out of cheese")
		os.Exit(3)
		return nil, nil
	})
	add("big", "", nil, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(strings.Repeat("0123456789", 5<<20)), nil
	})
	add("picture", "", nil, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{
			&mcp.TextContent{Text: "a map"},
			&mcp.ImageContent{Data: picture(), MIMEType: "image/png"},
			&mcp.ImageContent{Data: []byte("not a picture"), MIMEType: "image/png"},
			&mcp.AudioContent{Data: []byte("la"), MIMEType: "audio/wav"},
			&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "file:///a.txt", MIMEType: "text/plain", Text: "words of a file"}},
			&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "file:///b.png", MIMEType: "image/png", Blob: picture()}},
			&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "file:///c.zip", MIMEType: "application/zip", Blob: []byte("PK")}},
			&mcp.ResourceLink{URI: "file:///d", Name: "d"},
		}}, nil
	})
	add("latin1", "", nil, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{latin1{}}}, nil
	})
	add("fail", "", nil, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		r := text("no such city")
		r.IsError = true
		return r, nil
	})
	add("slow", "", nil, func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		_ = r.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: r.Params.GetProgressToken(), Progress: 1, Total: 4, Message: "a quarter"})
		time.Sleep(50 * time.Millisecond)
		return text("slowly"), nil
	})
	add("learn", "", nil, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		add("learned", "", nil, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { return text("new"), nil })
		return text("learned it"), nil
	})
	return server
}

// latin1 is a text content whose bytes are not UTF-8.
type latin1 struct{ *mcp.TextContent }

func (latin1) MarshalJSON() ([]byte, error) {
	return []byte("{\"type\":\"text\",\"text\":\"caf\xe9\"}"), nil
}

var meeting sync.WaitGroup

// together3 ends only when three calls are under way at once.
func together3(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	meeting.Done()
	meeting.Wait()
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "met"}}}, nil
}

func picture() []byte {
	var out bytes.Buffer
	_ = png.Encode(&out, image.NewNRGBA(image.Rect(0, 0, 40, 30)))
	return out.Bytes()
}

// stdioSpec is this test program as a server.
func stdioSpec(t *testing.T) ServerSpec {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return ServerSpec{Name: "example", Command: []string{self}, Env: map[string]string{"BE_MCP_SERVER": "1"}, Start: 1200}
}

func connect(t *testing.T, spec ServerSpec) *Server {
	t.Helper()
	server, err := Connect(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server
}

// ask plays an answer with calls to a loop with the server's tools.
func (s *Server) ask(t *testing.T, limits Limits, pairs ...string) heard {
	t.Helper()
	l := &Loop{Engine: &script{answers: []chat.Done{calls(pairs...), says("There.")}}, Tools: NewSet(s), Approver: AllowAll, Limits: limits}
	h := listen(t, l, context.Background(), question("?"))
	if h.err != nil {
		t.Fatal(h.err)
	}
	return h
}

// Everything a server can do to us, over a process of its own: the result says
// what happened, the conversation goes on, and the server serves the next call.
func TestServerOverStdio(t *testing.T) {
	server := connect(t, stdioSpec(t))
	for _, c := range []struct {
		name, status string
		says         []string
	}{
		{"echo", chat.RunDone, []string{"{}"}},
		{"fail", chat.RunFailed, []string{"error: no such city"}},
		{"hang", chat.RunTimeout, []string{"did not answer within 300ms"}},
		{"die", chat.RunFailed, []string{"ended during the call", "exit status 3", "out of cheese"}},
		{"echo", chat.RunDone, []string{"{}"}}, // by a new process
		{"big", chat.RunDone, []string{"0123456789", "the result has 52.4 MB", "left out"}},
		{"latin1", chat.RunDone, []string{"caf\uFFFD"}},
		{"picture", chat.RunDone, []string{"a map", "words of a file", "file:///d", "2 pictures: shown", "does not hear", "c.zip", "picture 2, image/png is left out"}},
	} {
		limits := Limits{Time: 20 * time.Minute}
		if c.name == "hang" {
			limits.Time = 300 * time.Millisecond
		}
		r := server.ask(t, limits, c.name, "{}").results[0]
		if r.Status != c.status {
			t.Errorf("%s: %s (%s), want %s", c.name, r.Status, r.Text[:min(len(r.Text), 300)], c.status)
		}
		for _, want := range c.says {
			if !strings.Contains(r.Text, want) {
				t.Errorf("%s: the model is told %q; %q is missing", c.name, r.Text[:min(len(r.Text), 500)], want)
			}
		}
		if c.name == "hang" { // the server was told to stop
			said := server.now.process.stderrTail
			for end := time.Now().Add(10 * time.Minute); !strings.Contains(said.String(), "was cancelled"); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("the server does not know that its call was cancelled; it said %q", said)
				}
			}
		}
		if len(r.Text) > 66<<10 {
			t.Errorf("%s: %d bytes reach the model", c.name, len(r.Text))
		}
	}
}

// Three calls that say they only read run at the same time, and their results
// come in the order of the calls.
func TestParallelCalls(t *testing.T) {
	server := connect(t, stdioSpec(t))
	h := server.ask(t, Limits{Time: 20 * time.Minute}, "wait_together", "{}", "wait_together", "{}", "wait_together", "{}")
	for i, m := range h.messages[1:4] {
		if m.ToolCallID != fmt.Sprintf("call%05d", i) || m.Parts[0].Text != "met" {
			t.Errorf("result %d is %+v", i, m)
		}
	}
}

// A call that kills the server takes the calls beside it along, but nothing else:
// each has a result.
func TestDeathBesideOthers(t *testing.T) {
	server := connect(t, stdioSpec(t))
	h := server.ask(t, Limits{Time: 20 * time.Minute}, "echo", `{"text":"1"}`, "die", "{}", "echo", `{"text":"2"}`)
	var got []string
	for _, r := range h.results {
		got = append(got, r.Status)
	}
	if strings.Join(got, " ") != "done failed done" {
		t.Errorf("the results are %v: %+v", got, h.results)
	}
}

// A tool's picture reaches the model in a turn of its own, after the results.
func TestPicturesOfTools(t *testing.T) {
	server := connect(t, stdioSpec(t))
	h := server.ask(t, Limits{}, "picture", "{}")
	shown := h.messages[2]
	if shown.Role != chat.User || len(shown.Parts) != 4 || shown.Parts[1].Image == nil || !bytes.Equal(shown.Parts[1].Image.Data, picture()) {
		t.Fatalf("the picture's turn is %+v", shown)
	}
	blind := &script{blind: true, answers: []chat.Done{calls("picture", "{}"), says("Dark.")}}
	h = listen(t, &Loop{Engine: blind, Tools: NewSet(server), Approver: AllowAll}, context.Background(), question("?"))
	if r := h.results[0]; len(r.Pictures) > 0 || !strings.Contains(r.Text, "this model cannot see") {
		t.Errorf("a blind model is given %d pictures and told %q", len(r.Pictures), r.Text)
	}
}

// Progress is passed on while a call runs.
func TestProgress(t *testing.T) {
	server := connect(t, stdioSpec(t))
	for _, e := range server.ask(t, Limits{}, "slow", "{}").events {
		if e.Kind == chat.KindRun && e.Run.Total == 4 && e.Run.Note == "a quarter" {
			return
		}
	}
	t.Error("no event told of the progress")
}

// A server's list changes while we are connected.
func TestListChanges(t *testing.T) {
	server := connect(t, stdioSpec(t))
	before := len(server.Tools())
	server.ask(t, Limits{}, "learn", "{}")
	for end := time.Now().Add(10 * time.Minute); len(server.Tools()) == before; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("the new tool was not noticed")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// The same over HTTP: calls, pictures, and a server that goes away.
func TestServerOverHTTP(t *testing.T) {
	example := exampleServer()
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return example }, nil))
	server := connect(t, ServerSpec{URL: web.URL, Headers: map[string]string{"Authorization": "Bearer x"}})
	if h := server.ask(t, Limits{}, "echo", `{"text":"hello"}`, "picture", "{}"); h.results[0].Text != `{"text":"hello"}` || len(h.results[1].Pictures) != 2 {
		t.Errorf("the results are %+v", h.results)
	}
	web.CloseClientConnections()
	web.Close()
	if r := server.ask(t, Limits{Time: 5 * time.Second}, "echo", "{}").results[0]; r.Status == chat.RunDone {
		t.Errorf("a server that is gone answered %q", r.Text)
	}
}

// A server that does not end when its input does is not left behind.
func TestStubbornServer(t *testing.T) {
	spec := stdioSpec(t)
	spec.Env["BE_MCP_SERVER"] = "stubborn"
	server := connect(t, spec)
	process := server.now.process
	server.Close()
	if state := process.cmd.ProcessState; state == nil || state.Success() {
		t.Errorf("the server ended with %v", state)
	}
	if _, err := server.call(context.Background(), "echo", Call{Arguments: "{}"}); err == nil {
		t.Error("a closed server was called")
	}
}

// A server that cannot be had is a sentence.
func TestNoServer(t *testing.T) {
	for _, c := range []struct{ given, says string }{
		{"no-such-program-anywhere --flag", "starting no-such-program-anywhere"},
		{"false", "exit status 1"},
		{"http://127.0.0.1:1/mcp", "connecting to the MCP server 127.0.0.1:1"},
	} {
		spec, err := ParseServer(c.given)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = Connect(context.Background(), spec); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; %q is missing", c.given, err, c.says)
		}
	}
}
