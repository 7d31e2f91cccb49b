package serve

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"sirocco/model/chat"
)

// While a prompt is read nothing is said, so every stream shows signs of life, in the
// form its clients skip; then the answer comes as always.
func TestSignsOfLife(t *testing.T) {
	for path, c := range map[string]struct{ body, sign, end string }{
		chatURL:         {hello(`"stream": true`), ": keep-alive", "data: [DONE]"},
		"/v1/responses": {`{"input": "x", "stream": true}`, ": keep-alive", "response.completed"},
		"/v1/messages":  {`{"max_tokens": 9, "stream": true, "messages": [{"role": "user", "content": "x"}]}`, "event: ping", "message_stop"},
		"/api/chat":     {`{"messages": [{"role": "user", "content": "x"}]}`, `"content":""},"done":false`, `"done":true`},
		"/api/generate": {`{"prompt": "x"}`, `"response":"","done":false`, `"done":true`},
	} {
		seen := make(chan struct{})
		engine := &fake{play: func(ctx context.Context, r *chat.Request, say func(chat.Event)) error {
			select {
			case <-seen: // the client has had a sign, so the prompt is read now
				return says(chat.FinishStop, "A", " red")(ctx, r, say)
			case <-ctx.Done():
				return ctx.Err()
			}
		}}
		address := listen(t, newServer(t, engine, Options{KeepAlive: time.Millisecond}))
		response, err := http.Post("http://"+address+path, "application/json", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(response.Body)
		signs, last := 0, ""
		for lines.Scan() {
			if strings.Contains(lines.Text(), c.sign) {
				if signs++; signs == 2 {
					close(seen)
				}
			}
			last += lines.Text() + "\n"
		}
		response.Body.Close()
		if signs < 2 || !strings.Contains(last, c.end) || !strings.Contains(last, " red") {
			t.Errorf("%s: %d signs of life, then:\n%s", path, signs, last)
		}
	}
}

// An error that comes before anything was sent has its own status.
func TestErrorBeforeSigns(t *testing.T) {
	engine := &fake{play: func(context.Context, *chat.Request, func(chat.Event)) error {
		return &chat.RequestError{Param: "messages", Message: "the engine refuses this"}
	}}
	if w := ask(newServer(t, engine, Options{}), "POST", chatURL, hello(`"stream": true`)); w.Code != http.StatusBadRequest {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}
