package inspect

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"sirocco/app/openai"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// letters is a vocabulary of sorts.
type letters struct{}

func (letters) Piece(id int32) string   { return string(rune('a' + id%26)) }
func (letters) IsSpecial(id int32) bool { return id < 5 }

// The page holds everything, asks for nothing, and nothing said in a
// conversation becomes markup.
func TestPage(t *testing.T) {
	turn := population()
	turn.Request.Messages = append(turn.Request.Messages, chat.Text(chat.User, `<script>alert(1)</script>`))
	turn.Calls()[0].Result.Pictures = []chat.Image{{Name: "chart", Data: []byte("GIF89a")}}
	turn.Rounds[1].Text = `</div><img src=x onerror=alert(2)>`
	var out bytes.Buffer
	if err := WriteHTML(&out, "Population <b>", time.Unix(0, 0), turn, letters{}); err != nil {
		t.Fatal(err)
	}
	html := out.String()
	for _, want := range []string{"Population &lt;b&gt;", "&lt;script&gt;alert", "get_current_population", "data:image/png;base64,", "data:image/gif;base64,", "allowed by you", "tool result 1", "3 tokens were forbidden", "picture 1 · 56 × 28 pixels · 2 × 1 patches"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, bad := range []string{"<script", "onerror=alert(2)>", "http://", "https://", "ZgotmplZ"} {
		if strings.Contains(html, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}

// The command asks a server exactly what was asked here.
func TestCurl(t *testing.T) {
	var got []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, _ = io.ReadAll(r.Body)
		if r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer k'ey" {
			t.Errorf("asked %s with %q", r.URL.Path, r.Header.Get("Authorization"))
		}
	}))
	defer server.Close()
	turn := population()
	turn.Request.Messages = append(turn.Request.Messages, chat.Text(chat.User, "it's $HOME `x` \\ \"q\""))
	command, err := Curl(server.URL+"/", turn.Request, "mistral")
	if err != nil {
		t.Fatal(err)
	}
	// A shell that only says what its curl was given stands in for curl itself.
	script := "curl() { shift; while [ $# -gt 0 ]; do shift; done; cat; }\n" + command
	body, err := exec.Command("sh", "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	request, _ := http.NewRequest("POST", server.URL+"/v1/chat/completions", bytes.NewReader(body))
	request.Header.Set("Authorization", "Bearer k'ey")
	if _, err := http.DefaultClient.Do(request); err != nil {
		t.Fatal(err)
	}
	parsed, err := openai.ParseChat(got)
	if err != nil {
		t.Fatal(err)
	}
	if last := parsed.Chat.Messages[1].Parts[0].Text; last != "it's $HOME `x` \\ \"q\"" {
		t.Errorf("the shell made it %q", last)
	}
}

// A collector gets one span for the turn, one for each answer and each run, with
// the content only when asked for.
func TestTrace(t *testing.T) {
	var got otlp
	answer := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Key") != "k" {
			t.Errorf("posted to %s with %v", r.URL.Path, r.Header)
		}
		got = otlp{}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.WriteHeader(answer)
		io.WriteString(w, `{"partialSuccess":{}}`)
	}))
	defer server.Close()
	trace := Trace{Endpoint: server.URL, Headers: map[string]string{"X-Key": "k"}}
	if err := trace.Send(context.Background(), population(), time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
	spans := got.ResourceSpans[0].ScopeSpans[0].Spans
	names := ""
	for _, s := range spans {
		names += s.Name + "; "
		if len(s.TraceID) != 32 || len(s.SpanID) != 16 || s.TraceID != spans[0].TraceID || s.End < s.Start {
			t.Errorf("span %+v", s)
		}
	}
	if names != "invoke_agent sirocco; chat mistral; execute_tool get_current_population; chat mistral; " || spans[2].ParentID != spans[0].SpanID || spans[2].Start != "1000000000694000000" {
		t.Errorf("the spans are %s %+v", names, spans[2])
	}
	has := func(s string) bool { data, _ := json.Marshal(got); return strings.Contains(string(data), s) }
	if has("France") {
		t.Error("the content was sent without being asked for")
	}
	trace.Content = true
	if err := trace.Send(context.Background(), population(), time.Unix(1e9, 0)); err != nil || !has("France") {
		t.Errorf("with content: %v", err)
	}
	answer = http.StatusForbidden
	if err := trace.Send(context.Background(), population(), time.Now()); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("a collector that refuses gave %v", err)
	}
	server.Close()
	if err := trace.Send(context.Background(), population(), time.Now()); err == nil || !strings.Contains(err.Error(), "collector") {
		t.Errorf("no collector gave %v", err)
	}
}

// The page speaks the language of the window, in its direction.
func TestPageInEveryLanguage(t *testing.T) {
	t.Cleanup(func() { i18n.Use("en") })
	for _, language := range i18n.Languages {
		i18n.Use(language.Code)
		var out bytes.Buffer
		if err := WriteHTML(&out, "t", time.Unix(0, 0), population(), letters{}); err != nil {
			t.Fatal(err)
		}
		html := out.String()
		for _, want := range []string{`lang="` + language.Code + `"`, i18n.T("Timeline"), i18n.T("prompt built"), i18n.T("tool result"), i18n.T("allowed by %s, for this conversation", i18n.T("you")), i18n.T("%d tokens were forbidden here", 3)} {
			if !strings.Contains(html, want) {
				t.Errorf("%s: the page lacks %q", language.Code, want)
			}
		}
		if strings.Contains(html, `dir="rtl"`) != language.RTL || language.Code != "en" && strings.Contains(html, "prompt built") {
			t.Errorf("%s: the page is English, or runs the wrong way", language.Code)
		}
	}
}
