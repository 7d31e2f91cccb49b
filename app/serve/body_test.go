package serve

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"sirocco/app/openai"
)

// A packed body is read within the limit of one that is not; other packings are named.
func TestPackedBodies(t *testing.T) {
	pack := func(text string) string {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	const hello = `{"messages": [{"role": "user", "content": "Hello"}]}`
	whole := pack(hello)
	for name, c := range map[string]struct {
		encoding, body string
		status         int
	}{
		"gzip":        {"gzip", whole, http.StatusOK},
		"as it is":    {"identity", hello, http.StatusOK},
		"cut":         {"gzip", whole[:len(whole)-6], http.StatusBadRequest},
		"not gzip":    {"gzip", hello, http.StatusBadRequest},
		"brotli":      {"br", hello, http.StatusUnsupportedMediaType},
		"two at once": {"gzip, br", hello, http.StatusUnsupportedMediaType},
		"a bomb":      {"gzip", pack(strings.Repeat(" ", openai.MaxSize+1)), http.StatusRequestEntityTooLarge},
	} {
		w := ask(newServer(t, &fake{}, Options{}), "POST", "/v1/chat/completions", c.body, "Content-Encoding", c.encoding)
		if w.Code != c.status {
			t.Errorf("%s: status %d, want %d: %.200s", name, w.Code, c.status, w.Body)
		}
	}
}
