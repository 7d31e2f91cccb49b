package chattemplate

import (
	"fmt"
	"slices"
	"strings"

	"sirocco/model/chat"
)

// fault is an error about one message. The format continues a sentence that
// begins with the field's name.
func fault(message int, field, format string, args ...any) error {
	at := fmt.Sprintf("messages[%d]", message)
	if field != "" {
		at += "." + field
	}
	return &chat.RequestError{Param: at, Message: at + " " + fmt.Sprintf(format, args...)}
}

// check refuses a conversation that the reference's validator (in its default
// mode) refuses: order of roles, pairing of calls and results, ids, names, kinds
// of content.
func check(messages []chat.Message, v version) error {
	if len(messages) == 0 {
		return &chat.RequestError{Param: "messages", Message: "messages is empty; a conversation needs at least one message"}
	}
	if err := checkOrder(messages); err != nil {
		return err
	}
	if err := checkEnds(messages); err != nil {
		return err
	}
	for i := range messages {
		if err := checkMessage(messages, i, v); err != nil {
			return err
		}
	}
	if v < 11 {
		return checkCounts(messages)
	}
	return checkPairs(messages)
}

// follows lists the roles that may come after a role.
var follows = map[chat.Role][]chat.Role{
	chat.System:    {chat.User, chat.Assistant, chat.System},
	chat.User:      {chat.Assistant, chat.System, chat.User},
	chat.Assistant: {chat.Assistant, chat.User, chat.ToolRole},
	chat.ToolRole:  {chat.Assistant, chat.ToolRole, chat.User},
}

func checkOrder(messages []chat.Message) error {
	for i, m := range messages {
		if follows[m.Role] == nil {
			return fault(i, "role", "is %q; it must be system, user, assistant or tool", m.Role)
		}
		if i == 0 {
			continue
		}
		if allowed := follows[messages[i-1].Role]; !slices.Contains(allowed, m.Role) {
			return fault(i, "role", "is %q right after %q; only %s may come there", m.Role, messages[i-1].Role, list(allowed))
		}
	}
	return nil
}

func list(roles []chat.Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	slices.Sort(words)
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// checkEnds looks at the first message when it is alone, and at the last.
func checkEnds(messages []chat.Message) error {
	last := len(messages) - 1
	m := messages[last]
	if last == 0 && m.Role != chat.User && m.Role != chat.System {
		return fault(0, "role", "is %q; a single message must come from the user or the system", m.Role)
	}
	if m.Role == chat.Assistant && !m.Prefix {
		return fault(last, "role", "is \"assistant\"; the last message must come from the user or a tool, "+
			"unless the assistant's is to be continued (prefix or continue_final_message)")
	}
	return nil
}

func checkMessage(messages []chat.Message, i int, v version) error {
	m := messages[i]
	if m.Role != chat.User {
		for _, part := range m.Parts {
			if part.Image != nil {
				return fault(i, "content", "holds a picture; only user messages may")
			}
		}
	}
	switch m.Role {
	case chat.Assistant:
		return checkAssistant(m, i, i == len(messages)-1, v)
	case chat.ToolRole:
		if m.Name != "" && !GoodName(m.Name) {
			return fault(i, "name", "is %q; a tool's name must be 1 to 64 letters, digits, underscores or dashes", m.Name)
		}
		return checkID(m.ToolCallID, i, "tool_call_id", v)
	}
	return nil
}

func checkAssistant(m chat.Message, i int, last bool, v version) error {
	if m.Prefix && !last {
		return fault(i, "prefix", "is true; only the last message can be continued")
	}
	for k, c := range m.ToolCalls {
		at := fmt.Sprintf("tool_calls[%d]", k)
		if err := checkID(c.ID, i, at+".id", v); err != nil {
			return err
		}
		if !GoodName(c.Name) {
			return fault(i, at+".function.name", "is %q; a tool's name must be 1 to 64 letters, digits, underscores or dashes", c.Name)
		}
	}
	return nil
}

func checkID(id string, message int, field string, v version) error {
	if id == "" || id == "null" {
		return fault(message, field, "is missing; every tool call and every result needs the call's id")
	}
	if v < 13 && !goodID(id) {
		return fault(message, field, "is %q; a tool-call id must be exactly nine letters or digits", id)
	}
	return nil
}

// checkCounts is v7's pairing: an assistant message may come only after as many
// results as there were calls. The first message is not looked at.
func checkCounts(messages []chat.Message) error {
	open := 0
	for i, m := range messages[1:] {
		switch m.Role {
		case chat.ToolRole:
			open--
		case chat.Assistant:
			if open != 0 {
				return fault(i+1, "role", "is \"assistant\", but the number of tool results before it is not that of the tool calls")
			}
			open = len(m.ToolCalls)
		}
	}
	return nil
}

// checkPairs is the pairing from v11 on: every result answers a pending call, each
// only once, and an assistant message comes only when all are answered. The first
// message is not looked at.
func checkPairs(messages []chat.Message) error {
	answered := map[string]bool{} // call id → has its result come
	pending := 0
	for i, m := range messages[1:] {
		switch m.Role {
		case chat.ToolRole:
			done, known := answered[m.ToolCallID]
			if !known {
				return fault(i+1, "tool_call_id", "is %q, which no call of the last assistant message has", m.ToolCallID)
			}
			if done {
				return fault(i+1, "tool_call_id", "is %q, whose result was given already", m.ToolCallID)
			}
			answered[m.ToolCallID] = true
			pending--
		case chat.Assistant:
			if pending != 0 {
				return fault(i+1, "role", "is \"assistant\", but %d of the tool calls before it have no result", pending)
			}
			clear(answered)
			pending = len(m.ToolCalls)
			for k, c := range m.ToolCalls {
				if _, twice := answered[c.ID]; twice {
					return fault(i+1, fmt.Sprintf("tool_calls[%d].id", k), "is %q, which another call of this message has too", c.ID)
				}
				answered[c.ID] = false
			}
		}
	}
	return nil
}

// GoodName and goodID follow the reference's patterns ^[a-zA-Z0-9_-]{1,64}$ and
// ^[a-zA-Z0-9]{9}$, in which Python's $ also lets one last line feed pass.
func GoodName(s string) bool {
	s = strings.TrimSuffix(s, "\n")
	return len(s) >= 1 && len(s) <= 64 && onlyLetters(s, "_-")
}

func goodID(s string) bool {
	s = strings.TrimSuffix(s, "\n")
	return len(s) == 9 && onlyLetters(s, "")
}

// onlyLetters reports whether s holds nothing but ASCII letters, digits and others.
func onlyLetters(s, others string) bool {
	for _, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}
