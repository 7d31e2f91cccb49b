package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const shapes = "../assets/samples/shapes.png"

// run is one command line; the test fails unless it ends with the code.
func run(t *testing.T, code int, stdin string, args ...string) (out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	if got := Run(context.Background(), args, strings.NewReader(stdin), &o, &e); got != code {
		t.Fatalf("sirocco %s ended with %d, want %d: %s", strings.Join(args, " "), got, code, e.String())
	}
	return o.String(), e.String()
}

// What a script relies on: JSON lines, the last one done, its tokens and counts
// in agreement.
func TestAskJSON(t *testing.T) {
	out, errs := run(t, exitDone, "", "ask", "--json", "--temperature", "0", "--logprobs", "2", "--max-tokens", "12", "--image", shapes, "What is in the picture?")
	if !strings.Contains(errs, "miniature") {
		t.Errorf("stderr does not say that the miniature answers: %q", errs)
	}
	var last struct {
		Event, Text  string
		FinishReason string `json:"finish_reason"`
		ToolCalls    []any  `json:"tool_calls"`
		Tokens       []struct {
			ID      int
			Logprob float64
			Top     []struct{ Logprob float64 }
		}
		Usage  map[string]int
		Model  map[string]any
		Device map[string]any
	}
	lines := bufio.NewScanner(strings.NewReader(out))
	lines.Buffer(nil, 1<<24)
	kinds := map[string]int{}
	for lines.Scan() {
		last.Tokens = nil
		if err := json.Unmarshal(lines.Bytes(), &last); err != nil {
			t.Fatalf("a line is no JSON object: %s", lines.Text())
		}
		kinds[last.Event]++
	}
	if last.Event != "done" || kinds["done"] != 1 || kinds["token"] != len(last.Tokens) || kinds["prompt"] != 1 || kinds["image"] != 1 {
		t.Fatalf("the events were %v, the last one %q", kinds, last.Event)
	}
	if last.Usage["completion_tokens"] != len(last.Tokens) || last.Usage["image_tokens"] == 0 || last.ToolCalls == nil {
		t.Errorf("usage %v, %d tokens, tool calls %v", last.Usage, len(last.Tokens), last.ToolCalls)
	}
	for i, token := range last.Tokens {
		if len(token.Top) != 2 || token.Top[0].Logprob < token.Top[1].Logprob || token.Top[0].Logprob != token.Logprob {
			t.Errorf("greedy token %d: %+v", i, token)
		}
	}
	if last.Model["name"] != "Breeze" || last.Model["miniature"] != true || last.Device["backend"] == "" {
		t.Errorf("model %v on device %v", last.Model, last.Device)
	}
}

// Plain text is the answer and a new line, nothing else.
func TestAskPlain(t *testing.T) {
	plain, _ := run(t, exitDone, "", "ask", "--temperature", "0", "--image", shapes, "What is in the picture?")
	if !strings.HasSuffix(plain, "\n") || strings.Count(plain, "\n") != 1 {
		t.Errorf("stdout is %q", plain)
	}
}

// --request runs the same request as the flags do: same words.
func TestAskRequest(t *testing.T) {
	flags, _ := run(t, exitDone, "", "ask", "--no-system", "--temperature", "0", "What is in the picture?")
	request := `{"messages": [{"role": "user", "content": "What is in the picture?"}], "temperature": 0.9, "unknown": 1}`
	whole, _ := run(t, exitDone, request, "ask", "--request", "-", "--temperature", "0")
	if flags != whole {
		t.Errorf("the flags gave %q, the request %q", flags, whole)
	}
}

// The card's own requests, with foreign ids and a tool result in the history,
// are answered; a broken one is refused with the field's name.
func TestAskRequestRefusals(t *testing.T) {
	for request, want := range map[string]string{
		`{"messages": []}`: "messages",
		`{"messages": [{"role": "user", "content": "hi"}], "temperature": "warm"}`: "temperature",
		`not json`: "JSON",
	} {
		if _, errs := run(t, exitFailed, request, "ask", "--request", "-"); !strings.Contains(errs, want) {
			t.Errorf("%s: %q does not mention %s", request, errs, want)
		}
	}
	foreign := `{"temperature": 0, "max_tokens": 8, "messages": [{"role": "user", "content": "How many?"},
		{"role": "assistant", "content": "", "tool_calls": [{"id": "call_abcdefghijklmnop", "type": "function", "function": {"name": "count", "arguments": "{}"}}]},
		{"role": "tool", "tool_call_id": "call_abcdefghijklmnop", "content": "3"}]}`
	run(t, exitDone, foreign, "ask", "--request", "-")
}

// --chat answers line after line and remembers.
func TestAskChat(t *testing.T) {
	out, _ := run(t, exitDone, "/image "+shapes+"\nWhat is in the picture?\nHello!\n", "ask", "--chat", "--temperature", "0", "--max-tokens", "24")
	if got := strings.Count(strings.TrimSpace(out), "\n"); got != 1 {
		t.Errorf("two questions gave %q", out)
	}
}

// tokens needs neither weights nor a GPU; a bad line does not stop the rest.
func TestTokens(t *testing.T) {
	out, _ := run(t, exitDone, "{\"text\": \"Hello\"}\nrubbish\n{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}\n",
		"tokens", "--tokenizer", filepath.Join("..", "assets", "breeze", "tekken.json"))
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], `{"ids":[`) || !strings.HasPrefix(lines[1], `{"error":`) || !strings.Contains(lines[2], `"spans"`) {
		t.Errorf("three lines gave %q", lines)
	}
}

// doctor says what this machine has and what would be used.
func TestDoctor(t *testing.T) {
	out, _ := run(t, exitDone, "", "doctor")
	for _, want := range []string{"memory", "miniature", "Without --device"} {
		if !strings.Contains(out, want) {
			t.Errorf("doctor does not mention %q:\n%s", want, out)
		}
	}
}

// An interrupt ends the answer with what was said and exit code 130. The model may not
// end it by itself: its end token is forbidden.
func TestInterrupt(t *testing.T) {
	request := filepath.Join(t.TempDir(), "request.json")
	text := `{"messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 2000, "logit_bias": {"2": -100}, "seed": 1}`
	if err := os.WriteFile(request, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out := &stopAfter{n: 8, stop: cancel}
	code := Run(ctx, []string{"ask", "--json", "--no-guard", "--request", request}, strings.NewReader(""), out, os.Stderr)
	if code != exitInterrupted || !bytes.Contains(out.Bytes(), []byte(`"finish_reason":"cancelled"`)) {
		t.Errorf("an interrupted answer ended with %d: %.500s", code, out.Bytes())
	}
}

// stopAfter cancels once it has been written to n times.
type stopAfter struct {
	bytes.Buffer
	n    int
	stop func()
}

func (s *stopAfter) Write(p []byte) (int, error) {
	if s.n--; s.n == 0 {
		s.stop()
	}
	return s.Buffer.Write(p)
}
