package view

import (
	"slices"

	"sirocco/app/history"
	"sirocco/model/chat"
)

// What one question led to is several messages in the history: a call, its
// results, the words. The window shows them as one answer.

// turns are saved messages in groups: a question each, and an answer each with
// its calls and their results.
func turns(stored []history.Message) (groups [][]history.Message) {
	for _, s := range stored {
		n := len(groups) - 1
		if n >= 0 && belongs(groups[n], s) {
			groups[n] = append(groups[n], s)
		} else if s.Role != chat.ToolRole { // a result without its call has no place
			groups = append(groups, []history.Message{s})
		}
	}
	return groups
}

// belongs tells whether a message goes on with a group: a result, the words after
// it, the pictures that a tool returned.
func belongs(group []history.Message, s history.Message) bool {
	first, last := group[0], group[len(group)-1]
	switch {
	case first.Role != chat.Assistant:
		return false
	case s.Role == chat.ToolRole, s.Turn != 0 && s.Turn == last.Turn:
		return true
	}
	return last.Role == chat.ToolRole && s.Role == chat.Assistant
}

// shown turns saved messages into shown ones.
func shown(stored []history.Message) (messages []*Message) {
	for _, group := range turns(stored) {
		m := &Message{Role: group[0].Role}
		m.place(group)
		if m.Role == chat.Assistant {
			m.Answer = recalled(group)
		} else {
			m.fill(group[0].Parts)
		}
		messages = append(messages, m)
	}
	return messages
}

// place takes over a message's place in the saved tree.
func (m *Message) place(group []history.Message) {
	s := group[0]
	m.ID, m.Parent, m.Other = s.ID, s.Parent, s.Siblings
	m.Turn = group[len(group)-1].Turn
	m.Versions = len(s.Siblings)
	m.Version = slices.Index(s.Siblings, s.ID) + 1
	m.lastEvent = group[len(group)-1].ID
	m.text = nil
	if m.Role == chat.Assistant && slices.ContainsFunc(group, func(s history.Message) bool { return len(s.ToolCalls) > 0 }) {
		m.text = whole(group)
	}
}

// whole is an answer with calls as it is sent back: each call has a result, even
// if the program died before it came.
func whole(group []history.Message) (said []chat.Message) {
	var open []chat.ToolCall
	settle := func() {
		for _, c := range open {
			lost := chat.Text(chat.ToolRole, "this call was not run: the program ended before")
			lost.ToolCallID, lost.Name = c.ID, c.Name
			said = append(said, lost)
		}
		open = nil
	}
	for _, s := range group {
		if s.Role == chat.ToolRole {
			open = slices.DeleteFunc(open, func(c chat.ToolCall) bool { return c.ID == s.ToolCallID })
		} else {
			settle()
			open = slices.Clone(s.ToolCalls)
		}
		said = append(said, s.Message)
	}
	settle()
	return said
}

// end is the message of the tree that what comes next follows.
func (m *Message) end() int64 {
	if m.lastEvent != 0 {
		return m.lastEvent
	}
	return m.ID
}

// recalled is an answer of an earlier day.
func recalled(group []history.Message) *Answer {
	a := &Answer{State: Finished}
	round := -1
	for _, s := range group {
		switch s.Role {
		case chat.Assistant:
			if s.Turn != 0 { // else a person went on from a result in the inspector
				round++
			}
			a.recall(s, round)
		case chat.ToolRole:
			a.apply(s.Message)
		case chat.User: // what tools have shown
			for _, p := range s.Parts {
				if p.Image != nil {
					a.Shown = append(a.Shown, p.Image)
				}
			}
		}
	}
	a.Blocks.Append(a.Text)
	a.Blocks.End()
	if a.Finish == chat.FinishCancelled || a.Finish == history.Interrupted {
		a.State = Stopped
	}
	return a
}

// recall adds what was said in one round.
func (a *Answer) recall(s history.Message, round int) {
	a.Finish = s.Finish
	if a.Text != "" && len(s.Parts) > 0 {
		a.Text += "\n\n"
	}
	for _, p := range s.Parts {
		a.Text += p.Text
	}
	for i, c := range s.ToolCalls {
		a.Calls = append(a.Calls, Call{ID: c.ID, Name: c.Name, Arguments: c.Arguments, Done: true, Round: round, Index: i})
	}
}

// apply takes in the result of the latest call of its id.
func (a *Answer) apply(result chat.Message) {
	for i := len(a.Calls) - 1; i >= 0; i-- {
		if a.Calls[i].ID == result.ToolCallID && len(result.Parts) > 0 {
			a.Calls[i].Result = result.Parts[0].Text
			return
		}
	}
}
