package pull

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"sirocco/app/origin"
)

// Addresses of storage that run out in the middle are asked for anew, and cost no bytes twice.
func TestLinksThatExpire(t *testing.T) {
	h := newHub(t, 20*testPart)
	h.lasts = 3
	o := h.options(t)
	o.Token = "secret"
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	h.arrived(t, o)
	if h.sent > len(h.content)+20*200 || h.signed < 7 {
		t.Errorf("%d bytes were sent of %d, from %d addresses", h.sent, len(h.content), h.signed)
	}
}

// What the hub says stands on whichever of its own answers: on that behind a redirect to a repository's new name, or with a small file.
func TestRedirectsWithinTheHub(t *testing.T) {
	for _, path := range []string{"/renamed", "/small"} {
		h := newHub(t, 2*testPart)
		o := h.options(t)
		o.Files[0].URL = h.front.URL + path
		results, err := Run(t.Context(), o)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		h.arrived(t, o)
		if results[0].SHA256 != h.sha() || results[0].Commit != "95a6d26c" {
			t.Errorf("%s: %+v", path, results[0])
		}
	}
}

// A hub that limits how often it is asked says when it may be asked again.
func TestWaitsAsLongAsAsked(t *testing.T) {
	for name, say := range map[string]func(http.Header){
		"seconds":         func(h http.Header) { h.Set("Retry-After", "1") },
		"a date":          func(h http.Header) { h.Set("Retry-After", time.Now().Add(2*time.Second).UTC().Format(http.TimeFormat)) },
		"the limit's own": func(h http.Header) { h.Set("RateLimit", `"resolvers";r=0;t=1`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHub(t, testPart)
			asked := 0
			busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked++; asked == 1 {
					say(w.Header())
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				h.redirect(w, r)
			}))
			defer busy.Close()
			o := h.options(t)
			o.Files[0].URL = busy.URL + "/file"
			begun := time.Now()
			if _, err := Run(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			h.arrived(t, o)
			if waited := time.Since(begun); waited < 500*time.Millisecond {
				t.Errorf("it was asked again after %s", waited)
			}
		})
	}
}

// A hub answers 401 for what it will not even name; its code says which it is.
func TestWhatTheHubRefuses(t *testing.T) {
	for code, want := range map[string]string{
		"GatedRepo": "asks you to accept terms", "RepoNotFound": "no such repository", "RevisionNotFound": "no such revision", "": "HF_TOKEN",
	} {
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Error-Code", code)
			w.WriteHeader(http.StatusUnauthorized)
		}))
		o := Options{Folder: t.TempDir(), Files: []File{{Name: "m.gguf", URL: front.URL + "/file"}}, Wait: time.Millisecond}
		_, err := Run(t.Context(), o)
		if front.Close(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", code, err)
		}
	}
}

// Parts come over connections of their own even where the server could send them all over one: one line's speed is what is to be got around.
func TestPartsHaveTheirOwnConnections(t *testing.T) {
	h := newHub(t, 8*testPart)
	var mu sync.Mutex
	lines := map[string]bool{}
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		lines[r.RemoteAddr] = true
		mu.Unlock()
		if r.Method == http.MethodHead {
			w.Header().Set("X-Linked-Etag", h.sha())
			w.Header().Set("X-Linked-Size", fmt.Sprint(len(h.content)))
			w.Header().Set("Location", "/bytes")
			w.WriteHeader(http.StatusFound)
			return
		}
		time.Sleep(50 * time.Millisecond)
		h.store(w, r)
	}))
	secure.EnableHTTP2 = true
	secure.StartTLS()
	defer secure.Close()
	o := h.options(t)
	o.Files[0].URL = secure.URL + "/file"
	o.fill()
	r := newRun(o)
	origin.Transport(r.client.http).TLSClientConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig
	defer r.client.http.CloseIdleConnections()
	if _, err := r.files(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.arrived(t, o)
	if len(lines) < o.Parallel {
		t.Errorf("8 parts, 4 at a time, came over %d connections", len(lines))
	}
}
