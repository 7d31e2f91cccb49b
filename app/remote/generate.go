package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"sirocco/model/chat"
	"sirocco/model/outputparser"
)

// attempts is how often a question is sent before the first word of its answer.
const attempts = 4

// errRepetition ends an answer that repeats itself, where the server does not.
var errRepetition = errors.New("the answer repeated itself")

// errStopped unwinds an answer whose listener went away.
var errStopped = errors.New("nobody listens any more")

// Generate asks the server one question. A server that is busy, absent or breaks
// off before the first word is asked again; what breaks after it ends the answer
// with what was said so far and the reason "cancelled". A cancelled ctx does the
// same.
func (e *Engine) Generate(ctx context.Context, request *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		a := &answer{Engine: e, ctx: ctx, yield: yield}
		if err := a.answer(request); err != nil && !errors.Is(err, errStopped) {
			yield(chat.Event{}, err)
		}
	}
}

// answer is one answer on its way.
type answer struct {
	*Engine
	ctx    context.Context
	yield  func(chat.Event, error) bool
	plan   *plan
	spared map[string]bool // left out of this question alone
	left   map[string]bool // left out of the attempt that was made last
	plain  bool            // nothing is sent that nobody asked for
	strict bool            // arguments must fit their schemas though nobody asked

	begun            bool // something of the answer was shown
	sent             time.Time
	first            time.Time // when its first token came
	text             strings.Builder
	room             int                           // bytes that the answer may still have
	guard            *outputparser.RepetitionGuard // nil when it is off
	textFallback     words
	calls            calls
	toolCallFallback toolCallFallback
	offset           int // calls that came as such, before those that came as text
	written          []chat.ToolCall
	thought          bool   // the model reasoned apart from the answer
	reason           string // why the server ended it; "" while it did not
	stopped          string // vLLM's stop_reason
	counted          bool   // the server counted its tokens, which it does at the end
	leaving          bool   // the answer is over, and the server has a moment to close
	usage            usage
	done             chat.Done
}

// answer is the whole road of a question.
func (a *answer) answer(request *chat.Request) error {
	if request.Prompt != nil {
		return &chat.RequestError{Param: "prompt", Message: "an exact sequence of tokens is continued by the local engine only, not by a server"}
	}
	var err error
	if a.plan, err = a.Engine.plan(a.ctx, request); err != nil {
		return err
	}
	if err := a.announce(); err != nil {
		return err
	}
	a.strict = a.strictly()
	if err = a.persist(); err == nil {
		a.remember()
	}
	if err != nil && a.ctx.Err() == nil && !a.begun {
		return err
	}
	return a.finish(err)
}

// announce tells of the prompt and of what a person should know.
func (a *answer) announce() error {
	if a.plan.prompt != nil {
		a.done.Usage.ImageTokens = a.plan.images
		if err := a.emit(chat.Event{Kind: chat.KindPrompt, Prompt: a.plan.prompt}); err != nil {
			return err
		}
	}
	for _, notice := range a.plan.notices {
		if err := a.emit(chat.Event{Kind: chat.KindNotice, Text: notice}); err != nil {
			return err
		}
	}
	return nil
}

// persist sends the question until words come or it is clear that none will.
func (a *answer) persist() error {
	wait := a.retryTime
	for attempt := 1; ; attempt++ {
		err := a.attempt()
		if err == nil || a.begun || a.ctx.Err() != nil || errors.Is(err, errStopped) {
			return err
		}
		var wrong *chat.RequestError
		if errors.As(err, &wrong) && a.strict && wrong.Code == "" && aboutSchemas(wrong.Message) {
			a.loosen() // a schema this server cannot enforce, which nobody asked it to
			attempt--
			continue
		}
		if a.takeBack(err) {
			if err := a.tell(err); err != nil {
				return err
			}
			attempt--
			continue
		}
		var p *problem
		if !errors.As(err, &p) || !p.passing() || attempt >= p.attempts() {
			return err
		}
		pause := max(wait, p.again)
		if pause >= sayWait {
			if err := a.emit(chat.Event{Kind: chat.KindNotice, Text: p.later(pause)}); err != nil {
				return err
			}
		}
		select {
		case <-time.After(pause):
		case <-a.ctx.Done():
			return a.ctx.Err()
		}
		if p.full() && a.others() {
			attempt-- // our own questions fill the server, and one of them ends
		} else {
			wait *= 2
		}
	}
}

// tell says that something a person set is not used.
func (a *answer) tell(refusal error) error {
	a.mu.Lock()
	gone := a.Engine.refused["temperature"] && !a.left["temperature"]
	a.mu.Unlock()
	if !gone {
		return nil
	}
	return a.emit(chat.Event{Kind: chat.KindNotice, Text: fmt.Sprintf("%s does not take a temperature, so its own is used: %v", a.at.host(), refusal)})
}

// others reports whether the server is answering another question of ours.
func (e *Engine) others() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.flowing > 0
}

// flows counts an answer that is on its way until the function it returns is called.
func (e *Engine) flows() (ended func()) {
	add := func(n int) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.flowing += n
	}
	add(1)
	return func() { add(-1) }
}

// aboutSchemas recognises vLLM's errors about a schema its masks cannot follow.
func aboutSchemas(message string) bool {
	low := strings.ToLower(message)
	return strings.Contains(low, "grammar") || strings.Contains(low, "schema") || strings.Contains(low, "strict")
}

// attempt sends the question once and reads the answer to its end.
func (a *answer) attempt() error {
	known := 0
	if p := a.plan.prompt; p != nil && p.Check == chat.PromptChecked {
		known = len(p.IDs)
	}
	body, err := a.body(&a.plan.request, known, a.strict)
	if err != nil {
		return err
	}
	a.spare(body)
	data, err := marshal(body)
	if err != nil {
		return err
	}
	a.begin(body)
	response, err := a.send(a.ctx, http.MethodPost, "v1/chat/completions", data)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		reply, err := readWhole(response.Body, largestReply)
		if err != nil {
			return a.lost(err)
		}
		return a.renamed(a.refusal(response, reply))
	}
	defer a.flows()()
	return a.read(response)
}

// begin forgets an attempt that came to nothing.
func (a *answer) begin(b *body) {
	seed := a.plan.request.Sampling.Seed
	if p := a.plan.prompt; p != nil {
		seed += uint64(len(p.IDs))
	}
	a.sent, a.reason, a.usage, a.guard, a.thought = time.Now(), "", usage{}, nil, false
	a.counted, a.leaving = false, false
	a.room = roomFor(a.about.Model.Context, a.plan.request.Logprobs)
	if !a.plan.request.NoGuard {
		a.guard = outputparser.NewGuard()
	}
	a.textFallback = words{tok: a.tok, seed: seed, out: a.spoken, repair: len(b.Tools) > 0 && b.Choice != "none"}
	a.calls = calls{unique: fmt.Sprint(seed), send: a.call, tools: map[string]bool{}}
	for _, tool := range b.Tools {
		a.calls.tools[tool.Function.Name] = true
	}
	a.toolCallFallback = toolCallFallback{mark: -1, seed: seed}
	if mark, ok := a.tok.Special(callMark); ok && a.textFallback.repair && a.confirmed {
		a.toolCallFallback.mark = mark
	}
}

// emit hands an event to the listener.
func (a *answer) emit(event chat.Event) error {
	if !a.yield(event, nil) {
		return errStopped
	}
	return nil
}

// finish sums up. cause is what broke the answer off, or nil.
func (a *answer) finish(cause error) error {
	if errors.Is(cause, errStopped) {
		return cause
	}
	whole := cause == nil && a.reason != chat.FinishLength
	if err := a.flushToolCallFallback(whole); err != nil {
		return err
	}
	if err := a.textFallback.finish(whole); err != nil {
		return err
	}
	made, err := a.calls.finish(whole)
	if err != nil {
		return err
	}
	if cause != nil && a.ctx.Err() == nil && !errors.Is(cause, errRepetition) {
		if err := a.emit(chat.Event{Kind: chat.KindNotice, Text: fmt.Sprintf("the answer broke off: %v; what was said so far is kept", cause)}); err != nil {
			return err
		}
	}
	if len(a.written) > 0 {
		if err := a.emit(chat.Event{Kind: chat.KindNotice,
			Text: "the server sent a tool call as words; its admin should start it with --enable-auto-tool-choice --tool-call-parser mistral"}); err != nil {
			return err
		}
	}
	a.done.ToolCalls = append(made, a.written...)
	a.done.Text = a.text.String()
	if err := a.explain(cause); err != nil {
		return err
	}
	a.done.FinishReason = a.finishReason(cause)
	a.count()
	a.time()
	a.done.About = a.about
	if a.done.Tokens == nil {
		a.done.Tokens = []chat.Token{}
	}
	if err := a.compare(); err != nil {
		return err
	}
	return a.emit(chat.Event{Kind: chat.KindDone, Done: &a.done})
}

// explain tells of an end that looks like an answer and is none.
func (a *answer) explain(cause error) error {
	text := ""
	switch {
	case cause != nil:
	case a.reason == "content_filter":
		text = "the server cut the answer off: its content filter objected"
	case len(a.plan.request.Schema) > 0 && a.reason == chat.FinishStop && len(a.done.ToolCalls) == 0 && !json.Valid([]byte(a.done.Text)):
		text = "the server ignored the JSON schema: the answer is not JSON"
	case a.reason == chat.FinishStop && a.done.Text == "" && len(a.done.ToolCalls) == 0 && !a.thought && !a.begun:
		text = "the server ended its answer before the first word"
	case a.thought && a.done.Text == "" && len(a.done.ToolCalls) == 0:
		text = "the model spent all its tokens on reasoning and gave no answer; let it have more (--max-tokens)"
	}
	if text == "" {
		return nil
	}
	return a.emit(chat.Event{Kind: chat.KindNotice, Text: text})
}

// finishReason is why the answer ended, in our words: vLLM says "stop" after a
// call of a named function, and Sirocco puts what OpenAI has no word for into
// stop_reason.
func (a *answer) finishReason(cause error) string {
	switch {
	case errors.Is(cause, errRepetition):
		return chat.FinishRepetition
	case cause != nil, a.reason == "abort":
		return chat.FinishCancelled
	case a.reason == chat.FinishLength && (a.stopped == chat.FinishRepetition || a.stopped == chat.FinishCancelled):
		return a.stopped
	case a.reason == chat.FinishLength, a.reason == "content_filter":
		return chat.FinishLength
	case len(a.done.ToolCalls) > 0:
		return chat.FinishToolCalls
	}
	return chat.FinishStop
}

// count takes the server's counts, or ours where it gave none.
func (a *answer) count() {
	u := &a.done.Usage
	u.PromptTokens, u.CompletionTokens, u.CachedTokens = int(a.usage.Prompt), int(a.usage.Completion), int(a.usage.Details.Cached)
	if u.PromptTokens == 0 && a.plan.prompt != nil {
		u.PromptTokens = len(a.plan.prompt.IDs)
	}
	if u.CompletionTokens == 0 {
		u.CompletionTokens = len(a.done.Tokens)
	}
}

// time is what can be seen from here: reading the prompt includes the network
// and the wait for other people's questions.
func (a *answer) time() {
	t, now := &a.done.Timings, time.Now()
	if a.first.IsZero() {
		a.first = now
	}
	t.Prefill, t.Decode = a.first.Sub(a.sent).Seconds(), now.Sub(a.first).Seconds()
	if t.Prefill > 0 {
		t.PrefillPerSec = float64(a.done.Usage.PromptTokens-a.done.Usage.CachedTokens) / t.Prefill
	}
	if t.Decode > 0 {
		t.DecodePerSec = float64(a.done.Usage.CompletionTokens) / t.Decode
	}
}

// compare holds the server's count of prompt tokens against ours, the only check
// there is on how it counts pictures.
func (a *answer) compare() error {
	p := a.plan.prompt
	if p == nil || p.Check == chat.PromptDiffers || !a.confirmed || a.usage.Prompt == 0 || int(a.usage.Prompt) == len(p.IDs) {
		return nil
	}
	return a.emit(chat.Event{Kind: chat.KindNotice,
		Text: fmt.Sprintf("the server counts %d prompt tokens, Mistral's template and picture rule make %d; it sees the pictures at another size", a.usage.Prompt, len(p.IDs))})
}
