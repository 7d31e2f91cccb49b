package remote

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// refusing is a server that refuses a field with a status and a message, or, with
// status 200, with an error event.
func refusing(field string, status int, message string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, r *http.Request, attempt int) {
		if status == http.StatusOK {
			streams(fmt.Sprintf(`{"error": {"message": %q, "code": 400}}`, message), "[DONE]")(w, r, attempt)
			return
		}
		refuses(status, message)(w, r, attempt)
	}
}

// A field that nobody asked for and the server refuses is taken back, however the
// refusal comes, and not sent again.
func TestRefusedFieldsAreTakenBack(t *testing.T) {
	for field, message := range map[string]string{
		"logprobs":       "`logprobs` is not supported with this model",
		"stream_options": "stream_options: Extra inputs are not permitted",
		"seed":           "Unknown field: seed",
	} {
		for _, status := range []int{400, 422, 200} {
			f := &fake{}
			f.chat = func(w http.ResponseWriter, r *http.Request, attempt int) {
				f.mu.Lock()
				_, there := f.bodies[len(f.bodies)-1][field]
				f.mu.Unlock()
				if there {
					refusing(field, status, message)(w, r, attempt)
					return
				}
				streams(says("Hello."), ends("stop"), "[DONE]")(w, r, attempt)
			}
			e := f.open(t)
			for range 2 {
				if o := must(t, answered(t.Context(), e, hello())); o.text != "Hello." {
					t.Errorf("%s, %d: %q", field, status, o.text)
				}
			}
			if len(f.bodies) != 3 {
				t.Errorf("%s, %d: %d requests for two questions, want 3", field, status, len(f.bodies))
			}
		}
	}
}

// What a person asked for is not taken back.
func TestWhatWasAskedForIsNotTakenBack(t *testing.T) {
	f := &fake{chat: refuses(400, "`logprobs` is not supported with this model")}
	o := answered(t.Context(), f.open(t), hello(func(r *chat.Request) { r.Logprobs = 3 }))
	if o.err == nil || !strings.Contains(o.err.Error(), "not supported") || len(f.bodies) != 1 {
		t.Errorf("%v after %d requests", o.err, len(f.bodies))
	}
}

// A limit that does not fit beside the prompt is left out of that question alone.
func TestLimitBeyondTheContext(t *testing.T) {
	f := &fake{}
	f.chat = func(w http.ResponseWriter, r *http.Request, attempt int) {
		f.mu.Lock()
		limit, _ := f.bodies[len(f.bodies)-1]["max_tokens"].(float64)
		f.mu.Unlock()
		if limit > 3800 {
			refuses(400, "This model's maximum context length is 4096 tokens. However, you requested 4300 tokens (300 in the messages, 4000 in the completion).")(w, r, attempt)
			return
		}
		streams(says("Hello."), ends("stop"), "[DONE]")(w, r, attempt)
	}
	e := f.open(t)
	must(t, answered(t.Context(), e, hello(func(r *chat.Request) { r.MaxTokens = 4000 })))
	must(t, answered(t.Context(), e, hello(func(r *chat.Request) { r.MaxTokens = 10 })))
	if len(f.bodies) != 3 || f.bodies[2]["max_tokens"] != 10.0 {
		t.Errorf("%d requests, the last %v", len(f.bodies), f.last())
	}
}

// An error event before the first word is the error that its code says.
func TestErrorEventsMeanWhatTheySay(t *testing.T) {
	for message, word := range map[string]string{
		"This model's maximum context length is 4096 tokens. However, you requested 9000 tokens in the messages.": "does not fit",
		"Requested sample logprobs of 25, which is greater than max allowed: 20":                                  "--max-logprobs",
	} {
		f := &fake{chat: refusing("", http.StatusOK, message)}
		o := answered(t.Context(), f.open(t), hello(func(r *chat.Request) { r.Logprobs = 20 }))
		if o.err == nil || !strings.Contains(o.err.Error(), word) || strings.Contains(o.err.Error(), "in the middle") {
			t.Errorf("got %v, want %q", o.err, word)
		}
	}
}
