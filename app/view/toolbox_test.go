package view

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"sirocco/app/tools"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
)

// rates is a toolbox whose tool needs permission: it doubles what it is given, and
// waits for ever when that is 0.
func rates(t *testing.T) func(context.Context, ToolboxOptions) (*Toolbox, error) {
	tool := tools.Tool{
		Tool:   chat.Tool{Name: "double", Parameters: json.RawMessage(`{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}`)},
		Source: "command double",
		Run: func(ctx context.Context, c tools.Call) (tools.Output, error) {
			var given struct{ N int }
			if err := json.Unmarshal([]byte(c.Arguments), &given); err != nil {
				return tools.Output{}, err
			}
			if given.N == 0 {
				<-ctx.Done()
				return tools.Output{}, ctx.Err()
			}
			text, err := json.Marshal(2 * given.N)
			return tools.Output{Text: string(text)}, err
		},
	}
	permits, err := tools.OpenPermits(t.TempDir() + "/permits.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(context.Context, ToolboxOptions) (*Toolbox, error) {
		return &Toolbox{Set: tools.NewSet(tools.List(tools.Builtin()), tools.List{tool}), Permits: permits}, nil
	}
}

// asked sends a question and waits until a call needs a word.
func (d *testWindow) asked(question string) *Ask {
	d.t.Helper()
	d.until("the window is at rest", func() bool { return d.Answering == nil && d.loading == 0 })
	if !d.Send(question) {
		d.t.Fatalf("%q could not be asked", question)
	}
	d.until("a call needs permission", func() bool { return d.Last().Answer.Ask != nil })
	return d.Last().Answer.Ask
}

// over waits for the end of the answer.
func (d *testWindow) over() *Answer {
	d.t.Helper()
	d.until("the answer is over", func() bool { return d.Answering == nil })
	return d.Last().Answer
}

// valid checks that the conversation as it is on disk is shown as it stands, and
// that the chat template takes it with a further question.
func (d *testWindow) valid() {
	d.t.Helper()
	was, id := d.said(), d.Conversation
	d.NewChat()
	d.Open(id)
	d.until("it is open again", func() bool { return d.Conversation == id && d.loading == 0 })
	if d.said() != was {
		d.t.Errorf("read again %q is %q", was, d.said())
	}
	request := d.request(d.Messages)
	request.Messages = append(request.Messages, chat.Text(chat.User, "And now?"))
	tok, rule, err := miniatureVocabulary(Choice{})
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := chattemplate.Build(*request, tok, rule); err != nil {
		d.t.Errorf("after %q: %v", was, err)
	}
}

func TestCallAllowed(t *testing.T) {
	d := newTestWindowWith(t, t.TempDir(), rates(t))
	ask := d.asked(`call double {"n":21}`)
	if ask.Name != "double" || ask.Source != "command double" || ask.Arguments != "{\n  \"n\": 21\n}" || ask.Fault != "" {
		t.Errorf("it asks %+v", ask)
	}
	ask.Decide(chat.AllowOnce, ask.Arguments)
	a := d.over()
	if a.State != Finished || a.Ask != nil || a.Text != "42 " || len(a.Calls) != 1 {
		t.Fatalf("the answer is %+v", a)
	}
	if c := a.Calls[0]; !c.Done || c.Failed || !strings.HasPrefix(c.Line(), `double("n":21) → 42`) {
		t.Errorf("the call is told as %q", c.Line())
	}
	d.recorded()
	d.valid()
	if m := d.Last(); m.Turn == 0 || m.Answer.Calls[0].Result != "42" || len(d.Messages) != 2 {
		t.Errorf("read again it is %+v", m)
	}
	d.ask("further")
	if sent := d.engine.asked[2].Messages; len(sent) != 6 || sent[3].ToolCallID != sent[2].ToolCalls[0].ID {
		t.Errorf("the next request is %+v", sent)
	}
}

// recorded checks the turn as the inspector will see it.
func (d *testWindow) recorded() {
	d.t.Helper()
	session, err := d.store.Turn(d.Last().Turn)
	if err != nil {
		d.t.Fatal(err)
	}
	if told := session.Request.Tools; len(told) != 1 || told[0].Name != "double" {
		d.t.Errorf("the model is recorded to be told of %+v", told)
	}
	var kinds []string
	for _, e := range session.Events {
		kinds = append(kinds, string(e.Kind))
	}
	story := strings.Join(kinds, " ")
	for _, want := range []string{"round prompt tool_call message done approval approval tool_run tool_result message round", "message done"} {
		if !strings.Contains(story, want) {
			d.t.Errorf("the record %q lacks %q", story, want)
		}
	}
}

func TestCallDenied(t *testing.T) {
	d := newTestWindowWith(t, t.TempDir(), rates(t))
	ask := d.asked(`call double {"n":21}`)
	ask.Decide(chat.Deny, "not even JSON")
	a := d.over()
	if c := a.Calls[0]; a.State != Finished || !c.Failed || !strings.Contains(a.Text, "the user did not allow it") {
		t.Errorf("the answer is %q, its call %+v", a.Text, c)
	}
	d.valid()
}

// Edited arguments are checked, and asked about again when they do not fit.
func TestCallEdited(t *testing.T) {
	d := newTestWindowWith(t, t.TempDir(), rates(t))
	first := d.asked(`call double {"n":21}`)
	first.Decide(chat.AllowOnce, `{"n":"many"}`)
	d.until("it is asked again", func() bool { a := d.Last().Answer.Ask; return a != nil && a != first })
	again := d.Last().Answer.Ask
	if again.Fault == "" || !strings.Contains(again.Arguments, "many") {
		t.Errorf("it asks again %+v", again)
	}
	again.Decide(chat.AllowOnce, `{"n":4}`)
	a := d.over()
	if c := a.Calls[0]; c.Arguments != `{"n":4}` || !strings.HasPrefix(c.Line(), `double("n":4) → 8`) || !strings.HasSuffix(strings.TrimSpace(a.Text), "8") {
		t.Errorf("the answer is %q, its call %+v", a.Text, c)
	}
	d.valid()
}

// Stopping ends a call that is asked about and one that runs.
func TestCallCancelled(t *testing.T) {
	d := newTestWindowWith(t, t.TempDir(), rates(t))
	d.asked(`call double {"n":21}`)
	d.Stop()
	if a := d.over(); a.State != Stopped || a.Ask != nil || len(d.engine.asked) != 1 {
		t.Errorf("stopped while asked: %+v", a)
	}
	d.valid()
	d.asked(`call double {"n":0}`).Decide(chat.AllowOnce, "")
	d.until("it runs", func() bool { return strings.HasPrefix(d.Last().Answer.Doing, "Running") })
	d.Stop()
	if a := d.over(); a.State != Stopped || !a.Calls[0].Failed {
		t.Errorf("stopped while it ran: %+v", a)
	}
	d.valid()
}

// What is allowed for a conversation holds there and nowhere else; what is allowed
// always holds everywhere.
func TestStandingPermission(t *testing.T) {
	d := newTestWindowWith(t, t.TempDir(), rates(t))
	d.asked(`call double {"n":1}`).Decide(chat.AllowConversation, "")
	d.over()
	if a := d.ask(`call double {"n":2}`).Answer; a.Text != "4 " {
		t.Errorf("within the conversation: %q", a.Text)
	}
	id := d.Conversation
	d.NewChat()
	d.asked(`call double {"n":3}`).Decide(chat.Deny, "")
	d.over()
	d.Open(id)
	d.until("the first is open again", func() bool { return d.Conversation == id && d.loading == 0 })
	if a := d.ask(`call double {"n":4}`).Answer; a.Text != "8 " {
		t.Errorf("back in the conversation: %q", a.Text)
	}
	d.NewChat()
	d.asked(`call double {"n":5}`).Decide(chat.AllowAlways, "")
	d.over()
	d.NewChat()
	if a := d.ask(`call double {"n":6}`).Answer; a.Text != "12 " {
		t.Errorf("allowed always: %q", a.Text)
	}
}

// The built-in tools are told of when the settings say so.
func TestBuiltinTools(t *testing.T) {
	d := newTestWindowWith(t, t.TempDir(), rates(t))
	d.ask("one")
	d.Settings.Builtin = true
	a := d.ask(`call calculator {"expression":"6*7"}`).Answer
	if off, on := d.engine.asked[0].Tools, d.engine.asked[1].Tools; len(off) != 1 || len(on) != 3 {
		t.Errorf("told of %d tools, then of %d", len(off), len(on))
	}
	if strings.TrimSpace(a.Text) != "42" {
		t.Errorf("the answer is %+v", a)
	}
}

// A program that dies in a call leaves a conversation that can be asked further.
func TestLostResultIsSaid(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.ask(`call double {"n":1}`)
	d.valid()
	if said := d.Last().text; len(said) != 2 || said[1].Role != chat.ToolRole {
		t.Errorf("it is sent back as %+v", said)
	}
}
