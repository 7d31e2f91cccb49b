package serve

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"sirocco/model/chat"
)

// meter counts what the server did since it started, under vLLM's names where
// they fit.
type meter struct {
	mu        sync.Mutex
	prompt    int64            // tokens of prompts
	generated int64            // tokens of answers
	cached    int64            // tokens of prompts that need not be read again
	images    int64            // tokens of pictures
	finished  map[string]int64 // reason → answers
	responses map[int]int64    // HTTP status → replies

	firstToken, betweenTokens, whole, waited, prefill, decode histogram // seconds
	promptSizes, answerSizes                                  histogram // tokens
}

func newMeter() *meter {
	brief := []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600}
	sizes := []float64{1, 10, 50, 100, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000}
	return &meter{
		finished:      map[string]int64{},
		responses:     map[int]int64{},
		firstToken:    newHistogram(brief),
		betweenTokens: newHistogram([]float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5}),
		whole:         newHistogram(brief),
		waited:        newHistogram(brief),
		prefill:       newHistogram(brief),
		decode:        newHistogram(brief),
		promptSizes:   newHistogram(sizes),
		answerSizes:   newHistogram(sizes),
	}
}

// responded counts a reply; 0 is a client that went away before it had one.
func (m *meter) responded(status int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.responses[status]++
}

// watch follows one answer from the moment it was asked for.
func (m *meter) watch(asked time.Time) *watch { return &watch{meter: m, asked: asked} }

type watch struct {
	meter   *meter
	asked   time.Time
	started bool
	last    time.Time // of the token before
}

// event counts as the answer is made.
func (w *watch) event(e chat.Event) {
	m := w.meter
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if !w.started {
		w.started = true
		m.waited.add(now.Sub(w.asked).Seconds())
	}
	if e.Kind != chat.KindToken {
		return
	}
	m.generated++
	if w.last.IsZero() {
		m.firstToken.add(now.Sub(w.asked).Seconds())
	} else {
		m.betweenTokens.add(now.Sub(w.last).Seconds())
	}
	w.last = now
}

// done counts a finished answer.
func (w *watch) done(d *chat.Done) {
	m := w.meter
	m.mu.Lock()
	defer m.mu.Unlock()
	m.prompt += int64(d.Usage.PromptTokens)
	m.cached += int64(d.Usage.CachedTokens)
	m.images += int64(d.Usage.ImageTokens)
	m.finished[finishedAs(d.FinishReason)]++
	m.whole.add(time.Since(w.asked).Seconds())
	m.prefill.add(d.Timings.Prefill)
	m.decode.add(d.Timings.Decode)
	m.promptSizes.add(float64(d.Usage.PromptTokens))
	m.answerSizes.add(float64(d.Usage.CompletionTokens))
}

// finishedAs is vLLM's word for the reason of an end.
func finishedAs(reason string) string {
	switch reason {
	case chat.FinishToolCalls:
		return "stop"
	case chat.FinishCancelled:
		return "abort"
	}
	return reason
}

// metrics writes everything in Prometheus' text form.
func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) error {
	running, waiting := s.queue.load()
	var out strings.Builder
	s.meter.write(&out, s.o.Engine.About().Model.Name, running, waiting)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = io.WriteString(w, out.String()) // a client that is gone cannot be told so
	return nil
}

func (m *meter) write(out io.Writer, model string, running, waiting int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	labels := "model_name=" + quoted(model)
	single := func(kind, name, help string, value int64) {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n%s{%s} %d\n", name, help, name, kind, name, labels, value)
	}
	single("gauge", "vllm:num_requests_running", "Requests that are being answered.", int64(running))
	single("gauge", "vllm:num_requests_waiting", "Requests that wait for their turn.", int64(waiting))
	single("counter", "vllm:prompt_tokens_total", "Tokens of prompts.", m.prompt)
	single("counter", "vllm:generation_tokens_total", "Tokens of answers.", m.generated)
	single("counter", "vllm:prefix_cache_queries_total", "Tokens of prompts that were looked for in the cache.", m.prompt)
	single("counter", "vllm:prefix_cache_hits_total", "Tokens of prompts that were found in the cache.", m.cached)
	single("counter", "sirocco:image_tokens_total", "Tokens of pictures in prompts.", m.images)
	heading(out, "vllm:request_success_total", "counter", "Answers by the reason of their end.")
	for _, reason := range slices.Sorted(maps.Keys(m.finished)) {
		fmt.Fprintf(out, "vllm:request_success_total{finished_reason=%s,%s} %d\n", quoted(reason), labels, m.finished[reason])
	}
	heading(out, "sirocco:http_responses_total", "counter", "Replies by HTTP status; 0 is a client that did not wait for one.")
	for _, status := range slices.Sorted(maps.Keys(m.responses)) {
		fmt.Fprintf(out, "sirocco:http_responses_total{code=\"%d\"} %d\n", status, m.responses[status])
	}
	heading(out, "go_goroutines", "gauge", "Goroutines of the server.")
	fmt.Fprintf(out, "go_goroutines %d\n", runtime.NumGoroutine())
	m.firstToken.write(out, "vllm:time_to_first_token_seconds", "From request to first token.", labels)
	m.betweenTokens.write(out, "vllm:inter_token_latency_seconds", "From token to token.", labels)
	m.whole.write(out, "vllm:e2e_request_latency_seconds", "From request to end.", labels)
	m.waited.write(out, "vllm:request_queue_time_seconds", "Waiting for a turn.", labels)
	m.prefill.write(out, "vllm:request_prefill_time_seconds", "Reading the prompt.", labels)
	m.decode.write(out, "vllm:request_decode_time_seconds", "Writing the answer.", labels)
	m.promptSizes.write(out, "vllm:request_prompt_tokens", "Tokens of a prompt.", labels)
	m.answerSizes.write(out, "vllm:request_generation_tokens", "Tokens of an answer.", labels)
}

func heading(out io.Writer, name, kind, help string) {
	fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// quoted is a label's value.
func quoted(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}
