// Package app is what a person touches: it reads the command line, picks what
// to run and turns the outcome into an exit code. Open this file first; the
// commands themselves are in app/cli.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"sirocco/app/cli"
	"sirocco/app/terminal"
)

// Exit codes, the same for every command.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// commands is the whole command line.
type commands struct {
	Ask      cli.Ask      `cmd:"" help:"One answer about your words and pictures, streamed to stdout."`
	Tokens   cli.Tokens   `cmd:"" help:"JSON lines in, exact prompt tokens out."`
	Serve    cli.Serve    `cmd:"" help:"OpenAI-compatible HTTP server."`
	Schema   cli.Schema   `cmd:"" help:"JSON lines in, what a JSON Schema's token mask allows out."`
	Eval     cli.Eval     `cmd:"" help:"Questions with known answers, here or on a server: how many are right."`
	Remote   cli.Remote   `cmd:"" help:"What a server is that --remote can ask, and its key."`
	Bench    cli.Bench    `cmd:"" help:"Speed of this model on this device, beside what the device can do at best."`
	MCP      cli.MCP      `cmd:"" name:"mcp" help:"What an MCP server has, a call by hand, every message on the wire."`
	Replay   cli.Replay   `cmd:"" help:"Saved cases of the inspector, pass or fail."`
	Models   cli.Models   `cmd:"" help:"The models on this machine, and those that can be fetched."`
	Doctor   cli.Doctor   `cmd:"" help:"Adapters, memory, and what would run here."`
	Licenses cli.Licenses `cmd:"" help:"The licences of everything inside this program."`
	Engine   cli.Engine   `cmd:"" hidden:"" help:"The model behind a pipe, for serve and the window."`
	Version  cli.Version  `cmd:"" help:"Version and build."`
}

// Main runs one command line and returns its exit code.
func Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return Run(ctx, args, os.Stdin, os.Stdout, os.Stderr)
}

// Run is Main with its surroundings handed in, for tests.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	stdout, stderr = terminal.Wrap(stdout), terminal.Wrap(stderr)
	defer terminal.Flush(stdout)
	defer terminal.Flush(stderr)
	var grammar commands
	exit := -1
	parser, err := kong.New(&grammar,
		kong.Name("sirocco"),
		kong.Description("Answers questions about pictures with Mistral Small 3.2 on your own GPU."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintf(stderr, "sirocco: the command line could not be set up: %v\n", err)
		return exitFailed
	}
	if areFiles(args) {
		return windowCode(ctx, openWindow(ctx, args, stderr), stderr)
	}
	parsed, err := parser.Parse(usual(args))
	if exit >= 0 { // -h has printed what was asked for
		return exit
	}
	if err != nil {
		fmt.Fprintf(stderr, "sirocco: %v; see sirocco -h\n", err)
		return exitUsage
	}
	streams := &cli.Streams{In: stdin, Out: stdout, Err: stderr}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return code(ctx, parsed.Run(streams), stderr)
}

// usual turns the forms that people try first into ours: --version, help and help CMD.
func usual(args []string) []string {
	if len(args) == 0 {
		return args
	}
	switch args[0] {
	case "--version", "-V":
		return append([]string{"version"}, args[1:]...)
	case "help":
		return append(args[1:len(args):len(args)], "--help")
	}
	return args
}

// areFiles says whether a command line is nothing but files, as a file manager
// writes it; an empty one is, too. A bare word is a command even where a file
// of that name lies about.
func areFiles(args []string) bool {
	for _, arg := range args {
		if _, err := os.Stat(arg); err != nil || !strings.ContainsAny(arg, `./\`) {
			return false
		}
	}
	return true
}

// windowCode is code for the window; a build without one is used wrongly.
func windowCode(ctx context.Context, err error, stderr io.Writer) int {
	if err != nil && err == errWindowless {
		fmt.Fprintf(stderr, "sirocco: %v\n", err)
		return exitUsage
	}
	return code(ctx, err, stderr)
}

// code prints an error as a sentence and gives the exit code that belongs to it.
func code(ctx context.Context, err error, stderr io.Writer) int {
	if err == nil {
		return exitDone
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, cli.ErrInterrupted) || ctx.Err() != nil {
		return exitInterrupted
	}
	fmt.Fprintf(stderr, "sirocco: %v\n", err)
	if errors.As(err, new(*cli.UsageError)) {
		return exitUsage
	}
	return exitFailed
}
