package app

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	wire "sirocco/model/chat"
)

// From the command line through a server to the model and back: the same tokens
// as from the model alone, for words, pictures, tools and schemas. Their
// log-probabilities differ where a picture was shrunk before it was sent, to
// pixels of 8 bits.
func TestAskRemoteAnswersLikeAsk(t *testing.T) {
	tools := filepath.Join(t.TempDir(), "tools.json")
	err := os.WriteFile(tools, []byte(`[{"type": "function", "function": {"name": "get_weather", "description": "The weather.", "parameters":
		{"type": "object", "properties": {"city": {"type": "string", "maxLength": 12}}, "required": ["city"]}}}]`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	schema := filepath.Join(t.TempDir(), "schema.json")
	if err := os.WriteFile(schema, []byte(`{"type": "object", "properties": {"shapes": {"type": "integer", "maximum": 9, "minimum": 0}}, "required": ["shapes"], "additionalProperties": false}`), 0o600); err != nil {
		t.Fatal(err)
	}
	address := serving(t)
	for name, args := range map[string][]string{
		"picture": {"--stop", "circle", "--image", shapes, "What is in the picture?"},
		"tool":    {"--temperature=0.8", "--seed=7", "--top-k=20", "--tools", tools, "--tool-choice", "get_weather", "--max-tokens=40", "What is the weather in Rome?"},
		"schema":  {"--no-system", "--schema", schema, "How many shapes?"},
	} {
		args = append([]string{"ask", "--json", "--temperature=0", "--logprobs=2", "--max-tokens=24"}, args...)
		alone := doneOf(t, args)
		remote := doneOf(t, append(args, "--remote", address))
		if alone.Text != remote.Text || alone.FinishReason != remote.FinishReason || len(alone.Tokens) != len(remote.Tokens) || len(alone.ToolCalls) != len(remote.ToolCalls) {
			t.Fatalf("%s: %q (%s) and through the server %q (%s)", name, alone.Text, alone.FinishReason, remote.Text, remote.FinishReason)
		}
		for i := range alone.Tokens {
			if a, b := alone.Tokens[i], remote.Tokens[i]; a.ID != b.ID || len(a.Top) != len(b.Top) || math.Abs(a.Logprob-b.Logprob) > 2e-2 {
				t.Errorf("%s: token %d is %+v, through the server %+v", name, i, a, b)
			}
		}
		for i := range alone.ToolCalls {
			if alone.ToolCalls[i] != remote.ToolCalls[i] {
				t.Errorf("%s: call %+v, through the server %+v", name, alone.ToolCalls[i], remote.ToolCalls[i])
			}
		}
		if alone.Usage.PromptTokens != remote.Usage.PromptTokens || alone.Usage.ImageTokens != remote.Usage.ImageTokens || remote.Device.Backend != "remote" {
			t.Errorf("%s: usage %+v and %+v on %s", name, alone.Usage, remote.Usage, remote.Device.Backend)
		}
	}
	said, _ := run(t, exitDone, "", "remote", "--json", address)
	if !strings.Contains(said, `"tokens_checked":true`) || !strings.Contains(said, `"context":8192`) {
		t.Errorf("sirocco remote says %s", said)
	}
}

// doneOf runs `ask --json` and returns its last line.
func doneOf(t *testing.T, args []string) (done wire.Done) {
	t.Helper()
	out, _ := run(t, exitDone, "", args...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &done); err != nil {
		t.Fatal(err)
	}
	return done
}

// A server that dies in mid-answer: what was said is printed, and the exit code
// says that it is not whole. The key is in none of it.
func TestAskRemoteLosesItsServer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/models":
			io.WriteString(w, `{"data": [{"id": "m", "max_model_len": 4096}]}`)
		case "/v1/chat/completions":
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, "data: {\"choices\": [{\"delta\": {\"content\": \"A red cir\"}}]}\n\n")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	t.Setenv("SIROCCO_REMOTE_KEY", "sk-very-secret")
	out, errs := run(t, exitFailed, "", "ask", "--remote", server.URL, "--no-system", "What is in the picture?")
	if out != "A red cir\n" || !strings.Contains(errs, "broke off") || strings.Contains(out+errs, "very-secret") {
		t.Errorf("stdout %q, stderr %q", out, errs)
	}
	out, _ = run(t, exitFailed, "", "ask", "--json", "--remote", server.URL, "--no-system", "What is in the picture?")
	if !strings.Contains(out, `"text":"A red cir","finish_reason":"cancelled"`) || strings.Contains(out, "very-secret") {
		t.Errorf("%s", out)
	}
}

// What cannot be reached or does not go together is a sentence.
func TestAskRemoteRefusals(t *testing.T) {
	_, errs := run(t, exitFailed, "", "ask", "--remote", "http://127.0.0.1:1", "Hi")
	if !strings.Contains(errs, "is it running") {
		t.Errorf("%q", errs)
	}
	for _, flag := range []string{"--ctx=100", "--mmproj=x", "--kv=q8", "--memory=6GB", "--quantize=q4", "--tune=off", "--device=0"} {
		name, _, _ := strings.Cut(flag, "=")
		if _, errs := run(t, exitUsage, "", "ask", "--remote", "http://127.0.0.1:1", flag, "Hi"); !strings.Contains(errs, name+":") {
			t.Errorf("%s: %q", flag, errs)
		}
	}
	t.Setenv("SIROCCO_DEVICE", "llvmpipe") // what holds for local models is not meant for a server
	run(t, exitFailed, "", "ask", "--remote", "http://127.0.0.1:1", "Hi")
}

// All models of a server are listed, those that talk first.
func TestRemoteListsModels(t *testing.T) {
	list := []string{`{"id": "text-embedding-3"}`}
	for i := range 60 {
		list = append(list, fmt.Sprintf(`{"id": "m%02d"}`, i))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/models" {
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, `{"data": [`+strings.Join(list, ",")+`]}`)
	}))
	defer server.Close()
	out, _ := run(t, exitDone, "", "remote", server.URL)
	if !strings.Contains(out, "m00, m01") || !strings.Contains(out, "m49 and 11 more") || strings.Contains(out, "embedding") {
		t.Errorf("%s", out)
	}
	var told struct{ Models []string }
	out, _ = run(t, exitDone, "", "remote", "--json", server.URL)
	if err := json.Unmarshal([]byte(out), &told); err != nil || len(told.Models) != 61 || told.Models[60] != "text-embedding-3" {
		t.Errorf("%v: %s", err, out)
	}
}
