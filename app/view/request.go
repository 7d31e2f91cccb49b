package view

import (
	"time"

	"sirocco/model/chat"
)

// request is the conversation as the engine is asked it, without answers that
// failed before their first word.
func (w *Window) request(messages []*Message) *chat.Request {
	preset := w.Preset()
	r := &chat.Request{Sampling: preset.Sampling(), MaxTokens: preset.MaxTokens, Logprobs: w.alternatives}
	if system := w.system(); system != "" {
		r.Messages = append(r.Messages, chat.SystemMessage(system))
	}
	for _, m := range messages[min(w.skip, max(0, len(messages)-1)):] {
		if m.Role == chat.User {
			r.Messages = append(r.Messages, chat.Message{Role: chat.User, Parts: m.parts(), PartList: true})
		} else if len(m.text) > 0 {
			r.Messages = append(r.Messages, m.text...)
		} else if m.Answer != nil && m.Answer.Text != "" {
			r.Messages = append(r.Messages, chat.Text(chat.Assistant, m.Answer.Text))
		}
	}
	return r
}

// system is the system prompt: the user's own, or the recommended one.
func (w *Window) system() string {
	switch preset := w.Preset(); preset.SystemMode {
	case SystemOwn:
		return preset.System
	case SystemNone:
		return ""
	}
	return w.recommendation()
}

// recommended is a model's own system prompt as it reads on a day. Looking it up
// touches the disk, and it is needed at every key that is pressed.
type recommended struct {
	choice    Choice
	name, day string
	text      string
}

func (w *Window) recommendation() string {
	now := recommended{choice: w.Host.Choice, name: w.Host.About.Model.Name, day: w.now().Format(time.DateOnly)}
	if old := w.advice; old.choice != now.choice || old.name != now.name || old.day != now.day {
		now.text = w.engines.System(now.choice, now.name)
		w.advice = now
	}
	return w.advice.text
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
