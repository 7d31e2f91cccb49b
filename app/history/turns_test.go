package history

import (
	"testing"

	"sirocco/model/chat"
)

// Turns are found by the words of question and answer and by the title, newest first;
// without words those of the conversation at hand come first.
func TestFindTurns(t *testing.T) {
	s := open(t, t.TempDir())
	ask := func(conversation int64, question, answer string) int64 {
		parent := must(s.Append(conversation, 0, chat.Text(chat.User, question)))(t)
		r := must(s.Record(conversation, parent, &chat.Request{}))(t)
		if err := r.Add(chat.Event{Kind: chat.KindText, Text: answer}); err != nil {
			t.Fatal(err)
		}
		if err := r.Add(chat.Event{Kind: chat.KindDone, Done: &chat.Done{Text: answer, FinishReason: chat.FinishStop}}); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		return r.ID()
	}
	begin := func(title string) int64 {
		id := must(s.New(Preset{}))(t)
		if err := s.Rename(id, title); err != nil {
			t.Fatal(err)
		}
		return id
	}
	ships, invoices := begin("Ships"), begin("Invoices")
	sail := ask(ships, "Which wind fills a sail?", "The sirocco.")
	mast := ask(ships, "How tall is a mast?", "Forty metres.")
	sum := ask(invoices, "Which sum is wrong?", "The second one.")
	for _, c := range []struct {
		query string
		first int64
		want  []int64
	}{
		{"", ships, []int64{mast, sail, sum}},
		{"", invoices, []int64{sum, mast, sail}},
		{"sirocco", 0, []int64{sail}},
		{"TALL mast", 0, []int64{mast}},
		{"ships", 0, []int64{mast, sail}},
		{"which", 0, []int64{sum, sail}},
		{"nowhere said", 0, nil},
	} {
		found := must(s.FindTurns(c.query, c.first))(t)
		ids := []int64{}
		for _, a := range found {
			ids = append(ids, a.ID)
		}
		if len(ids) != len(c.want) {
			t.Errorf("%q found %v, want %v", c.query, ids, c.want)
			continue
		}
		for i := range ids {
			if ids[i] != c.want[i] {
				t.Errorf("%q found %v, want %v", c.query, ids, c.want)
			}
		}
	}
	if got := must(s.FindTurns("mast", 0))(t)[0]; got.Title != "Ships" || got.Number != 2 || got.Question != "How tall is a mast?" || got.Answer != "Forty metres." || got.Created.IsZero() {
		t.Errorf("the line says %+v", got)
	}
	if err := s.Delete(ships); err != nil {
		t.Fatal(err)
	}
	if found := must(s.FindTurns("", 0))(t); len(found) != 1 {
		t.Errorf("a deleted conversation is listed: %+v", found)
	}
}
