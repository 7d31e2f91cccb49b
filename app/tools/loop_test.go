package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"sirocco/model/chat"
)

// script is an engine that plays answers, one for each time it is asked.
type script struct {
	answers []chat.Done
	asked   []chat.Request
	blind   bool
}

func (s *script) Generate(ctx context.Context, request *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		s.asked = append(s.asked, *request)
		if len(s.answers) == 0 {
			yield(chat.Event{}, errors.New("the script is at its end"))
			return
		}
		done := s.answers[0]
		s.answers = s.answers[1:]
		if done.Text != "" && !yield(chat.Event{Kind: chat.KindText, Text: done.Text}, nil) {
			return
		}
		yield(chat.Event{Kind: chat.KindDone, Done: &done}, nil)
	}
}

func (s *script) About() chat.About {
	return chat.About{Model: chat.ModelInfo{Name: "script", Context: 131072, Vision: !s.blind}}
}

func (s *script) Close() {}

// calls is an answer that calls tools: name, arguments, name, arguments, ….
func calls(pairs ...string) chat.Done {
	done := chat.Done{FinishReason: chat.FinishToolCalls}
	for i := 0; i < len(pairs); i += 2 {
		done.ToolCalls = append(done.ToolCalls, chat.ToolCall{ID: fmt.Sprintf("call%05d", i/2), Name: pairs[i], Arguments: pairs[i+1]})
	}
	return done
}

// says is an answer in words.
func says(text string) chat.Done { return chat.Done{Text: text, FinishReason: chat.FinishStop} }

// heard is what a listener has of a turn.
type heard struct {
	events   []chat.Event
	messages []chat.Message
	results  []chat.Result
	err      error
}

// listen answers a question and checks what holds for every turn: the last event
// is a done, and the conversation can go on.
func listen(t *testing.T, l *Loop, ctx context.Context, request *chat.Request) heard {
	t.Helper()
	var h heard
	conversation := slices.Clone(request.Messages)
	for event, err := range l.Generate(ctx, request) {
		if h.err = err; err != nil {
			break
		}
		h.events = append(h.events, event)
		switch event.Kind {
		case chat.KindMessage:
			h.messages = append(h.messages, *event.Message)
			conversation = append(conversation, *event.Message)
		case chat.KindResult:
			h.results = append(h.results, *event.Result)
		}
		if _, err := json.Marshal(event); err != nil {
			t.Error(err)
		}
	}
	if h.err == nil && h.events[len(h.events)-1].Kind != chat.KindDone {
		t.Errorf("the last event is %s", h.events[len(h.events)-1].Kind)
	}
	answered(t, conversation)
	return h
}

// answered checks that every call of a conversation has one result, right after.
func answered(t *testing.T, messages []chat.Message) {
	t.Helper()
	var open []string
	for i, m := range messages {
		switch m.Role {
		case chat.Assistant:
			open = nil
			for _, c := range m.ToolCalls {
				open = append(open, c.ID)
			}
		case chat.ToolRole:
			if len(open) == 0 || open[0] != m.ToolCallID {
				t.Errorf("message %d answers %s; open are %v", i, m.ToolCallID, open)
				return
			}
			open = open[1:]
		default:
			if len(open) > 0 {
				t.Errorf("message %d comes while %v have no result", i, open)
			}
		}
	}
	if len(open) > 0 {
		t.Errorf("%v have no result", open)
	}
}

func (h heard) kinds() string {
	var kinds []string
	for _, e := range h.events {
		kinds = append(kinds, string(e.Kind))
	}
	return strings.Join(kinds, " ")
}

func question(text string) *chat.Request {
	return &chat.Request{Messages: []chat.Message{chat.Text(chat.User, text)}}
}

// rates is a tool that knows two numbers.
var rates = Tool{
	Tool:   chat.Tool{Name: "get_rate", Parameters: json.RawMessage(`{"type":"object","properties":{"to":{"enum":["EUR","USD"]}},"required":["to"]}`)},
	Source: "test",
	Run: func(_ context.Context, c Call) (Output, error) {
		c.Progress(1, 2, "asking the bank")
		if strings.Contains(c.Arguments, "EUR") {
			return Output{Text: "1.08"}, nil
		}
		return Output{Text: "1"}, nil
	},
}

// A call is approved, run, and its result goes back until there is an answer.
func TestLoopRunsCalls(t *testing.T) {
	engine := &script{answers: []chat.Done{calls("get_rate", `{"to":"EUR"}`), says("1.08 dollars.")}}
	l := &Loop{Engine: engine, Tools: NewSet(List{rates}), Approver: AllowAll}
	request := question("What is a euro?")
	request.ToolChoice = "required"
	h := listen(t, l, context.Background(), request)
	if h.err != nil {
		t.Fatal(h.err)
	}
	want := "round message done approval approval tool_run tool_run tool_result message round text message done"
	if got := h.kinds(); got != want {
		t.Errorf("events:\n got %s\nwant %s", got, want)
	}
	second := engine.asked[1]
	if second.ToolChoice != "auto" || len(second.Tools) != 1 {
		t.Errorf("the second round has tool_choice %q and %d tools", second.ToolChoice, len(second.Tools))
	}
	last := second.Messages[len(second.Messages)-1]
	if last.Role != chat.ToolRole || last.Parts[0].Text != "1.08" {
		t.Errorf("the engine was given %+v", last)
	}
	if len(request.Messages) != 1 {
		t.Error("the caller's request was changed")
	}
}

// What cannot or must not be run becomes a result that says so.
func TestCallsThatAreNotRun(t *testing.T) {
	ran := 0
	counting := rates
	counting.Run = func(context.Context, Call) (Output, error) { ran++; return Output{Text: "ran"}, nil }
	cutOff := calls("get_rate", `{"to":"E`)
	cutOff.FinishReason, cutOff.ToolCalls[0].Incomplete = chat.FinishLength, true
	for _, c := range []struct {
		name, status, says string
		answer             chat.Done
		approver           Approver
	}{
		{"denied", chat.RunDenied, "did not allow", calls("get_rate", `{"to":"EUR"}`), DenyAll},
		{"nobody to ask", chat.RunDenied, "did not allow", calls("get_rate", `{"to":"EUR"}`), nil},
		{"wrong arguments", chat.RunInvalid, "/to", calls("get_rate", `{"to":"GBP"}`), AllowAll},
		{"missing argument", chat.RunInvalid, "to", calls("get_rate", `{}`), AllowAll},
		{"not JSON", chat.RunInvalid, "not JSON", calls("get_rate", `{"to":`), AllowAll},
		{"not an object", chat.RunInvalid, "object", calls("get_rate", `["EUR"]`), AllowAll},
		{"unknown tool", chat.RunInvalid, "the tools are get_rate", calls("get_weather", `{}`), AllowAll},
		{"cut off", chat.RunSkipped, "cut off", cutOff, AllowAll},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &Loop{Engine: &script{answers: []chat.Done{c.answer, says("I see.")}}, Tools: NewSet(List{counting}), Approver: c.approver}
			h := listen(t, l, context.Background(), question("Rate?"))
			if h.err != nil {
				t.Fatal(h.err)
			}
			if r := h.results[0]; r.Status != c.status || !strings.Contains(r.Text, c.says) {
				t.Errorf("the result is %s %q, want %s with %q", r.Status, r.Text, c.status, c.says)
			}
		})
	}
	if ran > 0 {
		t.Errorf("the tool ran %d times", ran)
	}
}

// Edited arguments are checked again, and asked about again when they do not fit.
func TestEditedArguments(t *testing.T) {
	var faults []string
	edits := []string{`{"to":"GBP"}`, `{"to":"USD"}`}
	approver := ApproverFunc(func(_ context.Context, q Question) (Verdict, error) {
		faults = append(faults, q.Fault)
		edit := edits[0]
		edits = edits[1:]
		return Verdict{Decision: chat.AllowConversation, Arguments: edit}, nil
	})
	l := &Loop{Engine: &script{answers: []chat.Done{calls("get_rate", `{"to":"EUR"}`), says("One.")}}, Tools: NewSet(List{rates}), Approver: approver}
	h := listen(t, l, context.Background(), question("Rate?"))
	if len(faults) != 2 || faults[0] != "" || !strings.Contains(faults[1], "/to") {
		t.Errorf("asked with the faults %q", faults)
	}
	if r := h.results[0]; !strings.HasSuffix(r.Text, "\n1") || !strings.Contains(r.Text, `changed the arguments to {"to":"USD"}`) {
		t.Errorf("the result is %q", r.Text)
	}
	if a := h.events[4].Approval; !a.Edited || a.Arguments != `{"to":"USD"}` || a.By != "person" {
		t.Errorf("the approval is %+v", a)
	}
}

// After the last round the model is asked for an answer without calls.
func TestRoundsAreLimited(t *testing.T) {
	engine := &script{}
	for range 3 {
		engine.answers = append(engine.answers, calls("get_rate", `{"to":"EUR"}`))
	}
	l := &Loop{Engine: engine, Tools: NewSet(List{rates}), Approver: AllowAll, Limits: Limits{Rounds: 2}}
	h := listen(t, l, context.Background(), question("Rate?"))
	if h.err != nil || len(engine.asked) != 3 || engine.asked[2].ToolChoice != "none" {
		t.Fatalf("asked %d times, error %v", len(engine.asked), h.err)
	}
	if r := h.results[2]; r.Status != chat.RunSkipped {
		t.Errorf("a call after the last round is %s", r.Status)
	}
	if text := h.messages[3].Parts[0].Text; !strings.Contains(text, "2 rounds of calls are used up") {
		t.Errorf("the model is told %q", text)
	}
}

// A tool that hangs is stopped; one that panics has failed; a cancel ends the
// turn. The conversation goes on each time.
func TestBrokenTools(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, c := range []struct {
		name, status string
		run          func(context.Context, Call) (Output, error)
	}{
		{"hangs", chat.RunTimeout, func(ctx context.Context, _ Call) (Output, error) { <-ctx.Done(); return Output{}, ctx.Err() }},
		{"hangs for good", chat.RunTimeout, func(context.Context, Call) (Output, error) { select {} }},
		{"panics", chat.RunFailed, func(context.Context, Call) (Output, error) { panic("oh") }},
		{"breaks", chat.RunFailed, func(context.Context, Call) (Output, error) { return Output{}, errors.New("no network") }},
		{"says it failed", chat.RunFailed, func(context.Context, Call) (Output, error) { return Output{Text: "no such city", Failed: true}, nil }},
		{"is cancelled", chat.RunCancelled, func(ctx context.Context, _ Call) (Output, error) { cancel(); <-ctx.Done(); return Output{}, ctx.Err() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			tool := Tool{Tool: chat.Tool{Name: "f"}, Timeout: 20 * time.Minute, Run: c.run}
			if c.status == chat.RunTimeout {
				tool.Timeout = 20 * time.Millisecond
			}
			l := &Loop{Engine: &script{answers: []chat.Done{calls("f", "{}"), says("Well.")}}, Tools: NewSet(List{tool}), Approver: AllowAll}
			h := listen(t, l, ctx, question("?"))
			if h.err != nil || h.results[0].Status != c.status {
				t.Fatalf("%+v, error %v", h.results, h.err)
			}
			last := h.events[len(h.events)-1].Done
			if want := map[bool]string{true: chat.FinishCancelled, false: chat.FinishStop}[c.status == chat.RunCancelled]; last.FinishReason != want {
				t.Errorf("the turn ended with %s, want %s", last.FinishReason, want)
			}
		})
	}
}

// An engine that fails in a later round leaves a conversation that can go on.
func TestEngineFailsAfterCalls(t *testing.T) {
	l := &Loop{Engine: &script{answers: []chat.Done{calls("get_rate", `{"to":"EUR"}`)}}, Tools: NewSet(List{rates}), Approver: AllowAll}
	if h := listen(t, l, context.Background(), question("Rate?")); h.err == nil || len(h.messages) != 2 {
		t.Errorf("%d messages, error %v", len(h.messages), h.err)
	}
}

// A tool that the caller brought is the caller's to run.
func TestCallersTools(t *testing.T) {
	engine := &script{answers: []chat.Done{calls("mine", `{}`)}}
	request := question("?")
	request.Tools = []chat.Tool{{Name: "mine"}}
	l := &Loop{Engine: engine, Tools: NewSet(List{rates}), Approver: AllowAll}
	var last chat.Event
	for e, err := range l.Generate(context.Background(), request) {
		if last = e; err != nil {
			t.Fatal(err)
		}
	}
	if last.Kind != chat.KindDone || len(last.Done.ToolCalls) != 1 || len(engine.asked[0].Tools) != 2 {
		t.Errorf("the last event is %+v", last)
	}
}

// Calls that a server gave no fit names or ids are made fit for the template.
func TestForeignCalls(t *testing.T) {
	answer := chat.Done{FinishReason: chat.FinishStop, ToolCalls: []chat.ToolCall{{ID: "call_1", Name: "get.rate", Arguments: "{}"}, {ID: "call_1", Name: "x", Arguments: "{}"}, {Name: "y", Arguments: "{}"}}}
	engine := &script{answers: []chat.Done{answer, says("Well.")}}
	h := listen(t, &Loop{Engine: engine, Tools: NewSet(List{rates})}, context.Background(), question("?"))
	if h.err != nil || len(h.results) != 3 {
		t.Fatalf("%+v, error %v", h.results, h.err)
	}
	for _, m := range engine.asked[1].Messages[2:] {
		if len(m.ToolCallID) != 9 {
			t.Errorf("the engine was given the id %q", m.ToolCallID)
		}
	}
}
