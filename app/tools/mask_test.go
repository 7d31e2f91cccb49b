package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/model/chat"
)

func init() { lies["gossip"] = gossip }

// gossip is a server that tells all it was given, wherever it can.
func gossip() {
	told := strings.Join(os.Args[1:], " ") + " " + os.Getenv("MY_API_KEY")
	fmt.Fprintln(os.Stderr, "started with", told)
	if len(os.Args) > 1 && os.Args[1] == "die" {
		os.Exit(4)
	}
	server := mcp.NewServer(&mcp.Implementation{Name: "gossip", Version: "1"}, nil)
	schema, _ := json.Marshal(map[string]any{"type": "object", "description": told})
	add := func(name string, run mcp.ToolHandler) {
		server.AddTool(&mcp.Tool{Name: name, Title: told, Description: "Knows " + told, InputSchema: json.RawMessage(schema)}, run)
	}
	text := func(failed bool) *mcp.CallToolResult {
		return &mcp.CallToolResult{IsError: failed, Content: []mcp.Content{&mcp.TextContent{Text: "with " + told},
			&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "x:y", MIMEType: told, Blob: []byte{0, 1}}}}}
	}
	add("tell", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { return text(false), nil })
	add("fail", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { return text(true), nil })
	add("refuse", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { return nil, errors.New(told) })
	add("drop", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { os.Exit(5); return nil, nil })
	_ = server.Run(context.Background(), &mcp.StdioTransport{})
}

// What an entry's command line and environment hold reaches neither the model, nor an
// event, nor permits.json, nor an error, whatever the server says.
func TestSecretsOfEntriesStay(t *testing.T) {
	secrets := []string{"hunter-2two", "sk-live-0123456789", "p4ssw0rd!", "Zq81kfLq02mvB7xYw4Rt", "envKey\"77"}
	spec := stdioSpec(t)
	spec.Command = []string{spec.Command[0], "talk", "--api-key", secrets[0], "--token=" + secrets[1], "postgres://me:" + secrets[2] + "@db/x", secrets[3]}
	spec.Env = map[string]string{"BE_MCP_SERVER": "gossip", "MY_API_KEY": secrets[4]}
	server := connect(t, spec)
	check := func(what, text string) {
		t.Helper()
		for _, secret := range secrets {
			for _, spelled := range spellings(secret) {
				if strings.Contains(text, spelled) {
					t.Errorf("%s holds %s: %s", what, secret, text)
				}
			}
		}
	}
	path := filepath.Join(t.TempDir(), "permits.json")
	permits, err := OpenPermits(path)
	if err != nil {
		t.Fatal(err)
	}
	engine := &script{answers: []chat.Done{calls("tell", "{}", "fail", "{}", "refuse", "{}", "drop", "{}"), says("done")}}
	always := ApproverFunc(func(_ context.Context, q Question) (Verdict, error) { return Verdict{Decision: chat.AllowAlways}, nil })
	heard := listen(t, &Loop{Engine: engine, Tools: NewSet(server), Permits: permits, Approver: always}, context.Background(), question("Tell me."))
	events, err := json.Marshal(heard.events)
	if err != nil {
		t.Fatal(err)
	}
	check("an event", string(events))
	for _, request := range engine.asked {
		asked, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		check("a request", string(asked))
	}
	kept, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(kept), "tell") {
		t.Errorf("permits: %s, %v", kept, err)
	}
	check("permits.json", string(kept))
	if !strings.Contains(string(events), "its variable MY_API_KEY") {
		t.Errorf("it does not say where the text came from: %s", events)
	}
	spec.Command = append([]string{spec.Command[0], "die"}, spec.Command[2:]...)
	spec.Command = append(spec.Command, "positional-word")
	_, err = Connect(context.Background(), spec)
	if err == nil || !strings.Contains(err.Error(), "started with") || strings.Contains(err.Error(), "positional-word") {
		t.Fatalf("a server that dies says %v", err)
	}
	check("the error", err.Error())
}

// The same of headers and an address, over HTTP.
func TestSecretsOfAddressesStay(t *testing.T) {
	secrets := []string{"hdr-5ecret", "qry-5ecret", "pass-5ecret", "A1b2C3d4E5f6G7h8I9j0"}
	var status int
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		w.Header().Set("WWW-Authenticate", "Bearer error=\""+r.Header.Get("X-Key")+"\"")
		http.Error(w, "no: "+r.Header.Get("X-Key")+" "+r.URL.String()+" "+password, status)
	}))
	address := strings.Replace(web.URL, "http://", "http://me:"+secrets[2]+"@", 1) + "/s/" + secrets[3] + "/mcp?api_key=" + secrets[1]
	spec := ServerSpec{URL: address, Headers: map[string]string{"X-Key": secrets[0]}}
	for _, status = range []int{400, 401, 403, 404, 500, 418, 0} {
		if status == 0 {
			web.Close() // nobody answers any more
		}
		_, err := Connect(context.Background(), spec)
		if err == nil {
			t.Fatalf("%d: connected", status)
		}
		for _, secret := range secrets {
			if strings.Contains(err.Error()+spec.Label()+spec.storedSource(), secret) {
				t.Errorf("%d: %v", status, err)
			}
		}
	}
	for _, text := range []string{"http://h /x?key=" + secrets[1], "a '" + secrets[1]} {
		if _, err := ParseServer(text); err != nil && strings.Contains(err.Error(), secrets[1]) {
			t.Error(err)
		}
	}
}

// A program's own output and faults are covered, too.
func TestSecretsOfCommandsStay(t *testing.T) {
	spec := CommandSpec{Name: "f", Command: []string{os.Args[0], "--password", "hunter-2two"}, Env: map[string]string{"BE_MCP_SERVER": "gossip", "MY_API_KEY": "env-5ecret"}}
	tool := spec.tool()
	out, err := tool.Run(context.Background(), Call{Arguments: "{}"})
	if text := fmt.Sprint(out, err, tool.Source, tool.storedSource()); strings.Contains(text, "hunter") || strings.Contains(text, "env-5ecret") {
		t.Error(text)
	}
}

// A server without a name is called by its program, never by its arguments.
func TestLabels(t *testing.T) {
	for line, want := range map[string]string{
		"npx -y @scope/server --api-key sk-1": "@scope/server",
		"uvx mcp-server-time --token x":       "mcp-server-time",
		"python3 /srv/odd.py results":         "odd.py",
		"python -m mcp_server_git":            "mcp_server_git",
		`C:\node\npx.cmd -y thing`:            "thing",
		"uv --directory /srv/secret run x.py": "uv",
		"docker run -e KEY=x image":           "docker",
		"/opt/bin/server --key x":             "server",
		"npx":                                 "npx",
		"node ghp_abcdefgh12":                 "node",
	} {
		spec := ServerSpec{Command: strings.Fields(line)}
		if got := spec.Label(); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
	if got := (&ServerSpec{URL: "https://u:p@host:8/s/key/mcp?k=v"}).Label(); got != "host:8" {
		t.Error(got)
	}
}
