package view

import (
	"sirocco/app/history"
	"sirocco/model/chat"
)

// request is the conversation as the engine is asked it, without answers that
// failed before their first word.
func (w *Window) request(messages []*Message) *chat.Request {
	r := &chat.Request{Sampling: w.Settings.Sampling(), MaxTokens: w.Settings.MaxTokens, Logprobs: w.alternatives}
	if system := w.system(); system != "" {
		r.Messages = append(r.Messages, chat.Text(chat.System, system))
	}
	for _, m := range messages[min(w.skip, max(0, len(messages)-1)):] {
		if m.Role == chat.User {
			r.Messages = append(r.Messages, chat.Message{Role: chat.User, Parts: m.parts(), PartList: true})
		} else if len(m.said) > 0 {
			r.Messages = append(r.Messages, m.said...)
		} else if m.Answer != nil && m.Answer.Text != "" {
			r.Messages = append(r.Messages, chat.Text(chat.Assistant, m.Answer.Text))
		}
	}
	return r
}

// system is the system prompt: the user's own, or the recommended one.
func (w *Window) system() string {
	switch w.Settings.SystemMode {
	case SystemOwn:
		return w.Settings.System
	case SystemNone:
		return ""
	}
	return w.engines.System(w.Host.Choice, w.Host.About.Model.Name)
}

// parts is a question as it is sent.
func (m *Message) parts() (parts []chat.Part) {
	for _, p := range m.Pictures {
		parts = append(parts, chat.Part{Image: p})
	}
	for _, f := range m.Files {
		parts = append(parts, chat.Part{Text: filePart(f)})
	}
	if m.Text != "" {
		parts = append(parts, chat.Part{Text: m.Text})
	}
	return parts
}

// fill takes a question's parts apart.
func (m *Message) fill(parts []chat.Part) {
	for i, p := range parts {
		if p.Image != nil {
			m.Pictures = append(m.Pictures, p.Image)
			continue
		}
		if f, ok := parseFilePart(p.Text); ok && i+1 < len(parts) {
			m.Files = append(m.Files, f)
			continue
		}
		if m.Text != "" {
			m.Text += "\n"
		}
		m.Text += p.Text
	}
}

// place takes over a message's place in the saved tree.
func (m *Message) place(s history.Message) {
	m.ID, m.Parent, m.Other = s.ID, s.Parent, s.Siblings
	m.Versions = len(s.Siblings)
	for i, id := range s.Siblings {
		if id == s.ID {
			m.Version = i + 1
		}
	}
}

// shown turns saved messages into shown ones.
func shown(stored []history.Message) (messages []*Message) {
	for _, s := range stored {
		if s.Role == chat.ToolRole {
			if n := len(messages); n > 0 {
				messages[n-1].hear(s.Message, s.ID)
			}
			continue
		}
		m := &Message{Role: s.Role}
		m.place(s)
		if s.Role == chat.Assistant {
			m.Answer = recalled(s)
			if len(s.ToolCalls) > 0 {
				m.said = []chat.Message{s.Message}
			}
		} else {
			m.fill(s.Parts)
		}
		messages = append(messages, m)
	}
	return messages
}

// end is the message of the tree that what comes next follows.
func (m *Message) end() int64 {
	if m.heard != 0 {
		return m.heard
	}
	return m.ID
}

// hear takes the result of a call into the answer that made it.
func (m *Message) hear(result chat.Message, id int64) {
	m.heard = id
	m.said = append(m.said, result)
	if m.Answer == nil || len(result.Parts) == 0 {
		return
	}
	for i := range m.Answer.Calls {
		if m.Answer.Calls[i].ID == result.ToolCallID {
			m.Answer.Calls[i].Result = result.Parts[0].Text
		}
	}
}

// recalled is an answer of an earlier day.
func recalled(s history.Message) *Answer {
	a := &Answer{State: Finished, Finish: s.Finish}
	for _, p := range s.Parts {
		a.Text += p.Text
	}
	for _, c := range s.ToolCalls {
		a.Calls = append(a.Calls, Call{ID: c.ID, Name: c.Name, Arguments: c.Arguments, Done: true})
	}
	a.Blocks.Append(a.Text)
	a.Blocks.End()
	if s.Finish == chat.FinishCancelled || s.Finish == history.Interrupted {
		a.State = Stopped
	}
	return a
}
