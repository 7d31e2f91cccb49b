package inspect

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"sirocco/model/chat"
)

// population is the model card's story: a question with a picture whose answer
// needs a call, recorded from a tool loop.
func population() *Turn {
	call := chat.ToolCall{ID: "a1B2c3D4e", Name: "get_current_population", Arguments: `{"country": "France", "unit": "millions"}`}
	request := &chat.Request{
		Messages: []chat.Message{{Role: chat.User, PartList: true, Parts: []chat.Part{{Image: &chat.Image{Name: "map.png", Data: []byte("\x89PNG\r\n\x1a\n")}}, {Text: "How many live here?"}}}},
		Tools: []chat.Tool{{Name: "get_current_population", Parameters: json.RawMessage(`{"type": "object",
			"properties": {"country": {"type": "string", "description": "Which one"}, "unit": {"enum": ["millions", "thousands"]}}, "required": ["country", "unit"]}`)}},
		Sampling: chat.Sampling{Temperature: 0.15, Seed: 3},
	}
	run := chat.RunOf{ID: call.ID, Name: call.Name}
	about := chat.About{Model: chat.ModelInfo{Name: "mistral"}, Device: chat.DeviceInfo{Name: "gpu"}}
	answer, result := chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{call}}, chat.Text(chat.ToolRole, "68")
	result.ToolCallID, result.Name = call.ID, call.Name
	said := chat.Text(chat.Assistant, "68 million.")
	at := time.Duration(0)
	var events []chat.Timed
	add := func(ms int, e chat.Event) {
		at += time.Duration(ms) * time.Millisecond
		events = append(events, chat.Timed{At: at, Event: e})
	}
	grid := chat.Grid{Width: 56, Height: 28, Rows: 1, Columns: 2, Tokens: 3}
	add(0, chat.Event{Kind: chat.KindRound, Round: &chat.Round{Limit: 10}})
	add(2, chat.Event{Kind: chat.KindPrompt, Prompt: &chat.Prompt{IDs: []int32{1, 3, 10, 10, 13, 50, 4}, Images: []chat.Grid{grid},
		Spans: []chat.Span{{Kind: "control", End: 2}, {Kind: "image", Start: 2, End: 5}, {Kind: "user", Start: 5, End: 6}, {Kind: "control", Start: 6, End: 7}}}})
	add(100, chat.Event{Kind: chat.KindImage, Image: &chat.ImageEncoded{Grid: grid, Seconds: 0.1}})
	add(40, chat.Event{Kind: chat.KindPrefill, Prefill: &chat.Prefill{Done: 7, Total: 7, Cached: 2}})
	token := func(text string) {
		add(10, chat.Event{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{ID: int32(100 + len(text)), Text: text, Logprob: -0.1},
			Top: []chat.Candidate{{ID: 9, Text: "Well", Logprob: -2}}, Forbidden: 3, Wanted: &chat.Candidate{ID: 8, Text: "No"}}})
	}
	token("[TOOL_CALLS]")
	token("get_current_population")
	token("[ARGS]")
	add(0, chat.Event{Kind: chat.KindCall, Call: &chat.CallDelta{ID: call.ID, Name: call.Name}})
	token(call.Arguments)
	add(0, chat.Event{Kind: chat.KindCall, Call: &chat.CallDelta{Arguments: call.Arguments}})
	token("</s>")
	add(0, chat.Event{Kind: chat.KindCall, Call: &chat.CallDelta{Complete: true}})
	add(0, chat.Event{Kind: chat.KindMessage, Message: &answer})
	add(0, chat.Event{Kind: chat.KindDone, Done: &chat.Done{FinishReason: chat.FinishToolCalls, ToolCalls: answer.ToolCalls, About: about}})
	add(1, chat.Event{Kind: chat.KindApproval, Approval: &chat.Approval{RunOf: run, Arguments: call.Arguments}})
	add(500, chat.Event{Kind: chat.KindApproval, Approval: &chat.Approval{RunOf: run, Arguments: call.Arguments, Decision: chat.AllowConversation, By: "person"}})
	add(1, chat.Event{Kind: chat.KindRun, Run: &chat.Run{RunOf: run, Arguments: call.Arguments}})
	add(200, chat.Event{Kind: chat.KindResult, Result: &chat.Result{RunOf: run, Status: chat.RunDone, Text: "68", Seconds: 0.2}})
	add(0, chat.Event{Kind: chat.KindMessage, Message: &result})
	add(1, chat.Event{Kind: chat.KindRound, Round: &chat.Round{Index: 1, Limit: 10}})
	add(1, chat.Event{Kind: chat.KindPrompt, Prompt: &chat.Prompt{IDs: []int32{1, 3, 10, 10, 13, 50, 4, 5, 60}, Images: []chat.Grid{grid},
		Spans: []chat.Span{{Kind: "control", End: 2}, {Kind: "image", Start: 2, End: 5}, {Kind: "user", Start: 5, End: 6}, {Kind: "control", Start: 6, End: 8}, {Kind: "tool_result", Start: 8, End: 9, Message: 2}}}})
	for _, word := range []string{"68", " million", "."} {
		token(word)
		add(0, chat.Event{Kind: chat.KindText, Text: word})
	}
	token("</s>")
	add(0, chat.Event{Kind: chat.KindMessage, Message: &said})
	add(0, chat.Event{Kind: chat.KindDone, Done: &chat.Done{Text: "68 million.", FinishReason: chat.FinishStop, About: about}})
	return FromEvents(request, events)
}

func TestTimeline(t *testing.T) {
	turn := population()
	want := []struct {
		kind       string
		round      int
		start, end int // ms
		tokens     int
		note       string
	}{
		{RowPrompt, 0, 0, 2, 7, ""},
		{RowPicture, 0, 2, 102, 3, ""},
		{RowPrefill, 0, 102, 142, 7, ""},
		{RowCall, 0, 142, 192, 5, ""},
		{RowApproval, 0, 193, 693, 0, "allowed by you, for this conversation"},
		{RowRun, 0, 694, 894, 0, ""},
		{RowPrompt, 1, 895, 896, 9, ""},
		{RowWords, 1, 896, 936, 4, ""},
	}
	if len(turn.Rows) != len(want) {
		t.Fatalf("%d rows", len(turn.Rows))
	}
	for i, w := range want {
		r := turn.Rows[i]
		if r.Kind != w.kind || r.Round != w.round || int(r.Start/time.Millisecond) != w.start || int(r.End/time.Millisecond) != w.end ||
			r.Tokens != w.tokens || r.Note != w.note || r.Open {
			t.Errorf("row %d is %+v, want %+v", i, *r, w)
		}
	}
	calls := turn.Calls()
	if len(calls) != 1 || calls[0].Tool == nil || calls[0].Result.Text != "68" || turn.Rounds[0].Tokens[3].Call != 0 || turn.Rounds[1].Tokens[0].Call != -1 {
		t.Errorf("the calls are %+v", calls[0])
	}
	if turn.Text() != "68 million." || turn.Finish() != chat.FinishStop || !turn.Ended || turn.About.Model.Name != "mistral" {
		t.Errorf("the turn ended as %q by %s", turn.Text(), turn.Finish())
	}
}

func TestPromptByOrigin(t *testing.T) {
	turn := population()
	p := turn.Rounds[1].Prompt
	if got := Origins(p); len(got) != 4 || got[1] != (Origin{"image", 3, 3.0 / 9}) || got[0].Tokens != 4 {
		t.Errorf("the origins are %+v", got)
	}
	tokens := PromptTokens(p, 5, PromptOf(turn, 0))
	if k := tokens[4]; k.Picture != 0 || k.Row != 0 || k.Column != 2 || !k.Cached || k.New {
		t.Errorf("the picture's break is %+v", k)
	}
	if k := tokens[8]; k.Kind != "tool_result" || k.Picture != -1 || k.Cached || !k.New {
		t.Errorf("the result's token is %+v", k)
	}
	if PromptIDs(p) != "[1, 3, 10, 10, 13, 50, 4, 5, 60]" {
		t.Error(PromptIDs(p))
	}
	p.Spans = []chat.Span{{Kind: "user", Start: -5, End: 900}}
	PromptTokens(p, 0, nil) // a span beyond the prompt is no crash
}

func TestContinueFromAnEditedCall(t *testing.T) {
	turn := population()
	request, err := turn.ContinueFrom(turn.Calls()[0], Edit{Arguments: `{"country": "France", "unit": "thousands"}`, Result: "68000"})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(request.Messages); n != 3 || request.Messages[1].ToolCalls[0].Arguments != `{"country": "France", "unit": "thousands"}` || request.Messages[2].Parts[0].Text != "68000" {
		t.Errorf("the branch is %+v", request.Messages)
	}
	if turn.Calls()[0].Arguments != `{"country": "France", "unit": "millions"}` || len(turn.Request.Messages) != 1 {
		t.Error("the turn itself was changed")
	}
	if again := turn.Messages(1); !reflect.DeepEqual(again[1].ToolCalls, turn.Rounds[0].Answer().ToolCalls) || again[2].Parts[0].Text != "68" {
		t.Errorf("round 1 was asked with %+v", again)
	}
}

func TestBranchAtAToken(t *testing.T) {
	turn := population()
	request, err := turn.BranchAt(1, 1, chat.Candidate{Text: " thousand"})
	if err != nil {
		t.Fatal(err)
	}
	last := request.Messages[len(request.Messages)-1]
	if !last.Prefix || last.Parts[0].Text != "68 thousand" || len(request.Messages) != 4 {
		t.Errorf("the branch is %+v", request.Messages)
	}
	for _, c := range []struct {
		round, token int
		text, want   string
	}{{0, 3, "x", "a call stands before"}, {1, 1, "[TOOL_CALLS]", "control token"}, {1, 1, "[/INST]", "control token"}, {1, 1, "\ufffd", "cut in two"}, {5, 0, "", "not of this turn"}} {
		if _, err := turn.BranchAt(c.round, c.token, chat.Candidate{Text: c.text}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v gave %v", c, err)
		}
	}
}

// What events come in which order is up to files too: none of it panics.
func FuzzEvents(f *testing.F) {
	f.Add([]byte(`{"at":0,"event":"tool_call","index":3}` + "\n" + `{"at":1,"event":"tool_result","index":9}`))
	f.Add([]byte(`{"at":1,"event":"token","id":3}` + "\n" + `{"at":1,"event":"done"}` + "\n" + `{"at":1,"event":"round"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		turn := New(&chat.Request{})
		for _, line := range strings.Split(string(data), "\n") {
			var e chat.Timed
			if json.Unmarshal([]byte(line), &e) == nil {
				turn.Add(e)
			}
		}
		for _, c := range turn.Calls() {
			turn.ContinueFrom(c, Edit{})
		}
		for _, r := range turn.Rounds {
			if r.Prompt != nil {
				PromptTokens(r.Prompt, r.Cached, nil)
			}
		}
		Compare(turn, turn)
	})
}

// Calls that run side by side overlap in the timeline, each in a row of its own that ends
// with its own result.
func TestCallsInParallel(t *testing.T) {
	turn := New(&chat.Request{})
	run := func(i int) chat.RunOf { return chat.RunOf{Index: i, ID: string(rune('a' + i)), Name: "wait"} }
	for _, e := range []chat.Timed{
		{Event: chat.Event{Kind: chat.KindDone, Done: &chat.Done{FinishReason: chat.FinishToolCalls, ToolCalls: []chat.ToolCall{{ID: "a", Name: "wait"}, {ID: "b", Name: "wait"}}}}},
		{At: 1 * time.Second, Event: chat.Event{Kind: chat.KindRun, Run: &chat.Run{RunOf: run(0)}}},
		{At: 2 * time.Second, Event: chat.Event{Kind: chat.KindRun, Run: &chat.Run{RunOf: run(1)}}},
		{At: 3 * time.Second, Event: chat.Event{Kind: chat.KindResult, Result: &chat.Result{RunOf: run(1), Status: chat.RunDone, Text: "second"}}},
		{At: 5 * time.Second, Event: chat.Event{Kind: chat.KindResult, Result: &chat.Result{RunOf: run(0), Status: chat.RunDone, Text: "first"}}},
	} {
		turn.Add(e)
	}
	var rows []*Row
	for _, row := range turn.Rows {
		if row.Kind == RowRun {
			rows = append(rows, row)
		}
	}
	if len(rows) != 2 || rows[0].Start != time.Second || rows[0].End != 5*time.Second || rows[1].Start != 2*time.Second || rows[1].End != 3*time.Second || rows[0].Open || rows[1].Open {
		t.Errorf("the runs are %+v", rows)
	}
	if calls := turn.Calls(); len(calls) != 2 || calls[0].Result.Text != "first" || calls[1].Result.Text != "second" {
		t.Errorf("the calls are %+v", calls)
	}
}
