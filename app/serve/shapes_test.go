package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// reached asks a server with the fake engine and returns what the engine was asked.
func reached(t *testing.T, url, body string) chat.Request {
	t.Helper()
	engine := &fake{}
	if w := ask(newServer(t, engine, Options{}), "POST", url, body); w.Code != http.StatusOK {
		t.Fatalf("%s: status %d: %s", body, w.Code, w.Body)
	}
	return engine.last()
}

// talk shows a conversation as one line: what the template will be given.
func talk(r chat.Request) string {
	var out []string
	for _, m := range r.Messages {
		line := string(m.Role) + ":"
		for _, part := range m.Parts {
			if part.Image != nil {
				line += fmt.Sprintf(" <%d bytes>", len(part.Image.Data))
			} else {
				line += " " + part.Text
			}
		}
		for _, call := range m.ToolCalls {
			line += fmt.Sprintf(" %s(%s)", call.Name, call.Arguments)
		}
		out = append(out, line)
	}
	return strings.Join(out, " | ")
}

// refusal is a request that must be answered with an error: its status, the field
// it names and a word of its message.
type refusal struct {
	name, body  string
	param, word string
}

// refuses checks refusals of one route. The engine is never asked.
func refuses(t *testing.T, url string, list []refusal) {
	for _, c := range list {
		t.Run(c.name, func(t *testing.T) {
			engine := &fake{}
			w := ask(newServer(t, engine, Options{}), "POST", url, c.body)
			got := w.Body.Bytes()
			if w.Code != http.StatusBadRequest || look(t, got, "error.type") != "invalid_request_error" {
				t.Fatalf("status %d: %s", w.Code, got)
			}
			message := fmt.Sprint(look(t, got, "error.message"))
			if !strings.Contains(message, c.word) {
				t.Errorf("%q does not mention %q", message, c.word)
			}
			if strings.HasPrefix(url, "/v1/messages") { // there the message alone names the field
				if !strings.Contains(message, c.param) {
					t.Errorf("%q does not name %s", message, c.param)
				}
			} else if param := look(t, got, "error.param"); param != c.param {
				t.Errorf("param is %v, want %s", param, c.param)
			}
			if len(engine.heard) != 0 {
				t.Error("the engine was asked all the same")
			}
		})
	}
}

// reported reads a stream whose events have names, which must be those in the data.
func reported(t *testing.T, body string) (names []string, events [][]byte) {
	t.Helper()
	for _, block := range strings.Split(strings.TrimSpace(body), "\n\n") {
		head, data, ok := strings.Cut(block, "\n")
		name, named := strings.CutPrefix(head, "event: ")
		payload, filled := strings.CutPrefix(data, "data: ")
		if !ok || !named || !filled {
			t.Fatalf("%q is no event with a name", block)
		}
		if kind := look(t, []byte(payload), "type"); kind != name {
			t.Errorf("event %s says it is %v", name, kind)
		}
		names, events = append(names, name), append(events, []byte(payload))
	}
	return names, events
}

// sees checks values in JSON by their places.
func sees(t *testing.T, data []byte, want map[string]any) {
	t.Helper()
	for place, value := range want {
		if got := look(t, data, place); got != value {
			t.Errorf("%s is %v, want %v in %s", place, got, value, data)
		}
	}
}

// without removes what differs from run to run.
func without(t *testing.T, data []byte, fields ...string) string {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	for _, field := range fields {
		delete(value, field)
	}
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
