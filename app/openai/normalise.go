package openai

import (
	"fmt"
	"strings"

	"sirocco/model/chat"
)

// developer is OpenAI's newer word for the system.
const developer chat.Role = "developer"

// knownRole is the template's word for a role.
func knownRole(role chat.Role) chat.Role {
	if role == developer {
		return chat.System
	}
	return role
}

// notice remembers what was left out of a request or moved in it.
func (r *Request) notice(format string, args ...any) {
	r.Notices = append(r.Notices, fmt.Sprintf(format, args...))
}

// normaliseWith makes a conversation that the published APIs allow one that the
// chat template takes. Every route shares it.
func (r *Request) normaliseWith(opts Options) func(object) error {
	return func(object) error {
		if opts.Lenient {
			r.nameCalls()
			r.dropEmpty()
			r.placeSystem()
			r.beginWithUser()
		}
		return nil
	}
}

// nameCalls gives the calls of the history the names that their tools have.
func (r *Request) nameCalls() {
	for i := range r.Chat.Messages {
		m := &r.Chat.Messages[i]
		m.Name = r.Names.internal(m.Name)
		for k := range m.ToolCalls {
			m.ToolCalls[k].Name = r.Names.internal(m.ToolCalls[k].Name)
		}
	}
}

// keepMessages keeps those messages, and their places, that keep says to.
func (r *Request) keepMessages(keep func(*chat.Message) bool) {
	messages, places := r.Chat.Messages[:0:0], r.Places[:0:0]
	for i := range r.Chat.Messages {
		if !keep(&r.Chat.Messages[i]) {
			continue
		}
		messages = append(messages, r.Chat.Messages[i])
		if i < len(r.Places) {
			places = append(places, r.Places[i])
		}
	}
	r.Chat.Messages, r.Places = messages, places
}

// dropEmpty leaves out turns of the assistant that say nothing. Clients send back
// an answer that a stop string ended at once. An empty beginning to be continued is
// no beginning.
func (r *Request) dropEmpty() {
	if n := len(r.Chat.Messages); n > 0 && isEmpty(&r.Chat.Messages[n-1]) {
		r.Chat.ContinueFinal = false
	}
	r.keepMessages(func(m *chat.Message) bool { return !isEmpty(m) })
}

// isEmpty reports whether a message is a turn of the assistant that says nothing.
func isEmpty(m *chat.Message) bool {
	return m.Role == chat.Assistant && len(m.ToolCalls) == 0 && plainText(m) == ""
}

// placeSystem keeps system messages where the template takes them, and turns the
// others into the first paragraph of the user's next turn, or of the last one where
// none follows.
func (r *Request) placeSystem() {
	var previous chat.Role
	var waiting []chat.Part
	r.keepMessages(func(m *chat.Message) bool {
		misplaced := previous == chat.Assistant || previous == chat.ToolRole
		switch {
		case m.Role == chat.System && misplaced:
			r.notice("a %s message after the %s's was put into a user message, since the chat template takes none there", m.Role, previous)
			waiting = append(waiting, m.Parts...)
			return false
		case m.Role == chat.User:
			prepend(m, waiting)
			waiting = nil
		}
		previous = m.Role
		return true
	})
	if len(waiting) > 0 {
		prepend(r.lastUser(), waiting)
	}
}

// beginWithUser puts a user's message before a history that begins with calls, as one
// that a client has shortened: the chat template's rules do not see calls in the first
// message, and would take their results for strangers.
func (r *Request) beginWithUser() {
	if len(r.Chat.Messages) == 0 || r.Chat.Messages[0].Role != chat.Assistant || len(r.Chat.Messages[0].ToolCalls) == 0 {
		return
	}
	r.notice("the conversation begins with a call, so a word was put before it that earlier messages are left out")
	first := ""
	if len(r.Places) > 0 {
		first = r.Places[0]
	}
	r.Chat.Messages = append([]chat.Message{chat.Text(chat.User, "[Earlier messages are left out.]")}, r.Chat.Messages...)
	r.Places = append([]string{first}, r.Places...)
}

// lastUser is the user's last message, a new one where there is none.
func (r *Request) lastUser() *chat.Message {
	for i := len(r.Chat.Messages) - 1; i >= 0; i-- {
		if r.Chat.Messages[i].Role == chat.User {
			return &r.Chat.Messages[i]
		}
	}
	r.Chat.Messages = append(r.Chat.Messages, chat.Message{Role: chat.User})
	if r.Places != nil {
		r.Places = append(r.Places, r.Field)
	}
	return &r.Chat.Messages[len(r.Chat.Messages)-1]
}

// prepend puts parts before those of a message.
func prepend(m *chat.Message, parts []chat.Part) {
	if len(parts) > 0 {
		m.Parts, m.PartList = append(parts[:len(parts):len(parts)], m.Parts...), true
	}
}

// plainText is the text of a message.
func plainText(m *chat.Message) string {
	var text strings.Builder
	for _, part := range m.Parts {
		text.WriteString(part.Text)
	}
	return text.String()
}
