package history

import (
	"errors"
	"reflect"
	"testing"

	"sirocco/model/chat"
)

func text(s string) chat.Event { return chat.Event{Kind: chat.KindText, Text: s} }

func record(t testing.TB, s *Store, request *chat.Request, events ...chat.Event) (conversation int64, r *Recording) {
	t.Helper()
	conversation = must(s.New(Preset{}))(t)
	question := must(s.Append(conversation, 0, request.Messages[len(request.Messages)-1]))(t)
	r = must(s.Record(conversation, question, request))(t)
	for _, e := range events {
		if err := r.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	return conversation, r
}

// An engine alone says its answer in pieces and a sum; the turn gives request
// and events back as they were, tokens told once.
func TestTurnOfAnEngine(t *testing.T) {
	s := open(t, t.TempDir())
	request := &chat.Request{Messages: []chat.Message{{Role: chat.User, PartList: true, Parts: []chat.Part{
		{Image: &chat.Image{Name: "a.png", Data: []byte("pixels")}}, {Text: "What?"}}}}, Sampling: chat.Sampling{Temperature: 0.3, Seed: 7}}
	token := chat.Token{Candidate: chat.Candidate{ID: 5, Text: "A circle.", Logprob: -0.5}, Forbidden: 2}
	done := &chat.Done{Text: "A circle.", FinishReason: chat.FinishStop, Tokens: []chat.Token{token}}
	conversation, r := record(t, s, request, chat.Event{Kind: chat.KindToken, Token: &token}, text("A circle."), chat.Event{Kind: chat.KindDone, Done: done})
	live := must(s.Turn(r.ID()))(t)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	kept := must(s.Turn(r.ID()))(t)
	if live.Ended || !kept.Ended {
		t.Error("a turn does not know whether it is over")
	}
	live.Ended = true
	if !reflect.DeepEqual(live, kept) {
		t.Errorf("live %+v, kept %+v", live, kept)
	}
	if !reflect.DeepEqual(kept.Request, request) || len(kept.Events) != 3 || kept.Events[0].Token.Forbidden != 2 || len(kept.Events[2].Done.Tokens) != 0 {
		t.Errorf("the turn came back as %+v", kept)
	}
	shown := must(s.Messages(conversation))(t)
	if got := words(shown); !reflect.DeepEqual(got, []string{"What?", "A circle."}) || shown[1].Finish != chat.FinishStop || shown[1].Turn != r.ID() {
		t.Errorf("the conversation is %q, %+v", got, shown[len(shown)-1])
	}
}

// A tool loop names its messages itself; they are not made twice.
func TestTurnOfAToolLoop(t *testing.T) {
	s := open(t, t.TempDir())
	call := chat.ToolCall{ID: "a1B2c3D4e", Name: "clock", Arguments: "{}"}
	calling := chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{call}}
	result := chat.Message{Role: chat.ToolRole, ToolCallID: call.ID, Name: "clock", Parts: []chat.Part{{Text: "noon"}}}
	shot := chat.Message{Role: chat.User, PartList: true, Parts: []chat.Part{{Image: &chat.Image{Name: "clock", Data: []byte("face")}}}}
	final := chat.Text(chat.Assistant, "It is noon.")
	conversation, r := record(t, s, &chat.Request{Messages: []chat.Message{chat.Text(chat.User, "Time?")}},
		chat.Event{Kind: chat.KindRound, Round: &chat.Round{}},
		chat.Event{Kind: chat.KindCall, Call: &chat.CallDelta{ID: call.ID, Name: "clock", Arguments: "{}", Complete: true}},
		chat.Event{Kind: chat.KindDone, Done: &chat.Done{FinishReason: chat.FinishToolCalls, ToolCalls: []chat.ToolCall{call}}},
		chat.Event{Kind: chat.KindMessage, Message: &calling},
		chat.Event{Kind: chat.KindResult, Result: &chat.Result{Text: "noon", Pictures: []chat.Image{{Name: "clock", Data: []byte("face")}}}},
		chat.Event{Kind: chat.KindMessage, Message: &result},
		chat.Event{Kind: chat.KindMessage, Message: &shot},
		chat.Event{Kind: chat.KindRound, Round: &chat.Round{Index: 1}},
		text("It is noon."),
		chat.Event{Kind: chat.KindMessage, Message: &final},
		chat.Event{Kind: chat.KindDone, Done: &chat.Done{Text: "It is noon.", FinishReason: chat.FinishStop}})
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	shown := must(s.Messages(conversation))(t)
	want := []chat.Message{chat.Text(chat.User, "Time?"), calling, result, shot, final}
	if len(shown) != len(want) {
		t.Fatalf("the conversation is %q", words(shown))
	}
	for i, m := range shown {
		if !reflect.DeepEqual(m.Message, want[i]) {
			t.Errorf("message %d is %+v, want %+v", i, m.Message, want[i])
		}
	}
	if shown[1].Finish != chat.FinishToolCalls || shown[4].Finish != chat.FinishStop {
		t.Errorf("the answers ended by %q and %q", shown[1].Finish, shown[4].Finish)
	}
	if e := must(s.Turn(r.ID()))(t).Events[4]; string(e.Result.Pictures[0].Data) != "face" {
		t.Errorf("a result's picture came back as %q", e.Result.Pictures[0].Data)
	}
}

// A token whose words never came, as the last one's, is kept when the turn ends.
func TestTokenWithoutWords(t *testing.T) {
	s := open(t, t.TempDir())
	_, r := record(t, s, &chat.Request{Messages: []chat.Message{chat.Text(chat.User, "Hm?")}}, text("Yes"), chat.Event{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{ID: 2}}})
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if turn := must(s.Turn(r.ID()))(t); len(turn.Events) != 2 || turn.Events[1].Token.ID != 2 {
		t.Errorf("kept %+v", turn.Events)
	}
}

// An engine that fails in mid-answer leaves what it said.
func TestTurnWithoutAnEnd(t *testing.T) {
	s := open(t, t.TempDir())
	conversation, r := record(t, s, &chat.Request{Messages: []chat.Message{chat.Text(chat.User, "Hm?")}}, text("Half "), text("an ans"))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	shown := must(s.Messages(conversation))(t)
	if got := words(shown); got[1] != "Half an ans" || shown[1].Finish != chat.FinishCancelled {
		t.Errorf("the conversation is %q", got)
	}
}

// Recording must not slow decoding down: BenchmarkAdd is the cost of a token and its
// word.
func BenchmarkAdd(b *testing.B) {
	s := open(b, b.TempDir())
	_, r := record(b, s, &chat.Request{Messages: []chat.Message{chat.Text(chat.User, "Hm?")}})
	token := chat.Event{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{ID: 5, Text: "word", Logprob: -1.5}}}
	for b.Loop() {
		if err := errors.Join(r.Add(token), r.Add(text("word"))); err != nil {
			b.Fatal(err)
		}
	}
}
