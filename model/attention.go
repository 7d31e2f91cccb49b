package model

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sirocco/gpu/op"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
)

// Attention replays the position behind ids and tells what it attended to (see
// [chat.Looker]). What of ids a slot still holds is not read again.
func (m *Model) Attention(ctx context.Context, request *chat.Request, ids []int32) (*chat.AttentionMap, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.device == nil {
		return nil, errors.New("the model has been closed")
	}
	g := &generation{Model: m, ctx: ctx, request: request, yield: func(chat.Event, error) bool { return true }}
	defer g.releaseSlot()
	if err := g.prefillForAttention(ids); err != nil {
		return nil, fmt.Errorf("looking back: %w", err)
	}
	weights, err := g.attention(ids)
	if err != nil {
		return nil, fmt.Errorf("looking back: %w", err)
	}
	return g.pictured(weights), nil
}

// prefillForAttention makes the prompt again and checks that it is the one that was answered.
func (g *generation) prefillForAttention(ids []int32) (err error) {
	if g.vision == nil || !g.request.HasPicture() {
		return errors.New("there is no picture to look at")
	}
	if g.prompt, err = chattemplate.Build(*g.request, g.tok, g.rule); err != nil {
		return err
	}
	known := g.prompt.IDs
	if len(ids) < len(known) || !slices.Equal(ids[:len(known)], known) {
		return fmt.Errorf("this model makes other tokens of the question (%d) than it was asked with; the answer was made by another model, or with other settings", len(known))
	}
	g.prompt.IDs = ids[:len(ids)-1]
	g.next = prefixOf(g.prompt)
	return nil
}

// attention reads all but the last token, then that one, watched.
func (g *generation) attention(ids []int32) ([]float32, error) {
	if err := g.acquireSlot(); err != nil {
		return nil, err
	}
	if err := g.prefill(); err != nil {
		return nil, err
	}
	g.deviceLock.Lock()
	defer g.deviceLock.Unlock()
	weights, err := g.decoder.Attention(g.ctx, ids[len(ids)-1])
	if err == nil {
		g.slot.cached.ids = ids
	}
	return weights, err
}

// pictured picks the weights of each picture's patches.
func (g *generation) pictured(weights []float32) *chat.AttentionMap {
	look := &chat.AttentionMap{}
	for _, image := range g.prompt.Images {
		patches := []float32{}
		for i, row := range places(image.Grid) {
			if row != op.NoRow {
				patches = append(patches, weights[image.Start+i])
			}
		}
		look.Pictures = append(look.Pictures, patches)
	}
	return look
}
