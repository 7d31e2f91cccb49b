package eval

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"sirocco/model/chat"
)

// Report sums up a run.
type Report struct {
	Tally
	// Groups are in the order of their names; a single one is left out.
	Groups []Group `json:"groups,omitempty"`
	// Samples is how often each question was asked; a question is right when one
	// of its answers is (pass@k).
	Samples int `json:"samples"`
	// Endless counts answers that ran into the limit by repeating themselves, and
	// EndlessRate is their share, as the model card counts infinite generations.
	Endless     int     `json:"endless"`
	EndlessRate float64 `json:"endless_rate"`
	Cut         int     `json:"cut"` // other answers that ran into the limit
	Errors      int     `json:"errors"`
	FirstError  string  `json:"first_error,omitempty"`
	Tokens      int     `json:"completion_tokens"`
	Prompt      int     `json:"prompt_tokens"`
	// Seconds is how long this run took, TokensPerSec what it generated in that
	// time; answers kept from earlier runs are in neither.
	Seconds      float64    `json:"seconds"`
	TokensPerSec float64    `json:"tokens_per_s"`
	About        chat.About `json:"engine"`
}

// Tally counts questions.
type Tally struct {
	Questions int     `json:"questions"`
	Judged    int     `json:"judged"`
	Correct   int     `json:"correct"`
	Accuracy  float64 `json:"accuracy"`
	// Low and High are the accuracy's 95 % interval (Wilson).
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Score is the mean of the points, which for ANLS are between 0 and 1.
	Score float64 `json:"score"`
	sum   float64
}

// Group is a tally of the questions of one group.
type Group struct {
	Name string `json:"group"`
	Tally
}

// Sum makes the report of a run over questions. fresh says how many tokens were
// generated in it, in what time.
func Sum(questions []*Question, results []*Result, samples int, about chat.About, fresh int, took time.Duration) *Report {
	samples = max(samples, 1)
	r := &Report{Samples: samples, About: about, Seconds: took.Seconds()}
	if took > 0 {
		r.TokensPerSec = float64(fresh) / took.Seconds()
	}
	groups := map[string]*Tally{}
	answers := 0
	for i, q := range questions {
		group := groups[q.Group]
		if group == nil {
			group = &Tally{}
			groups[q.Group] = group
		}
		best, judged := r.question(results[i*samples:(i+1)*samples], &answers)
		r.count(best, judged)
		group.count(best, judged)
	}
	if answers > 0 {
		r.EndlessRate = float64(r.Endless) / float64(answers)
	}
	r.finish()
	for name, tally := range groups {
		tally.finish()
		r.Groups = append(r.Groups, Group{name, *tally})
	}
	slices.SortFunc(r.Groups, func(a, b Group) int { return cmp.Compare(a.Name, b.Name) })
	if len(r.Groups) == 1 {
		r.Groups = nil
	}
	return r
}

// question counts the answers to one question and gives the best of them.
func (r *Report) question(results []*Result, answers *int) (best float64, judged bool) {
	for _, result := range results {
		if result == nil {
			continue
		}
		if result.Error != "" {
			if r.Errors++; r.FirstError == "" {
				r.FirstError = result.ID + ": " + result.Error
			}
			continue
		}
		*answers++
		r.Tokens += result.Tokens
		r.Prompt += result.Prompt
		switch {
		case result.Endless:
			r.Endless++
		case result.Finish == chat.FinishLength:
			r.Cut++
		}
		judged = judged || result.Judged
		best = max(best, result.Score)
	}
	return best, judged
}

func (t *Tally) count(points float64, judged bool) {
	t.Questions++
	if !judged {
		return
	}
	t.Judged++
	t.sum += points
	if points >= 0.5 {
		t.Correct++
	}
}

func (t *Tally) finish() {
	t.Low, t.High = wilson(t.Correct, t.Judged)
	if t.Judged > 0 {
		t.Accuracy, t.Score = float64(t.Correct)/float64(t.Judged), t.sum/float64(t.Judged)
	}
}

// String is the tally as a person reads it.
func (t Tally) String() string {
	if t.Judged == 0 {
		return fmt.Sprintf("%d questions, none judged", t.Questions)
	}
	text := fmt.Sprintf("%d of %d right: %.1f %% (95 %%: %.1f to %.1f)", t.Correct, t.Judged, 100*t.Accuracy, 100*t.Low, 100*t.High)
	if t.Score != t.Accuracy {
		text += fmt.Sprintf(", mean score %.3f", t.Score)
	}
	return text
}

// Print writes the report for a person.
func (r *Report) Print(out io.Writer) error {
	lines := []string{r.Tally.String()}
	for _, group := range r.Groups {
		name := group.Name
		if name == "" {
			name = "(no group)"
		}
		lines = append(lines, fmt.Sprintf("  %-24s %s", name, group.Tally))
	}
	if r.Samples > 1 {
		lines = append(lines, fmt.Sprintf("each asked %d times; right when one answer is", r.Samples))
	}
	lines = append(lines,
		fmt.Sprintf("endless answers: %d (%.2f %%); others cut off at the limit: %d", r.Endless, 100*r.EndlessRate, r.Cut),
		fmt.Sprintf("%d prompt and %d answer tokens; this run took %.1f s, %.1f tokens/s", r.Prompt, r.Tokens, r.Seconds, r.TokensPerSec))
	if r.Judged < r.Questions {
		lines = append(lines, fmt.Sprintf("%d questions were not judged", r.Questions-r.Judged))
	}
	if r.Errors > 0 {
		lines = append(lines, fmt.Sprintf("%d answers failed; the first: %s", r.Errors, r.FirstError))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}
