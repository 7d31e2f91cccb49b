package pull

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// What cannot be got right is refused with a sentence; nothing takes the name
// of the finished file.
func TestRefusals(t *testing.T) {
	const other = "0000000000000000000000000000000000000000000000000000000000000000"
	for name, c := range map[string]struct {
		change func(h *hub, o *Options)
		want   string
	}{
		"not there":         {func(h *hub, o *Options) { o.Files[0].URL = h.front.URL + "/gone" }, "does not have it"},
		"no server":         {func(h *hub, o *Options) { o.Files[0].URL = "http://127.0.0.1:1/file" }, "127.0.0.1:1"},
		"another published": {func(_ *hub, o *Options) { o.Files[0].SHA256 = other }, "the file there is another one"},
		"another size":      {func(_ *hub, o *Options) { o.Files[0].Size = 7 }, "7 are published"},
		"no size known": {func(h *hub, _ *Options) {
			h.head = func(g http.Header) { g.Set("X-Linked-Size", "many"); g.Del("X-Linked-Etag") }
		}, "does not say how many bytes"},
		"no hash known":        {func(h *hub, _ *Options) { h.head = func(g http.Header) { g.Del("X-Linked-Etag") } }, "could not be verified"},
		"a name that leads up": {func(_ *hub, o *Options) { o.Files[0].Name = "../up" }, "leads out of the folder"},
		"always another file": {func(h *hub, _ *Options) {
			h.head = func(g http.Header) { g.Set("X-Linked-Etag", other) }
		}, "the same bytes twice"},
		"always broken": {func(h *hub, _ *Options) {
			h.evil = func(http.ResponseWriter, *http.Request, int) bool { panic(http.ErrAbortHandler) }
		}, "pull again to go on"},
		"a full disk": {func(_ *hub, _ *Options) {
			freeBytes = func(string) (int64, error) { return 1e6, nil }
		}, "make room"},
		"a redirect without end": {func(h *hub, o *Options) {
			loop := httptest.NewServer(http.RedirectHandler("/again", http.StatusFound))
			t.Cleanup(loop.Close)
			o.Files[0].URL = loop.URL
		}, "redirects more than"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func(old func(string) (int64, error)) { freeBytes = old }(freeBytes)
			h := newHub(t, 3*testPart)
			o := h.options(t)
			c.change(h, &o)
			_, err := Run(t.Context(), o)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(name+err.Error(), "model.gguf") && name != "a full disk" && name != "a name that leads up" {
				t.Errorf("got %v, want a sentence with %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "Signature") {
				t.Errorf("it shows a signed address: %v", err)
			}
			if _, err := os.Stat(file(o)); err == nil {
				t.Error("a file that was not verified has its final name")
			}
		})
	}
}

// A file that a model can do without is left out where it is not.
func TestOptionalFile(t *testing.T) {
	h := newHub(t, 100)
	o := h.options(t)
	o.Files = append(o.Files, File{Name: "notes.txt", URL: h.front.URL + "/gone", Optional: true})
	if results, err := Run(t.Context(), o); err != nil || len(results) != 1 {
		t.Errorf("got %v, %v", results, err)
	}
}

// Small files carry git's hash and no redirect.
func TestGitHash(t *testing.T) {
	h := newHub(t, 1000)
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"`+h.gitHash()+`"`)
		w.Header().Set("X-Repo-Commit", "95a6d26c")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(h.content))
	}))
	defer plain.Close()
	o := h.options(t)
	o.Files[0].URL = plain.URL
	results, err := Run(t.Context(), o)
	if err != nil || results[0].SHA256 != h.sha() {
		t.Fatalf("got %+v, %v", results, err)
	}
	h.content[3]++ // the file there is no longer that of the hash
	o.Folder = t.TempDir()
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatalf("a file with its own hash: %v", err)
	}
}

// Two programs do not fetch into one folder at once.
func TestOnePullAtATime(t *testing.T) {
	h := newHub(t, 2*testPart)
	o := h.options(t)
	var second error
	o.OnEvent = func(e Event) {
		if e.Phase == Fetching && second == nil {
			other := o
			other.OnEvent = nil
			_, second = Run(t.Context(), other)
		}
	}
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if second == nil || !strings.Contains(second.Error(), "another sirocco") {
		t.Errorf("the second pull ended with %v", second)
	}
}
