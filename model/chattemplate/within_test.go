package chattemplate

import (
	"context"
	"errors"
	"strings"
	"testing"

	"sirocco/model/chat"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer/tekkentest"
)

// leaving is a context that ends after it was asked so many times.
type leaving struct {
	context.Context
	asked, stays int
}

func (l *leaving) Err() error {
	if l.asked++; l.asked > l.stays {
		return context.Canceled
	}
	return nil
}

// A text that cannot fit is not encoded whole, and one that nobody waits for any more
// is left within a stretch, on every kind of message.
func TestBuildWithin(t *testing.T) {
	tok := tekkentest.Version(t, "v11")
	long := strings.Repeat("word ", 200_000)
	for name, messages := range map[string][]chat.Message{
		"user":      {chat.Text(chat.User, long)},
		"system":    {chat.Text(chat.System, long), chat.Text(chat.User, "u")},
		"assistant": {chat.Text(chat.User, "u"), chat.Text(chat.Assistant, long), chat.Text(chat.User, "v")},
		"one piece": {chat.Text(chat.User, strings.Repeat("a", 1<<20))},
		"many":      {chat.Text(chat.User, long), chat.Text(chat.Assistant, long), chat.Text(chat.User, long)},
	} {
		var tooLong *TooLongError
		if _, err := BuildWithin(context.Background(), chat.Request{Messages: messages}, tok, imageproc.Rule{}, 1000); !errors.As(err, &tooLong) || tooLong.Max != 1000 {
			t.Errorf("%s: got %v", name, err)
		}
		left := &leaving{Context: context.Background(), stays: 3}
		if _, err := BuildWithin(left, chat.Request{Messages: messages}, tok, imageproc.Rule{}, 1<<40); name != "one piece" && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: the client left, got %v", name, err)
		}
		if left.asked > left.stays+1 {
			t.Errorf("%s: the work went on for %d stretches after the client had left", name, left.asked-left.stays-1)
		}
	}
	p, err := BuildWithin(context.Background(), chat.Request{Messages: []chat.Message{chat.Text(chat.User, "Hello")}}, tok, imageproc.Rule{}, 1000)
	if err != nil || len(p.IDs) < 3 {
		t.Errorf("a short one: %v, %v", p, err)
	}
}
