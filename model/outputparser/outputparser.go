// Package outputparser turns generated token ids into chat events: text that is safe to
// show, tool calls in pieces, and the reason for which the answer ends. It reads
// ids, not text: a user's "[TOOL_CALLS]" or a brace in an argument means nothing.
// It is the inverse of package chattemplate. Open this file first; call.go reads tool
// calls, stop.go holds back stop strings, guard.go ends endless repetition.
package outputparser

import (
	"sirocco/model/chat"
	"sirocco/model/tokenizer"
)

// Options are what a request says about its answer's end.
type Options struct {
	// Stop ends the answer before the first of these strings. They are looked for
	// in the text, not in tool calls.
	Stop []string
	// NoGuard turns off the guard against endless repetition.
	NoGuard bool
	// Seed decides the ids made for tool calls that come without one. Turns of
	// one conversation should differ in it, so that their calls do.
	Seed uint64
}

// Parser reads one answer. It is for one goroutine.
type Parser struct {
	tok     *tokenizer.Tokenizer
	decoder *tokenizer.Decoder
	special specialTokens
	guard   *guard // nil: off
	stop    stops

	state    state
	text     []byte // all text so far
	thoughts []byte // what was thought
	calls    []chat.ToolCall
	call     call // the one being read
	ids      callIDs
	reason   string

	events []chat.Event
	spare  []chat.CallDelta // allocated many at a time
}

// specialTokens are the ids that steer the parser; -1 where the tokenizer has none.
type specialTokens struct{ end, calls, arguments, callID, think, endThink int32 }

// state says where the next text goes.
type state int

const (
	inText      state = iota
	inThought         // after [THINK], until [/THINK]
	inName            // after [TOOL_CALLS], until it is clear what follows
	inCallID          // after [CALL_ID]
	inArguments       // after [ARGS]
	inList            // v7: a JSON list of calls
)

// New prepares for one answer.
func New(tok *tokenizer.Tokenizer, o Options) *Parser {
	p := &Parser{tok: tok, decoder: tok.NewDecoder(), stop: newStops(o.Stop), ids: callIDs{seed: o.Seed}}
	if !o.NoGuard {
		p.guard = newGuard()
	}
	for name, id := range map[string]*int32{"</s>": &p.special.end, "[TOOL_CALLS]": &p.special.calls, "[ARGS]": &p.special.arguments, "[CALL_ID]": &p.special.callID,
		"[THINK]": &p.special.think, "[/THINK]": &p.special.endThink} {
		var ok bool
		if *id, ok = tok.Special(name); !ok {
			*id = -1
		}
	}
	return p
}

// Push takes the next generated id and returns what it makes known: KindText, KindReason
// and KindCall events. The slice is overwritten by the next Push; the deltas that its
// events point to are not. After the answer's end Push does nothing.
func (p *Parser) Push(id int32) []chat.Event {
	p.events = p.events[:0]
	if p.Done() {
		return nil
	}
	switch id {
	case p.special.end:
		p.end(chat.FinishStop)
	case p.special.calls:
		p.leave(true)
		p.state, p.call = inName, call{}
	case p.special.arguments:
		p.read(p.decoder.Flush())
		p.beginArguments()
	case p.special.callID:
		p.read(p.decoder.Flush())
		p.beginCallID()
	case p.special.think:
		p.leave(true)
		p.state = inThought
	case p.special.endThink:
		p.leave(true)
	default: // of other special ids nothing is shown
		p.read(p.decoder.Push(id))
	}
	if !p.Done() && p.guard != nil && p.guard.push(id) {
		p.end(chat.FinishRepetition)
	}
	return p.events
}

// Finish ends the answer from outside: chat.FinishLength or chat.FinishCancelled.
// It returns what was held back. After the answer's own end it does nothing.
func (p *Parser) Finish(reason string) []chat.Event {
	p.events = p.events[:0]
	if !p.Done() {
		p.end(reason)
	}
	return p.events
}

// Done reports whether the answer has ended.
func (p *Parser) Done() bool { return p.reason != "" }

// Reason is why it ended, one of chat's Finish constants; "" before the end.
func (p *Parser) Reason() string { return p.reason }

// StopSequence is the stop string that ended the answer; "" when none did.
func (p *Parser) StopSequence() string { return p.stop.met }

// Text is all text so far, exactly the sum of the KindText events.
func (p *Parser) Text() string { return string(p.text) }

// Reasoning is what was thought so far, which is no part of the text. An answer that
// ends in a thought has no text after it.
func (p *Parser) Reasoning() string { return string(p.thoughts) }

// Thinking reports whether the next token is part of a thought.
func (p *Parser) Thinking() bool { return p.state == inThought }

// Calls are the tool calls so far; the arguments of the last may be incomplete.
func (p *Parser) Calls() []chat.ToolCall {
	if p.state == inArguments {
		p.calls[len(p.calls)-1].Arguments = string(p.call.arguments)
	}
	return p.calls
}

// end closes what is open. Only the model's own end makes an open call whole.
func (p *Parser) end(reason string) {
	p.leave(reason == chat.FinishStop)
	if reason == chat.FinishStop && len(p.calls) > 0 {
		reason = chat.FinishToolCalls
	}
	if p.reason == "" { // what was held back may hold a stop string
		p.reason = reason
	}
}

// leave ends the current state and returns to text.
func (p *Parser) leave(whole bool) {
	p.read(p.decoder.Flush())
	switch p.state {
	case inText:
		p.emit(p.stop.flush())
	case inThought:
		p.state = inText
	default:
		p.closeCall(whole)
		p.state = inText
	}
}

// read sends text to where it belongs.
func (p *Parser) read(s string) {
	if s == "" || p.Done() {
		return
	}
	switch p.state {
	case inText:
		safe, stopped := p.stop.push(s)
		p.emit(safe)
		if stopped {
			p.reason = chat.FinishStop
		}
	case inThought:
		p.thoughts = append(p.thoughts, s...)
		p.events = append(p.events, chat.Event{Kind: chat.KindReason, Text: s})
	case inName:
		p.readName(s)
	case inCallID:
		p.call.id = append(p.call.id, s...)
	case inArguments:
		p.readArguments(s)
	case inList:
		p.readList(s)
	}
}

// emit makes text known.
func (p *Parser) emit(s string) {
	if s == "" {
		return
	}
	p.text = append(p.text, s...)
	p.events = append(p.events, chat.Event{Kind: chat.KindText, Text: s})
}
