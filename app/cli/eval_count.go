package cli

import (
	"context"
	"iter"
	"sync/atomic"

	"sirocco/model/chat"
)

// counted counts the tokens an engine generates.
type counted struct {
	chat.Engine
	made atomic.Int64
}

// Generate counts at the end of every answer.
func (c *counted) Generate(ctx context.Context, request *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		for event, err := range c.Engine.Generate(ctx, request) {
			if event.Kind == chat.KindDone {
				c.made.Add(int64(event.Done.Usage.CompletionTokens))
			}
			if !yield(event, err) {
				return
			}
		}
	}
}

func (c *counted) tokens() int { return int(c.made.Load()) }
