package eval

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"sirocco/model/chat"
)

// Options say how to ask.
type Options struct {
	Engine   chat.Engine
	Sampling chat.Sampling
	// System is the system prompt of questions without one of their own.
	System    string
	MaxTokens int // of questions without a limit of their own
	Jobs      int // questions asked at a time; 0 is 1
	Samples   int // times each is asked, with different seeds; 0 is 1
	// Out is a file that keeps a line per answer. What stands there already is not
	// asked again. "" keeps nothing.
	Out string
	// RunCode is the command that runs generated programs. Without it they are
	// not run, and their questions not judged.
	RunCode string
	// Progress hears of every answer.
	Progress func(done, total int)
}

// Result is one answer and what it is worth.
type Result struct {
	ID      string          `json:"id"`
	Sample  int             `json:"sample,omitempty"`
	Group   string          `json:"group,omitempty"`
	Hash    string          `json:"hash"` // of the question
	Answer  string          `json:"answer"`
	Calls   []chat.ToolCall `json:"tool_calls,omitempty"`
	Seen    string          `json:"seen"` // what of the answer was compared
	Score   float64         `json:"score"`
	Judged  bool            `json:"judged"`
	Finish  string          `json:"finish_reason"`
	Endless bool            `json:"endless,omitempty"` // ran into the limit by repeating itself
	Prompt  int             `json:"prompt_tokens"`
	Tokens  int             `json:"completion_tokens"`
	Seconds float64         `json:"seconds"`
	Error   string          `json:"error,omitempty"` // nobody answered; not kept
}

// key names a result.
func (r *Result) key() string { return fmt.Sprintf("%s#%d#%s", r.ID, r.Sample, r.Hash) }

// Run asks every question and returns the results in the order of the questions.
// Questions that fail have an Error and do not stop the others; the error is of
// the run itself. After a cancel it returns what there is.
func Run(ctx context.Context, questions []*Question, o Options) ([]*Result, error) {
	kept, err := readResults(o.Out)
	if err != nil {
		return nil, err
	}
	var out io.Writer = io.Discard
	if o.Out != "" {
		file, err := os.OpenFile(o.Out, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, fmt.Errorf("opening the results: %w", err)
		}
		defer file.Close()
		out = file
	}
	r := &runner{Options: o, ctx: ctx, out: out, results: make([]*Result, len(questions)*max(o.Samples, 1))}
	return r.run(questions, kept)
}

// runner is a run in progress.
type runner struct {
	Options
	ctx context.Context

	mu      sync.Mutex
	out     io.Writer
	results []*Result
	done    int
	fault   error
}

// task is one question to be asked once.
type task struct {
	question *Question
	sample   int
	at       int // in results
}

func (r *runner) run(questions []*Question, kept map[string]*Result) ([]*Result, error) {
	tasks := make(chan task)
	var workers sync.WaitGroup
	for range max(r.Jobs, 1) {
		workers.Go(func() {
			for t := range tasks {
				r.request(t)
			}
		})
	}
	samples := max(r.Samples, 1)
	for i, q := range questions {
		for sample := range samples {
			t := task{q, sample, i*samples + sample}
			old := kept[(&Result{ID: q.ID, Sample: sample, Hash: q.hash()}).key()]
			if old != nil {
				r.store(t, old)
				continue
			}
			if r.ctx.Err() == nil && r.failed() == nil {
				tasks <- t
			}
		}
	}
	close(tasks)
	workers.Wait()
	return r.results, r.fault
}

func (r *runner) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fault
}

// request asks one question and judges the answer.
func (r *runner) request(t task) {
	if r.ctx.Err() != nil {
		return
	}
	q := t.question
	result := &Result{ID: q.ID, Sample: t.sample, Group: q.Group, Hash: q.hash()}
	done, err := r.answer(q, t.sample, result)
	if r.ctx.Err() != nil {
		return // cut short by the user; asked again the next time
	}
	if err == nil && done.FinishReason == chat.FinishCancelled {
		err = errors.New("the answer broke off")
	}
	if err != nil {
		result.Error = err.Error()
		r.nextJob(t.at, result, nil, false)
		return
	}
	result.Answer, result.Calls, result.Finish = done.Text, done.ToolCalls, done.FinishReason
	result.Prompt, result.Tokens = done.Usage.PromptTokens, done.Usage.CompletionTokens
	result.Endless = done.FinishReason == chat.FinishRepetition || done.FinishReason == chat.FinishLength && endless(done.Text)
	fault := r.judge(q, result)
	r.nextJob(t.at, result, fault, true)
}

// answer asks the engine.
func (r *runner) answer(q *Question, sample int, result *Result) (*chat.Done, error) {
	request, err := q.request(readPicture)
	if err != nil {
		return nil, err
	}
	if q.System == nil && r.System != "" {
		request.Messages = append([]chat.Message{chat.Text(chat.System, r.System)}, request.Messages...)
	}
	if request.MaxTokens == 0 {
		request.MaxTokens = r.MaxTokens
	}
	request.Sampling = r.Sampling
	request.Sampling.Seed += uint64(sample)
	began := time.Now()
	defer func() { result.Seconds = time.Since(began).Seconds() }()
	for event, err := range r.Engine.Generate(r.ctx, request) {
		if err != nil {
			return nil, err
		}
		if event.Kind == chat.KindDone {
			return event.Done, nil
		}
	}
	return nil, errors.New("the engine stopped without an answer")
}

// readPicture gets a picture's bytes.
func readPicture(p Picture) ([]byte, error) {
	if p.Data != nil {
		return p.Data, nil
	}
	return os.ReadFile(p.Path)
}

// judge gives an answer its points. The error is of the command that runs code.
func (r *runner) judge(q *Question, result *Result) error {
	if q.Match != MatchCode {
		result.Score, result.Seen = q.score(result.Answer, result.Calls)
		result.Judged = true
		return nil
	}
	result.Seen = q.Code.program(result.Answer)
	if r.RunCode == "" {
		return nil
	}
	passed, err := q.Code.run(r.ctx, r.RunCode, result.Answer)
	if err != nil {
		return err
	}
	result.Score, result.Judged = truth(passed), true
	return nil
}

// store takes an answer of an earlier run and judges it anew, for the way to
// judge may have changed; programs that ran are not run again.
func (r *runner) store(t task, old *Result) {
	var fault error
	if t.question.Match != MatchCode || !old.Judged {
		fault = r.judge(t.question, old)
	}
	r.nextJob(t.at, old, fault, false)
}

// nextJob puts a result in its place, writes it down when it is new, and tells of it.
func (r *runner) nextJob(at int, result *Result, fault error, fresh bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[at] = result
	r.done++
	if fresh && fault == nil {
		fault = writeResult(r.out, result)
	}
	if r.fault == nil {
		r.fault = fault
	}
	if r.Progress != nil {
		r.Progress(r.done, len(r.results))
	}
}
