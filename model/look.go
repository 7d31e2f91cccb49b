package model

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sirocco/gpu/op"
	"sirocco/model/chat"
	"sirocco/model/prompt"
)

// Look replays the position behind ids and tells what it attended to (see
// [chat.Looker]). What of ids a seat still holds is not read again.
func (m *Model) Look(ctx context.Context, request *chat.Request, ids []int32) (*chat.Look, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.device == nil {
		return nil, errors.New("the model has been closed")
	}
	g := &generation{Model: m, ctx: ctx, request: request, yield: func(chat.Event, error) bool { return true }}
	defer g.leave()
	if err := g.recall(ids); err != nil {
		return nil, fmt.Errorf("looking back: %w", err)
	}
	weights, err := g.look(ids)
	if err != nil {
		return nil, fmt.Errorf("looking back: %w", err)
	}
	return g.pictured(weights), nil
}

// recall makes the prompt again and checks that it is the one that was answered.
func (g *generation) recall(ids []int32) (err error) {
	if g.vision == nil || !g.request.HasPicture() {
		return errors.New("there is no picture to look at")
	}
	if g.prompt, err = prompt.Build(*g.request, g.tok, g.rule); err != nil {
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

// look reads all but the last token, then that one, watched.
func (g *generation) look(ids []int32) ([]float32, error) {
	if err := g.sit(); err != nil {
		return nil, err
	}
	if err := g.read(); err != nil {
		return nil, err
	}
	g.turn.Lock()
	defer g.turn.Unlock()
	weights, err := g.text.Look(g.ctx, ids[len(ids)-1])
	if err == nil {
		g.seat.held.ids = ids
	}
	return weights, err
}

// pictured picks the weights of each picture's patches.
func (g *generation) pictured(weights []float32) *chat.Look {
	look := &chat.Look{}
	for _, image := range g.prompt.Images {
		patches := []float32{}
		for i, row := range places(image.Grid) {
			if row != op.Keep {
				patches = append(patches, weights[image.Start+i])
			}
		}
		look.Pictures = append(look.Pictures, patches)
	}
	return look
}
