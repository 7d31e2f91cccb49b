package serve

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"sirocco/model/chat"
)

// countTime is how long an engine may take to say how its passes went.
const countTime = time.Second

// metrics writes everything in Prometheus' text form, under vLLM's names where they
// fit.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) error {
	var out strings.Builder
	about := s.o.Engine.About().Model
	page := page{out: &out, labels: "model_name=" + quoted(about.Name)}
	running, waiting := s.queue.load()
	page.single("gauge", "vllm:num_requests_running", "Requests that are being answered.", float64(running))
	page.single("gauge", "vllm:num_requests_waiting", "Requests that wait for their turn.", float64(waiting))
	s.meter.write(page, max(1, about.Parallel)*about.Context)
	if counter, ok := s.o.Engine.(chat.Counter); ok {
		ctx, cancel := context.WithTimeout(r.Context(), countTime)
		defer cancel()
		if passes, ok := counter.Passes(ctx); ok {
			page.passes(passes)
		}
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = io.WriteString(w, out.String()) // a client that is gone cannot be told so
	return nil
}

// page is what is written, and the labels of its lines.
type page struct {
	out    io.Writer
	labels string
}

// single writes a metric of one value.
func (p page) single(kind, name, help string, value float64) {
	heading(p.out, name, kind, help)
	fmt.Fprintf(p.out, "%s{%s} %g\n", name, p.labels, value)
}

func (p page) histogram(h histogram, name, help string) { h.write(p.out, name, help, p.labels) }

// The buckets of passes: as many answers as go into one, and as many tokens as a
// piece of a prompt has at most, in powers of two.
var (
	passAnswers = []float64{1, 2, 3, 4, 5, 6, 7, 8}
	passTokens  = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048}
)

// passes tells how well the reading of weights was shared.
func (p page) passes(passes chat.Passes) {
	answers := 0.0
	for i, n := range passes.Served {
		answers += float64(n) * float64(i+1)
	}
	p.histogram(counted(passAnswers, passes.Served, answers), "sirocco:decode_pass_answers", "Answers that a pass over the weights chose the next token for.")
	p.histogram(counted(passTokens, passes.Sizes, float64(passes.Tokens)), "vllm:iteration_tokens_total", "Tokens that a pass over the weights read, of prompts and of answers.")
}

// write tells what was counted; room is how many tokens find place at once.
func (m *meter) write(p page, room int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	count := func(name, help string, value int64) { p.single("counter", name, help, float64(value)) }
	p.single("gauge", "vllm:kv_cache_usage_perc", "Tokens of the conversations that are being answered, as a part of those that find place (1 is all).", float64(m.kvTokens)/float64(max(room, 1)))
	count("vllm:prompt_tokens_total", "Tokens of prompts.", m.prompt)
	count("vllm:prompt_tokens_cached_total", "Tokens of prompts that were not read again.", m.cached)
	count("vllm:generation_tokens_total", "Tokens of answers.", m.generated)
	count("vllm:prefix_cache_queries_total", "Tokens of prompts that were looked for in the cache.", m.prompt)
	count("vllm:prefix_cache_hits_total", "Tokens of prompts that were found in the cache.", m.cached)
	count("vllm:mm_cache_queries_total", "Pictures that were needed.", m.pictures)
	count("vllm:mm_cache_hits_total", "Pictures that were encoded before.", m.picturesKnown)
	count("sirocco:image_tokens_total", "Tokens of pictures in prompts.", m.images)
	heading(p.out, "vllm:request_success_total", "counter", "Answers by the reason of their end.")
	for _, reason := range slices.Sorted(maps.Keys(m.finished)) {
		fmt.Fprintf(p.out, "vllm:request_success_total{finished_reason=%s,%s} %d\n", quoted(reason), p.labels, m.finished[reason])
	}
	heading(p.out, "sirocco:http_responses_total", "counter", "Replies by HTTP status; 0 is a client that did not wait for one.")
	for _, status := range slices.Sorted(maps.Keys(m.responses)) {
		fmt.Fprintf(p.out, "sirocco:http_responses_total{code=\"%d\"} %d\n", status, m.responses[status])
	}
	heading(p.out, "go_goroutines", "gauge", "Goroutines of the server.")
	fmt.Fprintf(p.out, "go_goroutines %d\n", runtime.NumGoroutine())
	m.histograms(p)
}

func (m *meter) histograms(p page) {
	p.histogram(m.firstToken, "vllm:time_to_first_token_seconds", "From request to first token.")
	p.histogram(m.betweenTokens, "vllm:inter_token_latency_seconds", "From token to token.")
	p.histogram(m.perToken, "vllm:request_time_per_output_token_seconds", "From token to token, the mean of each answer.")
	p.histogram(m.whole, "vllm:e2e_request_latency_seconds", "From request to end.")
	p.histogram(m.waited, "vllm:request_queue_time_seconds", "Waiting for a turn.")
	p.histogram(m.working, "vllm:request_inference_time_seconds", "From turn to end.")
	p.histogram(m.prefill, "vllm:request_prefill_time_seconds", "Reading the prompt.")
	p.histogram(m.decode, "vllm:request_decode_time_seconds", "Writing the answer.")
	p.histogram(m.promptSizes, "vllm:request_prompt_tokens", "Tokens of a prompt.")
	p.histogram(m.answerSizes, "vllm:request_generation_tokens", "Tokens of an answer.")
	p.histogram(m.limits, "vllm:request_params_max_tokens", "Tokens that an answer may have, where the request says so.")
	p.histogram(m.queued, "vllm:request_params_n", "Answers that a request wants.")
}

func heading(out io.Writer, name, kind, help string) {
	fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// quoted is a label's value.
func quoted(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}
