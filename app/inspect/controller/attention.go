package controller

import (
	"context"
	"errors"

	"sirocco/app/inspect"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// Attention asks what answers now where it looked when it chose a token of a turn that is
// over. The position is replayed, which takes as long as reading what is not in the
// cache any more. Round.Keep keeps the answer.
func (d *Controller) Attention(ctx context.Context, v *TurnView, round, token int) (*inspect.Attention, error) {
	if reason := d.WhyNoAttention(v, round); reason != "" {
		return nil, errors.New(reason)
	}
	request, ids, err := v.AttentionRequest(round, token)
	if err != nil {
		return nil, err
	}
	look, err := d.Engine().(chat.AttentionProvider).Attention(ctx, request, ids)
	if err != nil {
		return nil, err
	}
	return &inspect.Attention{Token: token, AttentionMap: look}, nil
}

// WhyNoAttention is why nobody can tell where the model looked in a round, "" where it can be
// asked.
func (d *Controller) WhyNoAttention(v *TurnView, round int) string {
	switch {
	case v.Live:
		return i18n.T("The answer is still being made.")
	case round >= len(v.Rounds) || v.Rounds[round].Prompt == nil:
		return i18n.T("The tokens of this prompt are not known, so no position can be replayed.")
	case len(v.Rounds[round].Prompt.Images) == 0:
		return i18n.T("There is no picture in this prompt.")
	case len(v.Rounds[round].Tokens) == 0:
		return i18n.T("The tokens of this answer are not known, so no position can be replayed.")
	case d.Engine == nil || d.Engine() == nil:
		return i18n.T("No model is loaded that could be asked where it looked.")
	}
	engine := d.Engine()
	if _, ok := engine.(chat.AttentionProvider); !ok {
		return i18n.T("A server answers here, and no server tells where its model looked. Choose a model on this machine.")
	}
	if now := engine.About().Model.Name; v.About.Model.Name != "" && now != v.About.Model.Name {
		return i18n.T("%s answered this, and %s is loaded: only the model that answered can say where it looked.", v.About.Model.Name, now)
	}
	return ""
}
