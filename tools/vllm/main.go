//go:build unix

// Command vllm holds Sirocco against the real vLLM: tools/vllm/test.sh starts one
// with the miniature and runs this program, which asks the same of it, through
// app/remote, and of the local engine, and compares. Open this file first; each
// other file is one group of checks.
//
// usage: go run -tags headless ./tools/vllm -url http://127.0.0.1:8123 -model assets/breeze [-group PID | -bare] [-only NAME]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"

	"sirocco/app/remote"
	"sirocco/model"
	"sirocco/model/chat"
)

// bench is what the checks compare.
type bench struct {
	ctx   context.Context
	url   string
	there *remote.Engine
	here  *model.Model
	group int // vLLM's process group, for the check that kills it
}

// check is one comparison; it says what it saw.
type check struct {
	name string
	run  func(*bench) (string, error)
}

// whole are the checks of a server with the card's flags, in order: the last one
// ends it. bare are those of a server that lacks some.
var (
	whole = []check{{"prompts", prompts}, {"greedy words", words}, {"tools", tools}, {"pictures", pictures}, {"conversations with pictures", talks}, {"limits", limits}, {"killed", killed}}
	bare  = []check{{"no tool parser", noToolParser}, {"one picture only", onePicture}}
)

func main() {
	url := flag.String("url", "http://127.0.0.1:8123", "the server's address")
	folder := flag.String("model", "assets/breeze", "the model's folder, the same that vLLM serves")
	group := flag.Int("group", 0, "vLLM's process group; it is killed at the end")
	lacking := flag.Bool("bare", false, "the server lacks the flags for tools and takes one picture")
	only := flag.String("only", "", "do this check alone, \"prompts\" say")
	flag.Parse()
	checks := whole
	if *lacking {
		checks = bare
	}
	if *only != "" {
		checks = slices.DeleteFunc(checks, func(c check) bool { return c.name != *only })
	}
	if err := run(*url, *folder, *group, checks); err != nil {
		fmt.Fprintln(os.Stderr, "vllm:", err)
		os.Exit(1)
	}
}

// run does the checks and reports each; the error is that some failed.
func run(url, folder string, group int, checks []check) error {
	b := &bench{ctx: context.Background(), url: url, group: group}
	var err error
	if b.here, err = model.Open(b.ctx, folder, model.Options{}); err != nil {
		return err
	}
	defer b.here.Close()
	if b.there, err = remote.Open(b.ctx, remote.Options{URL: url, Tokenizer: b.here.Tokenizer()}); err != nil {
		return err
	}
	defer b.there.Close()
	about := b.there.About()
	fmt.Printf("vLLM %s serves %s with a context of %d; its tokens are ours: %v\n", b.there.Version(), about.Model.Name, about.Model.Context, b.there.Checked())
	failed := 0
	for _, c := range checks {
		saw, err := c.run(b)
		if err != nil {
			failed++
			fmt.Printf("FAIL %s: %v\n", c.name, err)
			continue
		}
		fmt.Printf("ok   %s: %s\n", c.name, saw)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, len(checks))
	}
	return nil
}

// answer asks an engine and returns the end and all notices.
func answer(ctx context.Context, e chat.Engine, r *chat.Request, on func(chat.Event)) (*chat.Done, error) {
	var done *chat.Done
	for event, err := range e.Generate(ctx, r) {
		if err != nil {
			return nil, err
		}
		if on != nil {
			on(event)
		}
		if event.Kind == chat.KindDone {
			done = event.Done
		}
	}
	return done, nil
}
