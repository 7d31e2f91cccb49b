// Package controller is what the inspector does with the history: it opens turns and
// follows those that still run, runs a call again, goes on from an edited call or
// token as a new branch that is recorded like any other turn, and saves turns as
// files. The window shows it; tests drive one without a window. Open this
// file first, then branch.go.
package controller

import (
	"context"
	"fmt"
	"time"

	"sirocco/app/history"
	"sirocco/app/inspect"
	"sirocco/app/tools"
	"sirocco/model/chat"
)

// Controller is a history with somebody to ask.
type Controller struct {
	Store *history.Store
	// Engine is what answers now, nil while nothing does.
	Engine func() chat.Engine
	// Tools are those that can be run here, and Approver decides about running
	// one; both may be nil. Tools may take a while the first time.
	Tools    func() *tools.Set
	Approver tools.Approver
	// Servers are the addresses that the same can be asked of, and Connect opens one;
	// both may be nil.
	Servers func() []string
	Connect func(ctx context.Context, address string) (chat.Engine, error)
	// Words is the vocabulary of what answers now; it may return nil.
	Words func() inspect.Vocabulary
}

// TurnView is an opened turn.
type TurnView struct {
	*inspect.Turn
	ID, Conversation int64
	Parent           int64 // the message that was answered
	Title            string
	Number           int // of the turn in its conversation, from 1
	Created          time.Time
	Live             bool
	Before           []int32 // the prompt of the turn before, nil for none
	Events           []chat.Timed
}

// Latest is the newest turn of a conversation, 0 for none.
func (d *Controller) Latest(conversation int64) (int64, error) {
	ids, err := d.Store.Turns(conversation)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return ids[len(ids)-1], nil
}

// Open reads a turn.
func (d *Controller) Open(turn int64) (*TurnView, error) {
	session, err := d.Store.Turn(turn)
	if session == nil {
		return nil, err
	}
	v := &TurnView{Turn: inspect.New(session.Request), ID: turn, Conversation: session.Conversation, Parent: session.Parent, Created: session.Created, Live: !session.Ended}
	for _, e := range session.Events {
		v.Add(e)
	}
	v.Events = session.Events
	conversation, err := d.Store.Conversation(v.Conversation)
	if err != nil {
		return nil, err
	}
	v.Title = conversation.Title
	ids, err := d.Store.Turns(v.Conversation)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		if id == turn {
			v.Number = i + 1
		}
	}
	v.Before, err = d.promptBefore(turn)
	if err == nil {
		_, err = d.Follow(v)
	}
	return v, err
}

// promptBefore is the first prompt of the turn before, to show what is new.
func (d *Controller) promptBefore(turn int64) ([]int32, error) {
	_, before, err := d.Store.Owner(turn)
	if err != nil || before == 0 {
		return nil, err
	}
	session, err := d.Store.Turn(before)
	if session == nil {
		return nil, err
	}
	return inspect.PromptOf(inspect.FromEvents(session.Request, session.Events), 0), nil
}

// Follow takes in what has happened since; changed says whether anything has.
func (d *Controller) Follow(v *TurnView) (changed bool, err error) {
	if !v.Live {
		return false, nil
	}
	events, ended, err := d.Store.Tail(v.ID, len(v.Events))
	if err != nil {
		return false, fmt.Errorf("the inspector: %w", err)
	}
	for _, e := range events {
		v.Add(e)
	}
	v.Events = append(v.Events, events...)
	changed = len(events) > 0 || ended
	v.Live = !ended
	return changed, nil
}
