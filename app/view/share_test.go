package view

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// The server asks the very engine of the window, and can be switched off.
func TestShare(t *testing.T) {
	d := newDesk(t, t.TempDir())
	d.Share.Switch(true)
	d.until("it listens", func() bool { return d.Share.Address != "" })
	if !strings.HasPrefix(d.Share.Address, "http://127.0.0.1:") {
		t.Errorf("it listens on %s", d.Share.Address)
	}
	reply, err := http.Post(d.Share.Address+"/v1/chat/completions", "application/json", strings.NewReader(`{"messages": [{"role": "user", "content": "hello there"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(reply.Body)
	reply.Body.Close()
	if err != nil || !strings.Contains(string(body), "hello there") || len(d.engine.asked) != 1 {
		t.Fatalf("it answers %s, %v; the engine was asked %d times", body, err, len(d.engine.asked))
	}
	d.Share.Switch(false)
	if <-d.Share.ended; d.Share.Address != "" {
		t.Errorf("switched off it listens on %s", d.Share.Address)
	}
}
