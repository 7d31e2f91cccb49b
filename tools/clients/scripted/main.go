// Command scripted is `sirocco serve` with an engine that says what the question asks
// it to say. Everything but the weights is real: the vocabulary, the chat template, the
// masks, the parser and HTTP. Clients are tested against it, for a toy model says
// nothing that could be expected, and none that fits a test takes an agent's prompt.
// script.go is what the engine says, engine.go how it says it.
//
// usage: go run -tags headless ./tools/clients/scripted [-addr 127.0.0.1:0]
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"time"

	"sirocco/app/remote"
	"sirocco/app/serve"
	"sirocco/model/toolgrammar"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "where to listen")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "scripted:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr string) error {
	tok, err := remote.Tekken()
	if err != nil {
		return err
	}
	engine := &engine{tok: tok, compiler: toolgrammar.NewCompiler(tok)}
	server, err := serve.New(serve.Options{Engine: engine, Tokenizer: tok, Grace: time.Second, Log: os.Stderr})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "listening on http://%s\n", listener.Addr())
	return server.Serve(ctx, listener)
}
