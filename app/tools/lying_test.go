package tools

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// lies are servers that do what no honest one does, by the name in BE_MCP_SERVER.
var lies = map[string]func(){
	"capitals": capitals,
	"description": func() {
		lyingServer(&mcp.Tool{Name: "f", Description: strings.Repeat("d", maxDescription+1)})
	},
	"title":  func() { lyingServer(&mcp.Tool{Name: "f", Title: strings.Repeat("t", maxTitle+1)}) },
	"schema": func() { lyingServer(bigSchema("f", maxSchema+1)) },
	"schemas": func() {
		var list []*mcp.Tool
		for i := range maxList/maxSchema + 1 {
			list = append(list, bigSchema(fmt.Sprintf("f%d", i), maxSchema-100))
		}
		lyingServer(list...)
	},
	"line": func() {
		for block := strings.Repeat("x", 1<<20); ; {
			if _, err := fmt.Print("{" + block); err != nil {
				return
			}
		}
	},
	"error": func() {
		in := bufio.NewScanner(os.Stdin)
		for in.Scan() {
			var m struct {
				ID json.RawMessage `json:"id"`
			}
			_ = json.Unmarshal(in.Bytes(), &m)
			fmt.Printf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32000,"message":%q}}`+"\n", m.ID, strings.Repeat("no ", 1<<20))
		}
	},
}

func bigSchema(name string, bytes int) *mcp.Tool {
	return &mcp.Tool{Name: name, InputSchema: json.RawMessage(`{"type":"object","description":"` + strings.Repeat("s", bytes) + `"}`)}
}

func lyingServer(list ...*mcp.Tool) {
	server := mcp.NewServer(&mcp.Implementation{Name: "liar", Version: "1"}, nil)
	for _, t := range list {
		if t.InputSchema == nil {
			t.InputSchema = json.RawMessage(`{"type":"object"}`)
		}
		server.AddTool(t, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{}, nil
		})
	}
	_ = server.Run(context.Background(), &mcp.StdioTransport{})
}

// capitals writes every key of JSON-RPC and MCP in capitals.
func capitals() {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var m struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
		}
		_ = json.Unmarshal(in.Bytes(), &m)
		result := map[string]string{
			"initialize": `{"PROTOCOLVERSION":"2025-06-18","CAPABILITIES":{"TOOLS":{}},"SERVERINFO":{"NAME":"x","VERSION":"1"}}`,
			"tools/list": `{"TOOLS":[{"NAME":"f","DESCRIPTION":"d","INPUTSCHEMA":{"type":"object"}}]}`,
			"tools/call": `{"CONTENT":[{"TYPE":"text","TEXT":"case ignored"}]}`,
		}[m.Method]
		if result != "" {
			fmt.Printf(`{"JSONRPC":"2.0","ID":%s,"RESULT":%s}`+"\n", m.ID, result)
		}
	}
}

// What a server says of itself is given up where no honest one comes, with a
// sentence that says what it was.
func TestLyingServers(t *testing.T) {
	patience := map[string]time.Duration{"capitals": 2 * time.Second} // it is waited for as one that says nothing
	for mode, says := range map[string]string{
		"capitals": "", "schemas": "have more than 8.4 MB together",
		"line": "connecting to the MCP server", "error": "left out",
	} {
		spec := stdioSpec(t)
		spec.Env["BE_MCP_SERVER"] = mode
		ctx, stop := context.WithTimeout(context.Background(), cmp.Or(patience[mode], startTime))
		server, err := Connect(ctx, spec)
		stop()
		if err == nil {
			server.Close()
			t.Errorf("%s: the server was taken, with %d tools", mode, len(server.Tools()))
			continue
		}
		if !strings.Contains(err.Error(), says) || len(err.Error()) > 8<<10 {
			t.Errorf("%s: %.500v; %q is missing", mode, err, says)
		}
		unraw(t, err)
	}
}

// A tool that no honest server has costs itself, with a word.
func TestLyingTools(t *testing.T) {
	for mode, says := range map[string]string{"description": "its description has", "title": "its title has", "schema": "its schema has"} {
		spec := stdioSpec(t)
		spec.Env["BE_MCP_SERVER"] = mode
		server, err := Connect(context.Background(), spec)
		if err != nil {
			t.Errorf("%s: %v", mode, err)
			continue
		}
		if notes := strings.Join(server.Notes(), "\n"); !strings.Contains(notes, says) || len(server.Tools()) != 0 {
			t.Errorf("%s: %d tools, %q; %q is missing", mode, len(server.Tools()), notes, says)
		}
		server.Close()
	}
}

// unraw checks that a sentence holds nothing of Go's own.
func unraw(t *testing.T, err error) {
	t.Helper()
	for _, text := range []string{"dial tcp", "connect: ", "EOF", "x509", "token too long", "exec:", "fork/exec", "lookup ", "maximum line length", "$PATH"} {
		if strings.Contains(err.Error(), text) {
			t.Errorf("%.500v: %q is no word for a person", err, text)
		}
	}
}

// Whatever keeps a server or a program from running is said in words.
func TestFaultsAreSentences(t *testing.T) {
	plainFile := filepath.Join(t.TempDir(), "notes")
	if err := os.WriteFile(plainFile, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	closed.Close() // last, or another would get its port
	go func() {
		for {
			c, err := silent.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	env, err := exec.LookPath("env")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		spec ServerSpec
		says string
	}{
		{ServerSpec{URL: closed.URL}, "nothing answers there"},
		{ServerSpec{URL: secure.URL}, "trusts"},
		{ServerSpec{URL: "http://" + silent.Addr().String()}, "broke"},
		{ServerSpec{URL: strings.Replace(closed.URL, "127.0.0.1", "no-such-machine.invalid", 1)}, "name"},
		{ServerSpec{Command: []string{"no-such-program"}}, "no such program"},
		{ServerSpec{Command: []string{"/no/such/program"}}, "no such program"},
		{ServerSpec{Command: []string{plainFile}}, "permissions"},
		{ServerSpec{Command: []string{env}, Dir: "/no/such/folder"}, "folder"},
		{ServerSpec{Command: []string{env}}, "exit status 0"},
	} {
		_, err := Connect(context.Background(), c.spec)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v; %q is missing", c.spec, err, c.says)
			continue
		}
		unraw(t, err)
		if c.spec.URL != "" {
			continue
		}
		_, err = CommandSpec{Name: "f", Command: c.spec.Command, Dir: c.spec.Dir}.run(context.Background(), Call{Arguments: "{}"})
		if (err == nil) != (c.says == "exit status 0") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v; %q is missing", c.spec, err, c.says)
		}
		if err != nil {
			unraw(t, err)
		}
	}
}

// A result of very many parts, with very long names, is not passed on as it is.
func TestNotesAreBounded(t *testing.T) {
	result := &mcp.CallToolResult{}
	for range 1000 {
		result.Content = append(result.Content, &mcp.AudioContent{MIMEType: strings.Repeat("m", 1<<16), Data: []byte("la")},
			&mcp.ImageContent{MIMEType: strings.Repeat("m", 1<<16), Data: picture()})
	}
	out := contents(result)
	bytes := 0
	for _, note := range out.Notes {
		bytes += len(note)
	}
	if bytes > 40<<10 || len(out.Pictures[0].Name) > 2<<10 {
		t.Errorf("%d notes have %d bytes, the first picture's name %d", len(out.Notes), bytes, len(out.Pictures[0].Name))
	}
}

// An answer over HTTP that is no stream ends at a size, however many lines it has.
func TestEndlessReplyOverHTTP(t *testing.T) {
	var sent atomic.Int64
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for lines := []byte(strings.Repeat("\n", 1<<20)); sent.Load() < 1<<30; {
			n, err := w.Write(lines)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	}))
	defer web.Close()
	_, err := Connect(context.Background(), ServerSpec{URL: web.URL})
	if err == nil || sent.Load() > 400<<20 {
		t.Errorf("%v after %d bytes", err, sent.Load())
		return
	}
	unraw(t, err)
}
