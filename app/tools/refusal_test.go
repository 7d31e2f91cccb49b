package tools

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Whatever stands at the address of a server, and whatever it answers, is told in a
// sentence.
func TestRefusalsAreSentences(t *testing.T) {
	for code, says := range map[int]string{
		200: "no MCP server", 204: "", 400: "MCP server", 401: "key", 403: "key", 404: "path", 405: "path", 413: "", 429: "later", 500: "its own log", 502: "behind it", 503: "just now", 504: "in time",
	} {
		for _, kind := range []string{"text/html", "application/json", "text/event-stream"} {
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", kind)
				w.WriteHeader(code)
				io.WriteString(w, "<html>hi")
			}))
			_, err := Connect(context.Background(), ServerSpec{URL: web.URL})
			web.Close()
			if err == nil || kind == "text/html" && !strings.Contains(err.Error(), says) {
				t.Errorf("%d, %s: %v; %q is missing", code, kind, err, says)
				continue
			}
			for _, raw := range []string{"sending", "calling", "rejected by transport", "unsupported", "invalid character", "EOF"} {
				if strings.Contains(err.Error(), raw) {
					t.Errorf("%d, %s: %v has %q", code, kind, err, raw)
				}
			}
		}
	}
}
