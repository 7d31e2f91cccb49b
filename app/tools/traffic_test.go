package tools

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Every message is seen as it was on the wire, over pipes and over HTTP, beside what
// a program prints and what HTTP says.
func TestTraffic(t *testing.T) {
	example := exampleServer()
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return example }, nil))
	defer web.Close()
	stateless := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return example }, &mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true}))
	defer stateless.Close()
	for name, spec := range map[string]ServerSpec{"stdio": stdioSpec(t), "http": {URL: web.URL}, "json": {URL: stateless.URL}} {
		var mu sync.Mutex
		var seen []Traffic
		host := &Host{Observe: func(string) Observer {
			return func(m Traffic) {
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, m)
			}
		}}
		server, err := host.Connect(context.Background(), spec)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := server.Call(context.Background(), "echo", `{"text":"<b>  12345678901234567890"}`, nil); err != nil {
			t.Error(err)
		}
		server.Close()
		mu.Lock()
		all := ""
		for _, m := range seen {
			if m.At.IsZero() {
				t.Errorf("%s: %s has no time", name, m.Data)
			}
			all += m.Kind + " " + string(m.Data) + "\n"
		}
		mu.Unlock()
		for _, want := range []string{`"method":"tools/list"`, `"method":"tools/call"`, "12345678901234567890", "received {", "sent {"} {
			if !strings.Contains(all, want) {
				t.Errorf("%s: %q is missing in %s", name, want, all)
			}
		}
		if name == "stdio" && (!strings.Contains(all, "printed ready to serve\n") || !strings.Contains(all, "printed A banner that is no message\n")) {
			t.Errorf("what it printed is missing: %s", all)
		}
		if called, answered := strings.Index(all, `"method":"tools/call"`), strings.LastIndex(all, "received {"); called > answered {
			t.Errorf("%s: the answer is seen before the call: %s", name, all)
		}
	}
}

// An answer that refuses is seen, with what it says.
func TestTrafficOfRefusals(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer resource_metadata="x"`)
		http.Error(w, "who are you?", http.StatusUnauthorized)
	}))
	defer web.Close()
	var mu sync.Mutex
	all := ""
	host := &Host{Observe: func(string) Observer {
		return func(m Traffic) {
			mu.Lock()
			defer mu.Unlock()
			all += m.Kind + " " + string(m.Data) + "\n"
		}
	}}
	if _, err := host.Connect(context.Background(), ServerSpec{URL: web.URL}); err == nil {
		t.Error("connected")
	}
	mu.Lock()
	defer mu.Unlock()
	if !strings.Contains(all, `answered POST: HTTP 401 Unauthorized; WWW-Authenticate: Bearer resource_metadata="x" who are you?`) {
		t.Error(all)
	}
}

// A form has the parameters in the server's order, and writes what it was filled with.
func TestForm(t *testing.T) {
	fields := Form([]byte(`{"type":"object","properties":{"z":{"type":"string","description":"d"},"a":{"type":["integer","null"],"default":3},"e":{"enum":["x","y"]},"b":{"type":"boolean"},"o":{"type":"object"},"q":true},"required":["z","e"]}`))
	var got []string
	for _, f := range fields {
		text := f.Name + ":" + f.Kind
		if f.Required {
			text += "!"
		}
		got = append(got, text+strings.Join(f.Choices, "|"))
	}
	if text := strings.Join(got, " "); text != "z:string! a:integer e:string!x|y b:boolean o:json q:json" || fields[1].Default != "3" || fields[0].Description != "d" {
		t.Errorf("%s, %+v", text, fields)
	}
	for arguments, want := range map[string]string{
		`{"a": 12345678901234567890, "z": "<1>", "other": [1]}`: `{"z": "<1>", "a": 12345678901234567890, "other": [1]}`,
		`{"o": {"k": 1}, "b": false, "z": ""}`:                  `{"z": "", "b": false, "o": {"k": 1}}`,
		`{}`:                                                    `{}`,
		`{"a": "no number"}`:                                    `{"a": "no number"}`,
	} {
		entries, rest := FillForm(fields, arguments)
		if text := WriteForm(fields, entries, rest); text != want {
			t.Errorf("%s becomes %s", arguments, text)
		}
	}
	for _, schema := range []string{``, `null`, `7`, `{"properties": []}`, `{"properties": {"a": 1}, "required": null}`, `{"properties": {"a": {"enum": 3}}, "required": "a"}`} {
		Form([]byte(schema))
	}
}
