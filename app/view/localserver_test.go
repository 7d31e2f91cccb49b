package view

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// The server asks the very engine of the window, and can be switched off.
func TestShare(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.LocalServer.Switch(true)
	d.until("it listens", func() bool { return d.LocalServer.Address != "" })
	if !strings.HasPrefix(d.LocalServer.Address, "http://127.0.0.1:") {
		t.Errorf("it listens on %s", d.LocalServer.Address)
	}
	reply, err := http.Post(d.LocalServer.Address+"/v1/chat/completions", "application/json", strings.NewReader(`{"messages": [{"role": "user", "content": "hello there"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(reply.Body)
	reply.Body.Close()
	if err != nil || !strings.Contains(string(body), "hello there") || len(d.engine.asked) != 1 {
		t.Fatalf("it answers %s, %v; the engine was asked %d times", body, err, len(d.engine.asked))
	}
	d.LocalServer.Switch(false)
	if <-d.LocalServer.ended; d.LocalServer.Address != "" {
		t.Errorf("switched off it listens on %s", d.LocalServer.Address)
	}
}
