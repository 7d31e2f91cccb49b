package pull

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// What keeps a file from coming is said in words, and without the signature of an
// address.
func TestFaultsAreSentences(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			c.Close()
		}
	}))
	defer web.Close()
	for address, says := range map[string]string{
		gone.URL: "nothing answers there", secure.URL: "trusts", web.URL: "broke the connection off", "http://no-such-machine.invalid": "name",
		strings.Replace(web.URL, "http:", "https:", 1): "does not speak HTTPS",
	} {
		o := Options{Folder: t.TempDir(), Files: []File{{Name: "m.gguf", URL: address + "/file?signature=SECRET"}}, Wait: time.Millisecond, Tries: 1}
		_, err := Run(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; %q is missing", address, err, says)
			continue
		}
		for _, raw := range []string{"SECRET", "dial tcp", "connect:", "EOF", "x509", "lookup", "tls:"} {
			if strings.Contains(err.Error(), raw) {
				t.Errorf("%s: %v has %q", address, err, raw)
			}
		}
	}
}

// The token goes to the hub's own origin: not to another port, host or scheme.
func TestTokenStaysWithItsHub(t *testing.T) {
	h := newHub(t, testPart)
	var heard []string
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard = append(heard, r.Header.Get("Authorization"))
		h.store(w, r)
	}))
	defer thief.Close()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer SECRET" {
			t.Error("the hub was not shown the token")
		}
		w.Header().Set("X-Linked-Etag", h.sha())
		http.Redirect(w, r, strings.Replace(thief.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
	}))
	defer front.Close()
	o := h.options(t)
	o.Token, o.Files[0].URL = "SECRET", front.URL+"/file"
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.Join(heard, ""), "SECRET") || len(heard) == 0 {
		t.Errorf("the storage was asked with %q", heard)
	}
}
