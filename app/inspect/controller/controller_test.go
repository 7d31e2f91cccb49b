package controller

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sirocco/app/history"
	"sirocco/app/inspect"
	"sirocco/app/tools"
	"sirocco/model/chat"
)

// card is an engine for the model card's story: asked for a population it calls
// the tool, given a result it says it.
type card struct{}

func (card) About() chat.About { return chat.About{Model: chat.ModelInfo{Name: "card", Context: 8192}} }
func (card) Close()            {}
func (card) Generate(_ context.Context, r *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		done := &chat.Done{FinishReason: chat.FinishToolCalls, ToolCalls: []chat.ToolCall{{ID: "a1B2c3D4e", Name: "get_current_population", Arguments: `{"country": "France", "unit": "millions"}`}}}
		last := r.Messages[len(r.Messages)-1]
		if last.Role == chat.ToolRole {
			done = &chat.Done{FinishReason: chat.FinishStop, Text: "It is " + last.Parts[0].Text + "."}
		}
		if last.Prefix {
			done = &chat.Done{FinishReason: chat.FinishStop, Text: " and more."}
		}
		yield(chat.Event{Kind: chat.KindPrompt, Prompt: &chat.Prompt{IDs: make([]int32, len(r.Messages))}}, nil)
		yield(chat.Event{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{Text: done.Text}}}, nil)
		yield(chat.Event{Kind: chat.KindText, Text: done.Text}, nil)
		yield(chat.Event{Kind: chat.KindDone, Done: done}, nil)
	}
}

// population counts in the unit it is asked for.
func population() tools.Tool {
	return tools.Tool{
		Tool: chat.Tool{Name: "get_current_population", Parameters: []byte(`{"type": "object", "properties": {"country": {"type": "string"}, "unit": {"enum": ["millions", "thousands"]}}}`)},
		Run: func(_ context.Context, c tools.Call) (tools.Output, error) {
			if strings.Contains(c.Arguments, "thousands") {
				return tools.Output{Text: "68000 thousand"}, nil
			}
			return tools.Output{Text: "68 million"}, nil
		},
		Unasked: true,
	}
}

// begin asks the card's question and records the turn, as the window does.
func begin(t *testing.T) (*Controller, *TurnView) {
	t.Helper()
	store, err := history.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	set := tools.NewSet(tools.List{population()})
	d := &Controller{Store: store, Engine: func() chat.Engine { return card{} }, Tools: func() *tools.Set { return set }}
	return d, beginIn(t, d, "Card", "How many live in France?")
}

// beginIn asks a question in a conversation of its own.
func beginIn(t *testing.T, d *Controller, title, words string) *TurnView {
	t.Helper()
	wrap := func(e chat.Engine) chat.Engine {
		return &tools.Loop{Engine: e, Tools: tools.NewSet(tools.List{population()})}
	}
	store := d.Store
	conversation, err := store.New(history.Preset{})
	if err != nil {
		t.Fatal(err)
	}
	store.Rename(conversation, title)
	question := chat.Text(chat.User, words)
	parent, err := store.Append(conversation, 0, question)
	if err != nil {
		t.Fatal(err)
	}
	request := &chat.Request{Messages: []chat.Message{question}, Tools: []chat.Tool{population().Tool}}
	recording, err := store.Record(conversation, parent, request)
	if err != nil {
		t.Fatal(err)
	}
	early, err := d.Open(recording.ID())
	if err != nil || !early.Live || len(early.Rounds) != 0 {
		t.Fatalf("a turn that has just begun: %+v, %v", early, err)
	}
	for e, err := range wrap(card{}).Generate(context.Background(), &chat.Request{Messages: request.Messages}) {
		if err != nil {
			t.Fatal(err)
		}
		if err := recording.Add(e); err != nil {
			t.Fatal(err)
		}
		if changed, err := d.Follow(early); err != nil || changed == (e.Kind == chat.KindToken) || !early.Live { // a token comes with its words
			t.Fatalf("following at %s: %v, %v", e.Kind, changed, err)
		}
	}
	if err := recording.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Follow(early); err != nil || early.Live {
		t.Fatalf("the turn is over, but %v", err)
	}
	whole, err := d.Open(recording.ID())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(whole.Rows, early.Rows) || whole.Text() != "It is 68 million." {
		t.Errorf("followed and opened differ, or %q was said", whole.Text())
	}
	return whole
}

func shown(t *testing.T, d *Controller, conversation int64) (said []string) {
	t.Helper()
	messages, err := d.Store.Messages(conversation)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		text := string(m.Role) + ":"
		for _, p := range m.Parts {
			text += p.Text
		}
		for _, c := range m.ToolCalls {
			text += c.Arguments
		}
		said = append(said, text)
	}
	return said
}

// The card's story: the unit is edited, the tool runs again, and the conversation
// goes on from the new result as a branch of its own.
func TestEditRunAgainContinue(t *testing.T) {
	d, v := begin(t)
	call := v.Calls()[0]
	form := inspect.NewForm(call.Tool.Parameters, call.Arguments)
	form.Set("unit", `"thousands"`)
	arguments, err := form.Arguments()
	if err != nil {
		t.Fatal(err)
	}
	result, err := d.RunAgain(context.Background(), v, call, arguments)
	if err != nil || result.Text != "68000 thousand" {
		t.Fatalf("run again: %+v, %v", result, err)
	}
	request, err := v.ContinueFrom(call, inspect.Edit{Arguments: arguments, Result: result.Text})
	if err != nil {
		t.Fatal(err)
	}
	var turn int64
	if err := d.Continue(context.Background(), v, request, func(id int64) { turn = id }); err != nil {
		t.Fatal(err)
	}
	branch, err := d.Open(turn)
	if err != nil || branch.Text() != "It is 68000 thousand." || branch.Number != 2 {
		t.Errorf("the branch says %q as turn %d, %v", branch.Text(), branch.Number, err)
	}
	want := []string{"user:How many live in France?", `assistant:{"country": "France", "unit": "thousands"}`, "tool:68000 thousand", "assistant:It is 68000 thousand."}
	if got := shown(t, d, v.Conversation); !reflect.DeepEqual(got, want) {
		t.Errorf("the conversation is %q", got)
	}
	messages, _ := d.Store.Messages(v.Conversation)
	if len(messages[1].Siblings) != 2 {
		t.Errorf("the first answer has %d branches", len(messages[1].Siblings))
	}
	for _, difference := range inspect.Compare(v.Turn, branch.Turn) {
		if difference.What == "model" && !difference.Same {
			t.Errorf("%+v", difference)
		}
	}
}

// A tool whose definition was changed is not run behind one's back: the turn ends
// at its call. One that is not here cannot be run again.
func TestChangedAndForeignTools(t *testing.T) {
	d, v := begin(t)
	changed := population().Tool
	changed.Description = "in people"
	var turn int64
	if err := d.Continue(context.Background(), v, v.WithTool(0, changed), func(id int64) { turn = id }); err != nil {
		t.Fatal(err)
	}
	branch, err := d.Open(turn)
	if err != nil || len(branch.Calls()) != 1 || branch.Calls()[0].Result != nil || branch.Finish() != chat.FinishToolCalls {
		t.Errorf("with a changed tool: %+v, %v", branch.Calls()[0], err)
	}
	call := *v.Calls()[0]
	call.Name = "elsewhere"
	if _, err := d.RunAgain(context.Background(), v, &call, "{}"); err == nil || !strings.Contains(err.Error(), "no tool of that name") {
		t.Errorf("a tool that is not here: %v", err)
	}
}

// A token chosen otherwise begins another answer with the same words before it.
func TestBranchFromToken(t *testing.T) {
	d, v := begin(t)
	request, err := v.BranchAt(1, 0, chat.Candidate{Text: "Many"})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Continue(context.Background(), v, request, func(int64) {}); err != nil {
		t.Fatal(err)
	}
	if got := shown(t, d, v.Conversation); got[len(got)-1] != "assistant:Many and more." {
		t.Errorf("the conversation is %q", got)
	}
}

// A turn becomes a case that replay can read, and a page.
func TestFiles(t *testing.T) {
	d, v := begin(t)
	dir := t.TempDir()
	v.Rounds[0].AddAttention(&inspect.Attention{Token: 0, AttentionMap: &chat.AttentionMap{Pictures: [][]float32{{0.5}}}})
	if n, err := d.Save(v, filepath.Join(dir, "case.json"), Expectations(v)); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "case.json"))
	if err != nil {
		t.Fatal(err)
	}
	session, err := inspect.ReadSession(data)
	if err != nil || len(session.Expect) != 2 || session.Title != "Card, turn 1" || len(session.Looks) != 1 {
		t.Errorf("the case is %+v, %v", session, err)
	}
	if err := d.Page(v, filepath.Join(dir, "turn.html")); err != nil {
		t.Error(err)
	}
	if err := d.Page(v, filepath.Join(dir, "no", "such", "folder.html")); err == nil {
		t.Error("a page was written nowhere")
	}
	d.Engine = func() chat.Engine { return nil }
	if err := d.Continue(context.Background(), v, v.Again(0), func(int64) {}); err == nil || !strings.Contains(err.Error(), "no model is loaded") {
		t.Errorf("without a model: %v", err)
	}
}
