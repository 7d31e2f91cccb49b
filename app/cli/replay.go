package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sirocco/app/inspect"
	"sirocco/app/tools"
	"sirocco/model/chat"
)

// Replay runs saved sessions of the inspector again and checks what is expected
// of them.
type Replay struct {
	Files []string `arg:"" name:"FILE" help:"Session files or collections, as the inspector saves them."`
	ModelFlags
	RemoteFlags

	Toolbox string `placeholder:"FILE" help:"The file of servers for saved calls of their tools. Without it: the window's list."`
	JSON    bool   `name:"json" help:"A line of JSON for each case, and one with the sums."`
	Update  bool   `help:"Write what happened into the files, as what is saved from now on."`
}

// Run answers every case in order and fails when one of them does.
func (r *Replay) Run(ctx context.Context, s *Streams) error {
	if !r.needsModel() {
		return r.run(ctx, nil, s)
	}
	engine, err := r.RemoteFlags.open(ctx, s, &r.ModelFlags, newPrinter(s, r.JSON).load)
	if err != nil {
		return err
	}
	defer engine.Close()
	return r.run(ctx, engine, s)
}

// run is Run with the engine handed in.
func (r *Replay) run(ctx context.Context, engine chat.Engine, s *Streams) error {
	show := verdicts{out: s.Out, json: r.JSON}
	for _, path := range r.Files {
		if err := r.file(ctx, engine, path, &show); err != nil {
			return err
		}
	}
	if err := show.sum(); err != nil {
		return err
	}
	if show.failed > 0 {
		return fmt.Errorf("%d of %d cases failed", show.failed, show.cases)
	}
	return nil
}

// file runs the cases of one file. A file that cannot be read is a case that
// fails; only an interrupt, or output that cannot be written, ends everything.
func (r *Replay) file(ctx context.Context, engine chat.Engine, path string, show *verdicts) error {
	data, err := os.ReadFile(path)
	if c, ok := tools.ReadCallCase(data); ok {
		v := r.call(ctx, path, c)
		if ctx.Err() != nil {
			return ErrInterrupted
		}
		return show.add(v)
	}
	var collection *inspect.Collection
	single := false
	if err == nil {
		collection, single, err = inspect.ReadCollection(data)
	}
	if err != nil {
		return show.add(verdict{File: path, Error: err.Error()})
	}
	beside := filepath.Join(filepath.Dir(path), "pictures")
	for _, session := range collection.Sessions {
		v := r.replay(ctx, engine, session, func(hash string) ([]byte, error) { return os.ReadFile(filepath.Join(beside, hash)) })
		if ctx.Err() != nil {
			return ErrInterrupted
		}
		v.File = path
		if err := show.add(v); err != nil {
			return err
		}
	}
	if r.Update {
		return update(path, collection, single)
	}
	return nil
}

// replay asks one case's question again and holds the answer against what is
// expected. A case that expects nothing expects the tokens that were saved.
func (r *Replay) replay(ctx context.Context, engine chat.Engine, session *inspect.Session, find func(string) ([]byte, error)) (v verdict) {
	v = verdict{Title: session.Title, Model: engine.About().Model.Name, Device: engine.About().Device.Name}
	began := time.Now()
	defer func() { v.Seconds = time.Since(began).Seconds() }()
	request, err := session.ChatRequest(find)
	if err != nil {
		v.Error = err.Error()
		return v
	}
	done, events, err := record(ctx, engine, request)
	if err != nil {
		v.Error = err.Error()
		return v
	}
	run := &inspect.Run{Request: request, Done: done, Saved: session.Turn(request)}
	v.compare(session, run)
	expect := session.Expect
	if len(expect) == 0 {
		expect = []inspect.Expect{{Kind: inspect.ExpectTokens}}
	}
	v.Pass = true
	for _, e := range expect {
		if r.Update && e.Kind == inspect.ExpectTokens { // they are about to be replaced
			continue
		}
		held := outcome{Expect: e.Describe(), Pass: true}
		if err := e.Holds(run); err != nil {
			held.Pass, held.Reason, v.Pass = false, err.Error(), false
		}
		v.Expect = append(v.Expect, held)
	}
	session.Record(engine.About(), events)
	return v
}

// record is an answer with all its events.
func record(ctx context.Context, engine chat.Engine, request *chat.Request) (done *chat.Done, events []chat.Timed, err error) {
	began := time.Now()
	for e, err := range engine.Generate(ctx, request) {
		if err != nil {
			return nil, nil, err
		}
		if e.Kind == chat.KindToken { // the engine uses its token again
			token := *e.Token
			token.Top = append([]chat.Candidate(nil), token.Top...)
			e.Token = &token
		}
		if e.Kind == chat.KindDone {
			done = e.Done
		}
		events = append(events, chat.Timed{At: time.Since(began), Event: e})
	}
	if done == nil {
		return nil, nil, errors.New("the engine stopped without an answer")
	}
	return done, events, nil
}

// update writes a file whose sessions hold what happened now.
func update(path string, collection *inspect.Collection, single bool) error {
	var content any = collection
	if single {
		content = collection.Sessions[0]
	}
	data, err := json.MarshalIndent(content, "", " ")
	if err == nil {
		err = os.WriteFile(path, append(data, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("updating %s: %w", path, err)
	}
	return nil
}
