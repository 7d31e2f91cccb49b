package controller

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"sirocco/app/inspect"
	"sirocco/model/chat"
)

// abroad is an engine that answers like card, on another machine.
type abroad struct {
	card
	closed *bool
}

func (abroad) About() chat.About {
	return chat.About{Model: chat.ModelInfo{Name: "card on a server"}, Device: chat.DeviceInfo{Name: "gpu-box", Backend: "remote"}}
}
func (a abroad) Close() { *a.closed = true }
func (a abroad) Generate(ctx context.Context, r *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		for e, err := range a.card.Generate(ctx, r) {
			if e.Kind == chat.KindDone {
				e.Done.About = a.About()
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// Another turn is found by what was said in any conversation, and compared with.
func TestFindAndCompare(t *testing.T) {
	d, v := begin(t)
	var turn int64
	if err := d.Continue(context.Background(), v, v.Again(0), func(id int64) { turn = id }); err != nil {
		t.Fatal(err)
	}
	other := beginIn(t, d, "Another card", "How many people are there in France today?")
	found, err := d.Find(v, "")
	if err != nil || len(found) != 2 || found[0].ID != turn || found[1].ID != other.ID {
		t.Fatalf("without words %+v are listed, %v", found, err)
	}
	found, err = d.Find(v, "today people")
	if err != nil || len(found) != 1 || found[0].ID != other.ID || found[0].Title != "Another card" {
		t.Fatalf("%+v were found, %v", found, err)
	}
	with, err := d.Open(found[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, difference := range inspect.Compare(v.Turn, with.Turn) {
		if !difference.Same && difference.What != "time" {
			t.Errorf("only the question differs, but %+v", difference)
		}
	}
}

// A server is asked exactly what was asked here; its answer is a branch of its own,
// and the comparison says who answered where.
func TestElsewhere(t *testing.T) {
	d, v := begin(t)
	closed := false
	if reason := d.WhyNoServer(v); !strings.Contains(reason, "No server is known") {
		t.Errorf("without a server it says %q", reason)
	}
	d.Servers = func() []string { return []string{"http://gpu-box:8000"} }
	d.Connect = func(_ context.Context, address string) (chat.Engine, error) {
		if address != "http://gpu-box:8000" {
			return nil, errors.New("nobody answers there")
		}
		return abroad{closed: &closed}, nil
	}
	if reason := d.WhyNoServer(v); reason != "" {
		t.Errorf("with a server it says %q", reason)
	}
	var turn int64
	if err := d.AskServer(context.Background(), v, "http://gpu-box:8000", func(id int64) { turn = id }); err != nil || !closed {
		t.Fatal(err, closed)
	}
	other, err := d.Open(turn)
	if err != nil || other.Number != 2 || other.Text() != v.Text() || len(other.Request.Messages) != len(v.Request.Messages) || len(other.Calls()) != 1 {
		t.Fatalf("the server's turn is %+v, %v", other, err)
	}
	differ := map[string]bool{}
	for _, difference := range inspect.Compare(v.Turn, other.Turn) {
		differ[difference.What] = !difference.Same
	}
	if !differ["model"] || !differ["device"] || differ["words"] || differ["temperature"] {
		t.Errorf("what differs is %v", differ)
	}
	if err := d.AskServer(context.Background(), v, "http://elsewhere", func(int64) {}); err == nil || !strings.Contains(err.Error(), "asking http://elsewhere the same: nobody answers there") {
		t.Errorf("a server that is not there gave %v", err)
	}
	d.Connect = nil
	if err := d.AskServer(context.Background(), v, "http://gpu-box:8000", func(int64) {}); err == nil {
		t.Error("a server was asked that cannot be reached")
	}
}
