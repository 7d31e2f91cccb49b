package serve

import (
	"sync"
	"time"

	"sirocco/model/chat"
)

// meter counts what the server did since it started; metrics.go tells it.
type meter struct {
	mu            sync.Mutex
	prompt        int64            // tokens of prompts
	generated     int64            // tokens of answers
	cached        int64            // tokens of prompts that need not be read again
	images        int64            // tokens of pictures
	pictures      int64            // pictures that were needed
	picturesKnown int64            // of them, those that were encoded before
	kvTokens      int64            // tokens of the conversations that are being answered
	finished      map[string]int64 // reason → answers
	responses     map[int]int64    // HTTP status → replies

	firstToken, betweenTokens, perToken     histogram // seconds
	whole, waited, working, prefill, decode histogram // seconds
	promptSizes, answerSizes, limits        histogram // tokens
	queued                                  histogram // answers
}

func newMeter() *meter {
	brief := []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600}
	between := []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5}
	sizes := []float64{1, 10, 50, 100, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000}
	return &meter{
		finished:      map[string]int64{},
		responses:     map[int]int64{},
		firstToken:    newHistogram(brief),
		betweenTokens: newHistogram(between),
		perToken:      newHistogram(between),
		whole:         newHistogram(brief),
		waited:        newHistogram(brief),
		working:       newHistogram(brief),
		prefill:       newHistogram(brief),
		decode:        newHistogram(brief),
		promptSizes:   newHistogram(sizes),
		answerSizes:   newHistogram(sizes),
		limits:        newHistogram(sizes),
		queued:        newHistogram([]float64{1, 2, 5, 10, 20}),
	}
}

// responded counts a reply; 0 is a client that went away before it had one.
func (m *meter) responded(status int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.responses[status]++
}

// requested counts a question: how many answers it wants, and how long they may be.
func (m *meter) requested(q *request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queued.add(float64(q.N))
	if q.Chat.MaxTokens > 0 {
		m.limits.add(float64(q.Chat.MaxTokens))
	}
}

// watch follows one answer from the moment it was asked for.
func (m *meter) watch(asked time.Time) *watch { return &watch{meter: m, requested: asked} }

type watch struct {
	meter     *meter
	requested time.Time
	began     time.Time // when its turn came
	last      time.Time // of the token before
	buffered  int64     // tokens of the conversation so far
}

// event counts as the answer is made.
func (w *watch) event(e chat.Event) {
	m := w.meter
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if w.began.IsZero() {
		w.began = now
		m.waited.add(now.Sub(w.requested).Seconds())
	}
	switch e.Kind {
	case chat.KindPrompt:
		w.hold(len(e.Prompt.IDs))
	case chat.KindImage:
		if m.pictures++; e.Image.Cached {
			m.picturesKnown++
		}
	case chat.KindToken:
		w.token(now)
	}
}

// token counts one. The lock is held.
func (w *watch) token(now time.Time) {
	m := w.meter
	w.hold(1)
	m.generated++
	if w.last.IsZero() {
		m.firstToken.add(now.Sub(w.requested).Seconds())
	} else {
		m.betweenTokens.add(now.Sub(w.last).Seconds())
	}
	w.last = now
}

func (w *watch) hold(tokens int) {
	w.buffered += int64(tokens)
	w.meter.kvTokens += int64(tokens)
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
	m.whole.add(time.Since(w.requested).Seconds())
	m.working.add(time.Since(w.began).Seconds())
	m.prefill.add(d.Timings.Prefill)
	m.decode.add(d.Timings.Decode)
	m.promptSizes.add(float64(d.Usage.PromptTokens))
	m.answerSizes.add(float64(d.Usage.CompletionTokens))
	if n := d.Usage.CompletionTokens; n > 1 {
		m.perToken.add(d.Timings.Decode / float64(n-1))
	}
}

// leave ends the watch, however the answer ended.
func (w *watch) leave() {
	w.meter.mu.Lock()
	defer w.meter.mu.Unlock()
	w.meter.kvTokens -= w.buffered
	w.buffered = 0
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
