package eval

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sirocco/model/chat"
)

// fake answers by a function of the question's text.
type fake struct {
	answer func(question string, r *chat.Request) (*chat.Done, error)
	asked  atomic.Int64

	mu            sync.Mutex
	running, most int
}

func (f *fake) About() chat.About { return chat.About{Model: chat.ModelInfo{Name: "fake"}} }
func (f *fake) Close()            {}

func (f *fake) Generate(ctx context.Context, r *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		f.asked.Add(1)
		f.mu.Lock()
		f.running++
		f.most = max(f.most, f.running)
		f.mu.Unlock()
		last := r.Messages[len(r.Messages)-1].Parts
		done, err := f.answer(last[len(last)-1].Text, r)
		f.mu.Lock()
		f.running--
		f.mu.Unlock()
		yield(chat.Event{Kind: chat.KindDone, Done: done}, err)
	}
}

// echo answers with the question, which is right when question and answer are
// the same.
func echo(text string, _ *chat.Request) (*chat.Done, error) {
	return &chat.Done{Text: text, FinishReason: chat.FinishStop, Usage: chat.Usage{PromptTokens: 3, CompletionTokens: 2}}, nil
}

func questions(texts ...string) (list []*Question) {
	for i, text := range texts {
		list = append(list, &Question{ID: fmt.Sprint(i), Text: text, Match: MatchExact, Answers: []string{"yes"}})
	}
	return list
}

// A run that is taken up again asks only what has no answer yet: not what failed,
// and not a last line that was cut off.
func TestResume(t *testing.T) {
	out := filepath.Join(t.TempDir(), "results.jsonl")
	asked := questions("yes", "no", "fail", "yes")
	engine := &fake{answer: func(text string, r *chat.Request) (*chat.Done, error) {
		if text == "fail" {
			return nil, errors.New("the server is away")
		}
		return echo(text, r)
	}}
	results, err := Run(t.Context(), asked, Options{Engine: engine, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	report := Sum(asked, results, 1, engine.About(), 6, time.Second)
	if report.Correct != 2 || report.Judged != 3 || report.Errors != 1 || !strings.Contains(report.FirstError, "away") {
		t.Errorf("%+v", report)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(out, data[:len(data)-5], 0o600); err != nil { // the last line was cut off
		t.Fatal(err)
	}
	engine.asked.Store(0)
	engine.answer = echo
	asked[2].Text = "yes"
	results, err = Run(t.Context(), asked, Options{Engine: engine, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	if n := engine.asked.Load(); n != 2 {
		t.Errorf("%d questions were asked again", n)
	}
	if report := Sum(asked, results, 1, engine.About(), 0, 0); report.Correct != 3 || report.Errors != 0 || report.Judged != 4 {
		t.Errorf("%+v", report)
	}
	asked[0].Text = "changed" // another question needs another answer
	engine.asked.Store(0)
	if _, err := Run(t.Context(), asked, Options{Engine: engine, Out: out}); err != nil || engine.asked.Load() != 1 {
		t.Errorf("%v, %d asked", err, engine.asked.Load())
	}
	if err := os.WriteFile(out, []byte("a diary\nof mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), asked, Options{Engine: engine, Out: out}); err == nil {
		t.Error("a file of something else was written to")
	}
}

// N questions are under way at a time, each is asked K times with its own seed,
// and one right answer is enough.
func TestJobsAndSamples(t *testing.T) {
	engine := &fake{answer: func(text string, r *chat.Request) (*chat.Done, error) {
		time.Sleep(5 * time.Millisecond)
		if r.Sampling.Seed == 12 && text == "sometimes" {
			text = "yes"
		}
		return echo(text, r)
	}}
	asked := questions("sometimes", "no", "yes", "no")
	results, err := Run(t.Context(), asked, Options{Engine: engine, Jobs: 3, Samples: 4, Sampling: chat.Sampling{Seed: 10}, System: "Be brief."})
	if err != nil {
		t.Fatal(err)
	}
	report := Sum(asked, results, 4, engine.About(), 0, 0)
	if report.Correct != 2 || report.Judged != 4 || report.Tokens != 32 || engine.asked.Load() != 16 || engine.most != 3 {
		t.Errorf("%+v; %d asked, at most %d at a time", report, engine.asked.Load(), engine.most)
	}
}

// Answers that ran away are counted as the model card counts them.
func TestEndlessAnswersAreCounted(t *testing.T) {
	engine := &fake{answer: func(text string, _ *chat.Request) (*chat.Done, error) {
		done := &chat.Done{Text: text, FinishReason: chat.FinishLength}
		switch text {
		case "guarded":
			done.FinishReason = chat.FinishRepetition
		case "loop":
			done.Text = strings.Repeat("and on ", 60)
		}
		return done, nil
	}}
	asked := questions("guarded", "loop", "long", "long")
	results, err := Run(t.Context(), asked, Options{Engine: engine})
	if err != nil {
		t.Fatal(err)
	}
	if r := Sum(asked, results, 1, engine.About(), 0, 0); r.Endless != 2 || r.Cut != 2 || r.EndlessRate != 0.5 {
		t.Errorf("%+v", r)
	}
}

// A cancel ends the run with what there is; what was under way is asked again.
func TestCancel(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	engine := &fake{answer: func(text string, r *chat.Request) (*chat.Done, error) {
		if text == "stop" {
			stop()
		}
		return echo(text, r)
	}}
	asked := questions("yes", "stop", "yes")
	results, err := Run(ctx, asked, Options{Engine: engine})
	if err != nil || results[0] == nil || results[1] != nil || results[2] != nil {
		t.Errorf("%v, %+v", err, results)
	}
}

// Programs run only by the user's own command, which may be any.
func TestCode(t *testing.T) {
	q := &Question{ID: "T/0", Text: "Write f.", Match: MatchCode, Code: &Code{Prompt: "import math\n\ndef f(x):\n    \"\"\"one more\"\"\"\n", Entry: "f", Test: "def check(candidate):\n    assert candidate(1) == 2\n"}}
	for name, c := range map[string]struct{ said, want string }{
		"a block":  {"Here:\n```python\ndef f(x):\n    return x + 1\n```\nand use it:\n```python\nf(1)\n```", "import math\n\ndef f(x):\n    return x + 1\n"},
		"the rest": {"    return x + 1", "import math\n\ndef f(x):\n    \"\"\"one more\"\"\"\n    return x + 1"},
	} {
		if got := q.Code.program(c.said); got != c.want+"\n\ndef check(candidate):\n    assert candidate(1) == 2\n\n\ncheck(f)\n" {
			t.Errorf("%s makes %q", name, got)
		}
	}
	marker := filepath.Join(t.TempDir(), "ran")
	engine := &fake{answer: func(string, *chat.Request) (*chat.Done, error) {
		return &chat.Done{Text: "```sh\ndef f\ntouch " + marker + "\n```"}, nil
	}}
	out := filepath.Join(t.TempDir(), "results.jsonl")
	results, err := Run(t.Context(), []*Question{q}, Options{Engine: engine, Out: out})
	if err != nil || results[0].Judged {
		t.Fatalf("without a command it was judged: %+v, %v", results[0], err)
	}
	if _, err := os.Stat(marker); err == nil {
		t.Fatal("the generated code ran")
	}
	for command, want := range map[string]float64{"grep -q 'assert candidate'": 1, "grep -q nothing": 0} {
		results, err := Run(t.Context(), []*Question{q}, Options{Engine: engine, RunCode: command})
		if err != nil || !results[0].Judged || results[0].Score != want {
			t.Errorf("%s: %+v, %v", command, results[0], err)
		}
	}
	// An answer that is there already is judged without being asked for again.
	engine.asked.Store(0)
	results, err = Run(t.Context(), []*Question{q}, Options{Engine: engine, Out: out, RunCode: "true"})
	if err != nil || results[0].Score != 1 || engine.asked.Load() != 0 {
		t.Errorf("%+v, %v", results[0], err)
	}
	if _, err := Run(t.Context(), []*Question{q}, Options{Engine: engine, RunCode: "/no/such/command"}); err == nil {
		t.Error("a command that is not there passed")
	}
}

// What a person reads.
func TestReport(t *testing.T) {
	asked := questions("yes", "no", "yes")
	asked[0].Group, asked[1].Group = "easy", "hard"
	asked[2].Group = "hard"
	engine := &fake{answer: echo}
	results, err := Run(t.Context(), asked, Options{Engine: engine})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := Sum(asked, results, 1, engine.About(), 6, 2*time.Second).Print(&out); err != nil {
		t.Fatal(err)
	}
	want := `2 of 3 right: 66.7 % (95 %: 20.8 to 93.9)
  easy                     1 of 1 right: 100.0 % (95 %: 20.7 to 100.0)
  hard                     1 of 2 right: 50.0 % (95 %: 9.5 to 90.5)
endless answers: 0 (0.00 %); others cut off at the limit: 0
9 prompt and 6 answer tokens; this run took 2.0 s, 3.0 tokens/s
`
	if out.String() != want {
		t.Errorf("the report is\n%s", out.String())
	}
}
