package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"sirocco/app/eval"
	"sirocco/app/terminal"
	"sirocco/model/chat"
)

// Eval asks questions with known answers and reports how many are right.
type Eval struct {
	File string `arg:"" help:"Questions: our JSONL, or a data set as JSONL, JSON, CSV or Parquet."`
	ModelFlags
	RemoteFlags

	Format      string  `placeholder:"NAME" help:"The file's format, where its fields do not tell: sirocco, mmmu, mathvista, chartqa, docvqa, ai2d, mmlu, mmlu-pro, gpqa, humaneval, mbpp."`
	Out         string  `placeholder:"FILE" help:"Keep a line per answer here; what stands there already is not asked again."`
	Jobs        int     `default:"1" placeholder:"N" help:"Questions asked at a time."`
	Samples     int     `default:"1" placeholder:"K" help:"Ask each question K times with different seeds; one right answer is enough (pass@K)."`
	Limit       int     `placeholder:"N" help:"Only the first N questions."`
	SystemFile  string  `placeholder:"FILE" help:"System prompt for questions without one of their own. Without it: none."`
	RunCode     string  `placeholder:"CMD" help:"Judge generated programs by giving them to this command on its standard input; exit code 0 passes. Without it none is run."`
	Temperature float64 `default:"0" placeholder:"T" help:"0 is greedy, the model card says 0.15."`
	Seed        uint64  `placeholder:"N" help:"Where drawing begins."`
	MaxTokens   int     `default:"2048" placeholder:"N" help:"Limit of an answer, for questions without one of their own."`
	JSON        bool    `name:"json" help:"The report as one JSON object."`
}

// Run asks, judges and prints the report. It fails when answers failed, not when
// they are wrong.
func (e *Eval) Run(ctx context.Context, s *Streams) error {
	if e.Jobs < 1 || e.Samples < 1 || e.Limit < 0 || e.MaxTokens < 1 || e.Temperature < 0 {
		return &UsageError{"--jobs, --samples and --max-tokens are at least 1, --limit and --temperature not below 0"}
	}
	questions, err := eval.Load(e.File, e.Format)
	if err != nil {
		return err
	}
	if e.Limit > 0 && e.Limit < len(questions) {
		questions = questions[:e.Limit]
	}
	o := eval.Options{Sampling: chat.Sampling{Temperature: e.Temperature, Seed: e.Seed}, MaxTokens: e.MaxTokens,
		Jobs: e.Jobs, Samples: e.Samples, Out: e.Out, RunCode: e.RunCode}
	if e.SystemFile != "" {
		data, err := os.ReadFile(e.SystemFile)
		if err != nil {
			return fmt.Errorf("reading the system prompt: %w", err)
		}
		o.System = string(data)
	}
	show := newPrinter(s, false)
	engine, err := e.RemoteFlags.open(ctx, s, &e.ModelFlags, show.load)
	show.clear()
	if err != nil {
		return err
	}
	defer engine.Close()
	counting := &counted{Engine: engine}
	o.Engine, o.Progress = counting, e.progress(s, len(questions)*e.Samples)
	began := time.Now()
	results, err := eval.Run(ctx, questions, o)
	if err != nil {
		return err
	}
	return e.report(ctx, s, eval.Sum(questions, results, e.Samples, engine.About(), counting.tokens(), time.Since(began)))
}

// progress draws a bar for who watches.
func (e *Eval) progress(s *Streams, total int) func(int, int) {
	if !s.Interactive() {
		return nil
	}
	bar := progressbar.NewOptions(total, progressbar.OptionSetWriter(terminal.Trusted(s.Err)), progressbar.OptionShowCount(), progressbar.OptionSetDescription("asking"),
		progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
	return func(done, _ int) { bar.Set(done) }
}

// report prints the outcome; an interrupted run has one too.
func (e *Eval) report(ctx context.Context, s *Streams, report *eval.Report) error {
	var err error
	if e.JSON {
		encoder := json.NewEncoder(s.Out)
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(report)
	} else {
		err = report.Print(s.Out)
	}
	switch {
	case err != nil:
		return fmt.Errorf("writing the report: %w", err)
	case ctx.Err() != nil:
		return ErrInterrupted
	case report.Errors > 0:
		return errors.New("some questions could not be asked, the report has the first reason; with --out, the next run asks those alone")
	}
	return nil
}
