package pull

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A file comes from another host than the one that knows it, in parallel parts,
// and what is told about it adds up.
func TestPull(t *testing.T) {
	h := newHub(t, 10*testPart+5)
	o := h.options(t)
	o.Token = "secret"
	var events []Event
	o.OnEvent = func(e Event) { events = append(events, e) }
	results, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	want := Result{"model.gguf", int64(len(h.content)), h.sha(), "95a6d26c"}
	if len(results) != 1 || results[0] != want {
		t.Errorf("got %+v, want %+v", results, want)
	}
	h.arrived(t, o)
	if last := events[len(events)-1]; last.Phase != Done || last.Bytes != last.Total || last.Total != want.Size {
		t.Errorf("the last event is %+v", last)
	}
	if len(h.asked) != 11 {
		t.Errorf("storage was asked %d times for 11 parts", len(h.asked))
	}
	for _, auth := range h.auth {
		if auth != "" {
			t.Error("the hub's token was shown to the storage host")
		}
	}
	// Once more: the file is checked and nothing is fetched.
	if _, err := Run(t.Context(), o); err != nil || len(h.asked) != 11 {
		t.Errorf("pulling a complete file again: %v, %d requests", err, len(h.asked))
	}
}

// arrived checks the file, and that nothing unfinished lies beside it.
func (h *hub) arrived(t *testing.T, o Options) {
	t.Helper()
	data, err := os.ReadFile(file(o))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, h.content) {
		t.Error("the file is not what the server has")
	}
	if left, _ := filepath.Glob(filepath.Join(o.Folder, "*.part")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Every way in which a server can misbehave for a while ends in the right file,
// and costs at most what was broken.
func TestServersThatMisbehave(t *testing.T) {
	const parts = 8
	whole := parts * testPart
	for name, c := range map[string]struct {
		evil func(h *hub, w http.ResponseWriter, r *http.Request, n int) bool
		most int // bytes that may be sent in all
	}{
		"cuts connections": {func(h *hub, w http.ResponseWriter, r *http.Request, n int) bool {
			first, last := h.span(r)
			if n > 1 || last-first < testPart/2 {
				return false
			}
			w.Header().Set("Content-Length", fmt.Sprint(last-first+1))
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, len(h.content)))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(h.content[first : first+(last-first)/3])
			panic(http.ErrAbortHandler)
		}, whole},
		"says it is busy": {func(_ *hub, w http.ResponseWriter, _ *http.Request, n int) bool {
			if n <= 2 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return n <= 2
		}, whole},
		"lets signatures expire": {func(_ *hub, w http.ResponseWriter, _ *http.Request, n int) bool {
			if n == 1 {
				http.Error(w, "expired", http.StatusForbidden)
			}
			return n == 1
		}, whole + parts*100},
		"names another range": {func(h *hub, w http.ResponseWriter, r *http.Request, n int) bool {
			first, last := h.span(r)
			if n == 1 {
				h.answer(w, fmt.Sprintf("bytes %d-%d/%d", first+1, last+1, len(h.content)), h.content[first:last])
			}
			return n == 1
		}, 2 * whole},
		"names another size": {func(h *hub, w http.ResponseWriter, r *http.Request, n int) bool {
			first, last := h.span(r)
			if n == 1 {
				h.answer(w, fmt.Sprintf("bytes %d-%d/%d", first, last, len(h.content)+1), h.content[first:last+1])
			}
			return n == 1
		}, 2 * whole},
		"names no range": {func(h *hub, w http.ResponseWriter, r *http.Request, n int) bool {
			first, last := h.span(r)
			if n == 1 {
				h.answer(w, "", h.content[first:last+1])
			}
			return n == 1
		}, 2 * whole},
		"sends less than it says": {func(h *hub, w http.ResponseWriter, r *http.Request, _ int) bool {
			first, last := h.span(r)
			last = min(last, first+5000)
			h.answer(w, fmt.Sprintf("bytes %d-%d/%d", first, last, len(h.content)), h.content[first:last+1])
			return true
		}, whole},
		"packs what it sends": {func(h *hub, w http.ResponseWriter, r *http.Request, n int) bool {
			if n == 1 {
				w.Header().Set("Content-Encoding", "gzip")
				first, last := h.span(r)
				h.answer(w, fmt.Sprintf("bytes %d-%d/%d", first, last, len(h.content)), []byte("packed"))
			}
			return n == 1
		}, whole + parts*100},
		"sends an error page as a part": {func(h *hub, w http.ResponseWriter, r *http.Request, n int) bool {
			first, last := h.span(r)
			if first != 3*testPart || n > 1 {
				return false
			}
			h.answer(w, fmt.Sprintf("bytes %d-%d/%d", first, last, len(h.content)), bytes.Repeat([]byte("<html>"), testPart)[:last+1-first])
			return true
		}, whole + testPart + parts*3*64},
		"flips a bit": {func(h *hub, w http.ResponseWriter, r *http.Request, n int) bool {
			first, last := h.span(r)
			if first != 2*testPart || n > 1 || last-first < 100 {
				return false
			}
			body := bytes.Clone(h.content[first : last+1])
			body[1000] ^= 4
			h.answer(w, fmt.Sprintf("bytes %d-%d/%d", first, last, len(h.content)), body)
			return true
		}, whole + 3*testPart + parts*3*64},
		"redirects to a third host": {func(h *hub, w http.ResponseWriter, r *http.Request, _ int) bool {
			if r.URL.Path == "/moved" {
				return false
			}
			http.Redirect(w, r, strings.Replace(h.storage.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1)+"/moved", http.StatusTemporaryRedirect)
			return true
		}, whole + parts*200},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHub(t, whole)
			h.evil = func(w http.ResponseWriter, r *http.Request, n int) bool { return c.evil(h, w, r, n) }
			o := h.options(t)
			if _, err := Run(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			h.arrived(t, o)
			if h.sent > c.most {
				t.Errorf("%d bytes were sent for a file of %d; at most %d are needed", h.sent, whole, c.most)
			}
		})
	}
}

// A server without ranges sends whole files; a broken one begins anew.
func TestServerWithoutRanges(t *testing.T) {
	h := newHub(t, 6*testPart)
	var streams atomic.Int32
	h.evil = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.Header().Set("Content-Length", fmt.Sprint(len(h.content)))
		if streams.Add(1) == 2 {
			w.Write(h.content[:3*testPart+100])
			panic(http.ErrAbortHandler)
		}
		w.Write(h.content)
		return true
	}
	o := h.options(t)
	var notes []string
	o.OnEvent = func(e Event) {
		if e.Note != "" {
			notes = append(notes, e.Note)
		}
		if e.Bytes > e.Total {
			t.Errorf("%d of %d bytes", e.Bytes, e.Total)
		}
	}
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	h.arrived(t, o)
	if len(notes) < 2 || !strings.Contains(notes[0], "whole files only") {
		t.Errorf("it was said %q", notes)
	}
}

// A server that is slow is waited for; one that is silent is left and tried
// again.
func TestSlowAndSilentServers(t *testing.T) {
	h := newHub(t, 4*testPart)
	h.evil = func(w http.ResponseWriter, r *http.Request, n int) bool {
		first, last := h.span(r)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, len(h.content)))
		w.WriteHeader(http.StatusPartialContent)
		flush := http.NewResponseController(w)
		for at := first; at <= last; at += 4 << 10 {
			w.Write(h.content[at:min(last+1, at+4<<10)])
			flush.Flush()
			wait := 10 * time.Millisecond
			if n == 1 && first == testPart {
				wait = time.Minute // silent
			}
			select {
			case <-r.Context().Done():
				return true
			case <-time.After(wait):
			}
		}
		return true
	}
	o := h.options(t)
	o.Stall = 100 * time.Millisecond
	var noted string
	o.OnEvent = func(e Event) { noted += e.Note }
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	h.arrived(t, o)
	if !strings.Contains(noted, "nothing for 100ms") {
		t.Errorf("it was said %q", noted)
	}
}

// A pause keeps the parts that are in; the next Run fetches the others only.
func TestPauseAndResume(t *testing.T) {
	h := newHub(t, 20*testPart)
	o := h.options(t)
	ctx, pause := context.WithCancel(t.Context())
	o.OnEvent = func(Event) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if len(h.asked) > 8 {
			pause()
		}
	}
	h.evil = func(_ http.ResponseWriter, r *http.Request, _ int) bool {
		if ctx.Err() == nil {
			time.Sleep(30 * time.Millisecond)
		}
		return false
	}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("a paused pull ended with %v", err)
	}
	if _, err := os.Stat(file(o)); err == nil {
		t.Fatal("an unfinished file has the name of a finished one")
	}
	h.mu.Lock()
	before := len(h.asked)
	h.mu.Unlock()
	o.OnEvent = nil
	o.Part = 3 * testPart // a new idea of a part's size does not disturb an old record
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	h.arrived(t, o)
	if again := len(h.asked) - before; again > 20-before+o.fillParallel() {
		t.Errorf("%d requests before the pause, %d after it, for 20 parts", before, again)
	}
}

// fillParallel is how many parts can be under way at a pause.
func (o Options) fillParallel() int { o.fill(); return o.Parallel }

// A power cut can leave a record that is ahead of the disk, or cut off. The
// parts that are not what they should be are fetched again, the others are not.
func TestDamageOnDisk(t *testing.T) {
	h := newHub(t, 8*testPart)
	o := h.options(t)
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	damage(t, file(o), 5*testPart+77)
	record := filepath.Join(o.Folder, ".pull", "model.gguf.jsonl")
	data, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(record, append(data, `{"n":3,"sha2`...), 0o644); err != nil {
		t.Fatal(err)
	}
	h.asked = nil
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	h.arrived(t, o)
	if len(h.asked) != 1 || h.asked[0] != fmt.Sprintf("bytes=%d-%d", 5*testPart, 6*testPart-1) {
		t.Errorf("to repair part 5, %v were fetched", h.asked)
	}
}

func damage(t *testing.T, path string, at int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte("damage"), at); err != nil {
		t.Fatal(err)
	}
}
