package cli

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"sirocco/app/engine"
	"sirocco/model/chat"
)

// Engine is the child process of serve and of the window: the model behind a
// pipe. People do not call it.
type Engine struct {
	ModelFlags

	Parallel      int  `default:"1" help:"Answers that are made at once."`
	ParallelFirst bool `help:"Rather so many than a long context."`
}

// Run answers orders until stdin ends. An interrupt is for the parent, which
// closes the pipe when it is ready to.
func (e *Engine) Run(ctx context.Context, s *Streams) error {
	ctx = context.WithoutCancel(ctx)
	e.parallel, e.parallelFirst = e.Parallel, e.ParallelFirst
	return engine.Child(ctx, s.In, s.Out, func(progress func(chat.Load)) (engine.Opened, error) {
		var said bytes.Buffer // for the parent to show when it likes
		opened, err := e.open(ctx, &Streams{Err: &said}, progress)
		if err != nil {
			return engine.Opened{}, err
		}
		return engine.Opened{Engine: opened, Notices: strings.Split(strings.TrimSpace(said.String()), "\n")}, nil
	})
}

// start runs the model of the flags in a child process.
func (f *ModelFlags) start(ctx context.Context, s *Streams, progress func(chat.Load)) (*engine.Process, error) {
	self, err := engine.Self()
	if err != nil {
		return nil, err
	}
	return engine.Start(ctx, engine.Options{Command: append([]string{self, "engine"}, f.arguments()...), Log: s.Err, Progress: progress})
}

// arguments are the flags as a command line.
func (f *ModelFlags) arguments() []string {
	var args []string
	for _, flag := range []struct{ name, value string }{
		{"--model", f.Model}, {"--tokenizer", f.Tokenizer}, {"--mmproj", f.MMProj}, {"--device", f.Device}, {"--kv", f.KV}, {"--quantize", f.Quantize}, {"--tune", f.Tune},
	} {
		if flag.value != "" {
			args = append(args, flag.name+"="+flag.value)
		}
	}
	if f.parallel > 1 {
		args = append(args, "--parallel="+strconv.Itoa(f.parallel))
	}
	if f.parallelFirst {
		args = append(args, "--parallel-first")
	}
	if f.Memory > 0 {
		args = append(args, "--memory="+strconv.FormatInt(int64(f.Memory), 10))
	}
	if f.Ctx > 0 {
		args = append(args, "--ctx="+strconv.Itoa(f.Ctx))
	}
	return args
}
