package serve

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// counting is a fake engine that counts passes.
type counting struct {
	fake
	passes chat.Passes
}

func (c *counting) Passes(context.Context) (chat.Passes, bool) { return c.passes, true }

// The numbers of /metrics are those of what happened.
func TestMetrics(t *testing.T) {
	engine := &fake{}
	s := newServer(t, engine, Options{})
	passes := &counting{}
	passes.passes.Read(100)
	passes.passes.Decoded(1, 1)
	passes.passes.Decoded(3, 5)
	ask(s, "POST", chatURL, hello(""))
	ask(s, "POST", chatURL, hello(`"stream": true, "n": 2, "max_tokens": 300`))
	engine.play = func(ctx context.Context, r *chat.Request, say func(chat.Event)) error {
		say(chat.Event{Kind: chat.KindPrompt, Prompt: &chat.Prompt{IDs: make([]int32, 2048)}})
		say(chat.Event{Kind: chat.KindImage, Image: &chat.ImageEncoded{}})
		say(chat.Event{Kind: chat.KindImage, Image: &chat.ImageEncoded{Cached: true}})
		if got := ask(s, "GET", "/metrics", "").Body.String(); !strings.Contains(got, "vllm:kv_cache_usage_perc{model_name=\"fake\"} 0.25\n") {
			t.Errorf("in the middle of an answer behind 2048 tokens of 8192:\n%s", got)
		}
		return says(chat.FinishRepetition, "A")(ctx, r, say)
	}
	ask(s, "POST", chatURL, hello(""))
	ask(s, "POST", chatURL, hello(`"n": "x"`))
	s.o.Engine = passes
	got := ask(s, "GET", "/metrics", "").Body.String()
	for _, line := range []string{
		`vllm:num_requests_running{model_name="fake"} 0`,
		`vllm:num_requests_waiting{model_name="fake"} 0`,
		`vllm:kv_cache_usage_perc{model_name="fake"} 0`,
		`vllm:prompt_tokens_total{model_name="fake"} 28`,
		`vllm:generation_tokens_total{model_name="fake"} 14`,
		`vllm:prefix_cache_hits_total{model_name="fake"} 12`,
		`vllm:mm_cache_queries_total{model_name="fake"} 2`,
		`vllm:mm_cache_hits_total{model_name="fake"} 1`,
		`vllm:request_success_total{finished_reason="stop",model_name="fake"} 3`,
		`vllm:request_success_total{finished_reason="repetition",model_name="fake"} 1`,
		`sirocco:http_responses_total{code="200"} 4`,
		`sirocco:http_responses_total{code="400"} 1`,
		`vllm:time_to_first_token_seconds_count{model_name="fake"} 4`,
		`vllm:inter_token_latency_seconds_count{model_name="fake"} 10`,
		`vllm:request_inference_time_seconds_count{model_name="fake"} 4`,
		`vllm:request_time_per_output_token_seconds_count{model_name="fake"} 4`,
		`vllm:request_prompt_tokens_bucket{model_name="fake",le="10"} 4`,
		`vllm:request_prompt_tokens_bucket{model_name="fake",le="1"} 0`,
		`vllm:request_prompt_tokens_bucket{model_name="fake",le="+Inf"} 4`,
		`vllm:request_prompt_tokens_sum{model_name="fake"} 28`,
		`vllm:request_params_n_sum{model_name="fake"} 4`,
		`vllm:request_params_max_tokens_bucket{model_name="fake",le="500"} 1`,
		`sirocco:decode_pass_answers_bucket{model_name="fake",le="1"} 1`,
		`sirocco:decode_pass_answers_bucket{model_name="fake",le="3"} 2`,
		`sirocco:decode_pass_answers_sum{model_name="fake"} 4`,
		`vllm:iteration_tokens_total_bucket{model_name="fake",le="8"} 2`,
		`vllm:iteration_tokens_total_sum{model_name="fake"} 106`,
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("%s is not in\n%s", line, got)
		}
	}
	if err := prometheus(got); err != nil {
		t.Errorf("%v in\n%s", err, got)
	}
}

// What the check below must refuse, so that it is known to look.
func TestPrometheusCheck(t *testing.T) {
	const good = "# HELP a_total Help.\n# TYPE a_total counter\na_total{b=\"c\"} 1\n"
	if err := prometheus(good); err != nil {
		t.Error(err)
	}
	for name, text := range map[string]string{
		"no type":            "# HELP a Help.\na 1\n",
		"a counter's name":   "# HELP a Help.\n# TYPE a counter\na 1\n",
		"twice":              good + "a_total{b=\"c\"} 2\n",
		"twice told":         good + good,
		"a label unquoted":   strings.Replace(good, `"c"`, `c`, 1),
		"a bad escape":       strings.Replace(good, `"c"`, `"\c"`, 1),
		"no number":          strings.Replace(good, "} 1", "} one", 1),
		"a negative counter": strings.Replace(good, "} 1", "} -1", 1),
		"no end of line":     strings.TrimSuffix(good, "\n"),
		"buckets that sink":  "# HELP a Help.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
		"another count":      "# HELP a Help.\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n",
		"buckets unordered":  "# HELP a Help.\n# TYPE a histogram\na_bucket{le=\"2\"} 1\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
		"no last bucket":     "# HELP a Help.\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
		"a stranger":         good + "b 1\n",
	} {
		if prometheus(text) == nil {
			t.Errorf("%s is taken:\n%s", name, text)
		}
	}
}

var (
	promHelp   = regexp.MustCompile(`^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) \S.*$`)
	promType   = regexp.MustCompile(`^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$`)
	promSample = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*")*)\})? (\S+)$`)
	promBound  = regexp.MustCompile(`,?le="([^"]*)"`)
)

// prometheus checks a page as strictly as version 0.0.4 of the text form can be
// meant: every metric has its help and then its type, once, and its samples right
// after; no sample comes twice; counters end in _total and do not sink below 0;
// buckets are in order and add up.
func prometheus(text string) error {
	body, ended := strings.CutSuffix(text, "\n")
	if !ended {
		return fmt.Errorf("the last line has no end")
	}
	var name, kind, helped string
	var told []string
	seen := map[string]bool{}
	buckets := map[string]*promBuckets{}
	for _, line := range strings.Split(body, "\n") {
		if m := promHelp.FindStringSubmatch(line); m != nil {
			helped = m[1]
			continue
		}
		if m := promType.FindStringSubmatch(line); m != nil {
			name, kind = m[1], m[2]
			if helped != name || slices.Contains(told, name) || kind == "counter" && !strings.HasSuffix(name, "_total") {
				return fmt.Errorf("%q", line)
			}
			told = append(told, name)
			continue
		}
		m := promSample.FindStringSubmatch(line)
		if m == nil {
			return fmt.Errorf("%q is nothing", line)
		}
		value, err := strconv.ParseFloat(m[3], 64)
		if err != nil || kind != "gauge" && value < 0 || seen[m[1]+m[2]] {
			return fmt.Errorf("%q: %v", line, err)
		}
		seen[m[1]+m[2]] = true
		if part, ours := strings.CutPrefix(m[1], name); kind == "histogram" && ours {
			key := name + promBound.ReplaceAllString(m[2], "")
			if buckets[key] == nil {
				buckets[key] = &promBuckets{}
			}
			err = buckets[key].take(part, promBound.FindStringSubmatch(m[2]), value)
		} else if m[1] != name {
			err = fmt.Errorf("it belongs to no metric")
		}
		if err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
	}
	for key, b := range buckets {
		if !b.last || !b.counted {
			return fmt.Errorf("%s is not whole", key)
		}
	}
	return nil
}

// promBuckets are those of one histogram, as they come.
type promBuckets struct {
	bound, total  float64
	some          bool
	last, counted bool
}

func (b *promBuckets) take(part string, le []string, value float64) error {
	switch part {
	case "_sum":
		return nil
	case "_count":
		b.counted = true
		if !b.last || value != b.total {
			return fmt.Errorf("the buckets hold %g", b.total)
		}
		return nil
	case "_bucket":
		if le == nil || b.last {
			return fmt.Errorf("a bucket without a bound, or behind the last")
		}
		bound, err := strconv.ParseFloat(le[1], 64) // reads +Inf, too
		if err != nil || b.some && bound <= b.bound || value < b.total {
			return fmt.Errorf("buckets that are not in order: %v", err)
		}
		b.bound, b.total, b.some, b.last = bound, value, true, le[1] == "+Inf"
		return nil
	}
	return fmt.Errorf("it is no part of a histogram")
}
