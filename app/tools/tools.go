// Package tools lets a model's calls happen: a Tool is a definition and a way to
// run it, a Set gathers tools from wherever they come (built in, a command on
// this machine, an MCP server), and a Loop turns a chat.Engine and a Set into a
// chat.Engine that runs what the model calls and goes on until it answers.
//
// Whoever shows a conversation uses the Loop as it would the engine:
//
//	set := tools.NewSet(tools.Builtin(), server)
//	loop := &tools.Loop{Engine: engine, Tools: set, Approver: dialog, Permits: permits}
//	for event, err := range loop.Generate(ctx, request) { … }
//
// A Loop belongs to one conversation: what was allowed "for this conversation"
// is remembered in it. The events of one question are, in this order:
//
//	round        which answer begins, counted from 0
//	…            all events of the engine: prompt, prefill, token, text, tool_call, …
//	message      what the assistant said, calls included
//	done         of this answer; the last event of all is a done
//
// and, when the answer called tools, before the next round:
//
//	approval     of each call: Decision is "" while the Approver is asked, then set
//	tool_run     a run begins, and again whenever the tool says how far it is
//	tool_result  how the call ended, with the text and pictures the model gets
//	message      the results in the order of the calls, each a tool message, then,
//	             when tools returned pictures, a user's turn that shows them
//
// Every KindMessage is to be appended to the conversation, in order, and nothing
// else: then the next request is valid whatever happened, for each call has a
// result even if it was refused, cut off, timed out or lost its server.
//
// The Approver is asked on the goroutine that ranges over Generate, between the
// two approval events; it may take its time. Edited arguments are checked against
// the schema again, and asked about again when they do not fit. A call whose
// arguments are invalid is never run: it goes back to the model as an error.
//
// Open loop.go next, then run.go; approve.go says who is asked and what is
// remembered, server.go speaks with MCP servers, command.go runs programs.
package tools

import (
	"context"
	"time"

	"sirocco/model/chat"
)

// Tool is a function the model may call and a way to run it.
type Tool struct {
	// Tool is what the model is told. Set makes names fit for the chat template
	// and unique.
	chat.Tool
	// Title is the name for people; empty means Name.
	Title string
	// Source says who runs it, for people: "built in", "command", "MCP server x".
	Source string
	// server is the name of the server that has it; "" for tools of our own.
	server string
	// StoredSource is the Source as a file may hold it, without what may be a secret; ""
	// means Source.
	StoredSource string
	// former is the Source that version 0.1.0 wrote into files, arguments and all.
	former string
	// Bounds are what decides what runs beside the definition. A permission holds
	// only while they are as they were.
	Bounds []Bound
	// ReadOnly is its maker's word that it changes nothing. It is shown, and lets
	// the calls of one answer run at the same time; it never replaces asking.
	ReadOnly bool
	// Unasked tools run without asking: they only compute, or giving them to the
	// model was the permission, as with a file that the user chose.
	Unasked bool
	// Timeout bounds a run in place of Limits.Time; 0 means that.
	Timeout time.Duration
	// Run makes the call. It should end soon after ctx does. An error means that
	// the run broke; a tool that failed in its own terms sets Output.Failed.
	Run func(ctx context.Context, call Call) (Output, error)
}

// Call is one call to be run.
type Call struct {
	// Arguments are a JSON object that fits the tool's schema.
	Arguments string
	// Progress says how far the run is, in the tool's own measure; total is 0 when
	// it is not known. It never waits and is never nil.
	Progress func(done, total float64, note string)
}

// Output is what a tool returned, before the limits are applied.
type Output struct {
	Text     string
	Pictures []chat.Image
	Failed   bool     // the tool says that it failed; Text says why
	Notes    []string // what could not be passed on, for the model and people
}
