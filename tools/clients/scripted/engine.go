package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/imageproc"
	"sirocco/model/outputparser"
	"sirocco/model/tokenizer"
	"sirocco/model/toolgrammar"
)

// context is what the real model reads; agents' prompts are long.
const contextLength = 131072

var rule = imageproc.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2}

// engine is a chat.Engine whose tokens come from a script. Any number of goroutines may
// use it.
type engine struct {
	tok      *tokenizer.Tokenizer
	compiler *toolgrammar.Compiler
}

func (e *engine) About() chat.About {
	return chat.About{
		Model:  chat.ModelInfo{Name: "scripted", Context: contextLength, Vision: true, Pictures: &chat.PictureRule{PatchSize: rule.PatchSize, MaxSize: rule.MaxSize, Merge: rule.Merge}},
		Device: chat.DeviceInfo{Name: "script", Backend: "script", Kind: "script"},
	}
}

func (e *engine) Close() {}

// errGone unwinds an answer whose listener went away.
var errGone = errors.New("nobody listens")

// Generate answers one request.
func (e *engine) Generate(ctx context.Context, r *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		a := &answer{engine: e, ctx: ctx, request: r, yield: yield}
		if err := a.run(); err != nil && !errors.Is(err, errGone) {
			yield(chat.Event{}, err)
		}
	}
}

// answer is one answer on its way.
type answer struct {
	*engine
	ctx     context.Context
	request *chat.Request
	yield   func(chat.Event, error) bool
	parser  *outputparser.Parser
	grammar *toolgrammar.Grammar
	mask    []uint32
	done    chat.Done
}

func (a *answer) run() error {
	prompt, err := chattemplate.Build(*a.request, a.tok, rule)
	if err != nil {
		return err
	}
	grammar, notices, err := a.compiler.For(a.request)
	if err != nil {
		return err
	}
	a.grammar = grammar
	defer grammar.Release()
	a.mask = make([]uint32, (a.tok.VocabSize()+31)/32)
	for _, notice := range notices {
		if err := a.emit(chat.Event{Kind: chat.KindNotice, Text: notice}); err != nil {
			return err
		}
	}
	read := len(prompt.IDs)
	if err := a.emit(chat.Event{Kind: chat.KindPrefill, Prefill: &chat.Prefill{Done: read, Total: read}}); err != nil {
		return err
	}
	began := time.Now()
	a.parser = outputparser.New(a.tok, outputparser.Options{Stop: a.request.Stop, NoGuard: true, Seed: uint64(read)})
	if err := a.say(a.ids(scriptOf(a.request))); err != nil {
		return err
	}
	a.done.About, a.done.Usage = a.About(), chat.Usage{PromptTokens: read, CompletionTokens: len(a.done.Tokens)}
	for _, grid := range prompt.Grids() {
		a.done.Usage.ImageTokens += grid.Tokens
	}
	a.done.Timings.Decode = time.Since(began).Seconds()
	a.done.Text, a.done.ToolCalls, a.done.FinishReason = a.parser.Text(), a.parser.Calls(), a.parser.Reason()
	a.done.StopSequence = a.parser.StopSequence()
	return a.emit(chat.Event{Kind: chat.KindDone, Done: &a.done})
}

// say gives the tokens out one by one, each held against the mask, as the real engine
// does; a token that the mask forbids is a fault of the mask or of the script.
func (a *answer) say(ids []int32) error {
	for _, id := range ids {
		if err := a.ctx.Err(); err != nil {
			return a.emitAll(a.parser.Finish(chat.FinishCancelled))
		}
		if a.grammar.Mask(a.mask) && a.mask[id/32]&(1<<(id%32)) == 0 {
			return fmt.Errorf("the mask forbids %q after %q", a.tok.Piece(id), a.parser.Text())
		}
		if err := a.grammar.Accept(id, a.tok.Bytes(id)); err != nil {
			return err
		}
		token := chat.Token{Candidate: chat.Candidate{ID: id, Text: a.tok.Piece(id)}}
		a.done.Tokens = append(a.done.Tokens, token)
		if err := a.emit(chat.Event{Kind: chat.KindToken, Token: &token}); err != nil {
			return err
		}
		if err := a.emitAll(a.parser.Push(id)); err != nil || a.parser.Done() {
			return err
		}
		if len(a.done.Tokens) == a.request.MaxTokens {
			return a.emitAll(a.parser.Finish(chat.FinishLength))
		}
	}
	return errors.New("the script has no end")
}

func (a *answer) emit(e chat.Event) error {
	if !a.yield(e, nil) {
		return errGone
	}
	return nil
}

func (a *answer) emitAll(events []chat.Event) error {
	for _, e := range events {
		if err := a.emit(e); err != nil {
			return err
		}
	}
	return nil
}
