package pull

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// hub is a model hub on this machine that behaves as Hugging Face's does: /file
// says in the headers of a redirect what it knows, which is nowhere else, and sends
// to an address of storage on another host, signed for GET and for a while; /renamed
// and /small redirect within the hub. Storage takes no token and has tags of its own.
// Tests make either misbehave.
type hub struct {
	front, storage *httptest.Server
	content        []byte

	mu    sync.Mutex
	asked []string       // the Range of every request to storage
	times map[string]int // how often each was asked for
	sent  int            // bytes of storage
	auth  []string       // Authorization headers that storage saw

	signed int         // addresses given out
	lasts  int         // how many requests an address is good for; 0: any number
	used   map[int]int // requests by address

	head func(h http.Header)                                      // changes what the hub says
	evil func(w http.ResponseWriter, r *http.Request, n int) bool // answers in storage's place, the n-th time a range is asked for
}

func newHub(t *testing.T, size int) *hub {
	h := &hub{content: make([]byte, size), times: map[string]int{}, used: map[int]int{}}
	random := rand.NewChaCha8([32]byte{1})
	random.Read(h.content)
	h.storage = httptest.NewServer(http.HandlerFunc(h.store))
	h.front = httptest.NewServer(http.HandlerFunc(h.redirect))
	t.Cleanup(h.storage.Close)
	t.Cleanup(h.front.Close)
	return h
}

func (h *hub) sha() string {
	sum := sha256.Sum256(h.content)
	return hex.EncodeToString(sum[:])
}

func (h *hub) gitHash() string {
	sum := sha1.Sum(append([]byte(fmt.Sprintf("blob %d\x00", len(h.content))), h.content...))
	return hex.EncodeToString(sum[:])
}

func (h *hub) redirect(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/file"):
		h.sendToStorage(w)
	case r.URL.Path == "/renamed": // the repository has another name
		w.Header().Set("Location", "/file")
		w.WriteHeader(http.StatusTemporaryRedirect)
	case r.URL.Path == "/small": // in git itself
		w.Header().Set("X-Repo-Commit", "95a6d26c")
		w.Header().Set("Location", "/api/resolve-cache/small?etag=%22"+h.gitHash()+"%22")
		w.WriteHeader(http.StatusTemporaryRedirect)
	case r.URL.Path == "/api/resolve-cache/small":
		w.Header().Set("Etag", `"`+h.gitHash()+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(h.content))
	default:
		w.Header().Set("X-Error-Code", "EntryNotFound")
		http.NotFound(w, r)
	}
}

func (h *hub) sendToStorage(w http.ResponseWriter) {
	h.mu.Lock()
	h.signed++
	address := fmt.Sprintf("%s/xet-bridge-us/%s?X-Amz-Expires=3600&X-Amz-Signature=%d&x-id=GetObject", h.storage.URL, h.sha(), h.signed)
	h.mu.Unlock()
	w.Header().Set("X-Linked-Size", fmt.Sprint(len(h.content)))
	w.Header().Set("X-Linked-Etag", `"`+h.sha()+`"`)
	w.Header().Set("X-Repo-Commit", "95a6d26c")
	w.Header().Set("X-Xet-Hash", strings.Repeat("e", 64))
	w.Header().Set("Link", `<https://example.org/auth>; rel="xet-auth"`)
	w.Header().Set("Accept-Ranges", "bytes")
	if h.head != nil {
		h.head(w.Header())
	}
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusFound)
	fmt.Fprintf(w, "Found. Redirecting to %s", address)
}

// refuses tells of a request that its address is not good for: of another method, with a token beside the signature, too late.
func (h *hub) refuses(w http.ResponseWriter, r *http.Request) bool {
	if !strings.HasPrefix(r.URL.Path, "/xet-bridge-us") {
		return false
	}
	var number int
	fmt.Sscan(r.URL.Query().Get("X-Amz-Signature"), &number)
	h.mu.Lock()
	h.used[number]++
	late := h.lasts > 0 && h.used[number] > h.lasts
	h.mu.Unlock()
	switch {
	case r.Header.Get("Authorization") != "":
		http.Error(w, "<Error><Code>InvalidArgument</Code></Error>", http.StatusBadRequest)
	case r.Method != http.MethodGet || number < 1 || late:
		http.Error(w, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", http.StatusForbidden)
	default:
		return false
	}
	return true
}

func (h *hub) store(w http.ResponseWriter, r *http.Request) {
	if h.refuses(w, r) {
		return
	}
	w.Header().Set("Etag", `"`+strings.Repeat("e", 64)+`"`) // Xet's, not the file's
	span := r.Header.Get("Range")
	h.mu.Lock()
	h.asked = append(h.asked, span)
	h.times[span]++
	n := h.times[span]
	h.auth = append(h.auth, r.Header.Get("Authorization"))
	h.mu.Unlock()
	counted := &counter{ResponseWriter: w, h: h}
	if h.evil != nil && h.evil(counted, r, n) {
		return
	}
	http.ServeContent(counted, r, "", time.Time{}, bytes.NewReader(h.content))
}

type counter struct {
	http.ResponseWriter
	h *hub
}

func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *counter) Write(data []byte) (int, error) {
	c.h.mu.Lock()
	c.h.sent += len(data)
	c.h.mu.Unlock()
	return c.ResponseWriter.Write(data)
}

// span reads the Range of a request.
func (h *hub) span(r *http.Request) (first, last int) {
	fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &first, &last)
	return first, min(last, len(h.content)-1)
}

// answer sends a 206 whose headers may lie.
func (h *hub) answer(w http.ResponseWriter, contentRange string, body []byte) {
	w.Header().Set("Content-Range", contentRange)
	w.WriteHeader(http.StatusPartialContent)
	w.Write(body)
}

const testPart = 16 << 10

// options fetch the hub's file, in small parts and without long waits.
func (h *hub) options(t *testing.T) Options {
	return Options{
		Folder: t.TempDir(), Files: []File{{Name: "model.gguf", URL: h.front.URL + "/file"}},
		Part: testPart, Wait: time.Millisecond, Stall: 5 * time.Second, Tries: 3,
	}
}

func file(o Options) string { return filepath.Join(o.Folder, "model.gguf") }
