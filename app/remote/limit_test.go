package remote

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"sirocco/model/chat"
)

// endless sends a piece again and again until nobody listens, at most 3 GB. sent
// is how much of it was taken.
func endless(kind, piece string, sent *atomic.Int64) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", kind)
		for sent.Store(0); sent.Load() < 3<<30; {
			n, err := io.WriteString(w, piece)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	}
}

// A server that never ends an event, or an answer, is given up, with a sentence and
// what it has said so far.
func TestEndlessAnswers(t *testing.T) {
	million := strings.Repeat("A", 1<<20)
	for name, c := range map[string]struct {
		kind, piece, says string
		whole             bool // it ends as an answer, with a notice
	}{
		"an event of lines":   {"text/event-stream", strings.Repeat("data: x\n", 1000), "single piece", false},
		"an event of one":     {"text/event-stream", "data: " + million, "single piece", false},
		"an event of nothing": {"text/event-stream", strings.Repeat(": \n", 1000), "single piece", false},
		"an answer":           {"text/event-stream", "data: " + says(million) + "\n\n", "longer answer", true},
		"pieces of nothing":   {"text/event-stream", strings.Repeat("data: "+says("")+"\n\n", 1000), "longer answer", false},
		"arguments":           {"text/event-stream", "data: " + called(fmt.Sprintf(`{"index": 0, "id": "a", "function": {"name": "f", "arguments": %q}}`, strings.Repeat("}", 1<<18))) + "\n\n", "longer answer", true},
		"JSON":                {"application/json", `{"choices": [` + strings.Repeat(" ", 1<<20), "at once", false},
	} {
		var sent atomic.Int64
		f := &fake{chat: endless(c.kind, c.piece, &sent)}
		o := answered(t.Context(), f.open(t), hello())
		told := ""
		if o.err != nil {
			told = o.err.Error()
		}
		for _, e := range o.events {
			if e.Kind == chat.KindNotice {
				told += e.Text
			}
		}
		if !strings.Contains(told, c.says) || strings.Contains(told, "token too long") || len(told) > 1000 {
			t.Errorf("%s: the person is told %q", name, told)
		}
		if (o.done != nil) != c.whole {
			t.Errorf("%s: it ended with %+v", name, o.err)
		}
		if sent.Load() > 400<<20 || len(f.bodies) != 1 {
			t.Errorf("%s: %d bytes of %d attempts were taken", name, sent.Load(), len(f.bodies))
		}
	}
}

// What a server says of itself has a size.
func TestEndlessLists(t *testing.T) {
	name := strings.Repeat("n", 1<<20)
	for models, says := range map[string]string{
		`{"data": [{"id": "` + name + `"}]}`:                   "which is no name",
		`{"data": [` + strings.Repeat(" ", largestReply) + ` `: "at once",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, models) }))
		_, err := Open(t.Context(), Options{URL: server.URL})
		server.Close()
		if err == nil || !strings.Contains(err.Error(), says) || len(err.Error()) > 1000 {
			t.Errorf("%.40s: %.300v; %q is missing", models, err, says)
		}
	}
}

// An honest answer of a full context, with as many alternatives as there may be,
// has room.
func TestHonestAnswersHaveRoom(t *testing.T) {
	var c chunk
	token := `{"token": "` + strings.Repeat(" ", 128) + `", "logprob": -1, "top_logprobs": [` + strings.Repeat(`{"token": "some word"},`, 19) + `{"token": "last"}]}`
	if err := json.Unmarshal([]byte(`{"choices": [{"delta": {"content": "`+strings.Repeat(" ", 128)+`"}, "logprobs": {"content": [`+token+`]}}]}`), &c); err != nil {
		t.Fatal(err)
	}
	for _, context := range []int{1, 4096, 131072} {
		if need := context * c.weight(); roomFor(context, 20) < min(need, largestAnswer) {
			t.Errorf("%d tokens need %d bytes and have %d", context, need, roomFor(context, 20))
		}
	}
	if roomFor(0, 0) != roomFor(usualContext, 0) || roomFor(1<<62, 1<<30) > largestAnswer {
		t.Error("a context that is not told, or a lie, has no good room")
	}
}

// Pieces of arguments make one object wherever they are cut.
func TestShapeOfArguments(t *testing.T) {
	for text, whole := range map[string]int{
		`{}`: 2, `{"a":{"b":"}\"}\\"}} {"again":1}`: 20, ` {"a":[{}]}x`: 11, `{"a"`: -1, `}{}`: -1, `"{}"`: -1,
	} {
		for cut := range len(text) {
			var s shape
			got := s.end([]byte(text[:cut]))
			if rest := s.end([]byte(text[cut:])); got < 0 && rest >= 0 {
				got = cut + rest
			}
			if got != whole {
				t.Errorf("%s cut at %d ends at %d, want %d", text, cut, got, whole)
			}
		}
	}
}
