package openai

import "sirocco/model/chat"

// conversation collects messages whose request is cut up otherwise than ours: the
// assistant's words and calls become one message, and pictures among a tool's
// results, which the template has no place for there, are shown by the user right
// after the results.
type conversation struct {
	request *Request
	shown   []chat.Part // by tools, not yet placed
	place   string      // of the result that showed them
}

// add appends a message that stands at a place of the request.
func (c *conversation) add(m chat.Message, place string) {
	switch m.Role {
	case chat.User:
		if len(c.shown) > 0 {
			m.Parts, m.PartList, c.shown = append(c.shown, m.Parts...), true, nil
		}
	case chat.System:
		m.Parts = c.takePictures(m.Parts, place)
	case chat.Assistant:
		c.show()
		if len(m.Parts) > 0 {
			m.Parts = c.takePictures(m.Parts, place)
		}
		if last := c.last(); last != nil && last.Role == chat.Assistant {
			last.Parts = append(last.Parts, m.Parts...)
			last.ToolCalls = append(last.ToolCalls, m.ToolCalls...)
			last.PartList = last.PartList || m.PartList || len(last.Parts) > 1
			last.Prefix = last.Prefix || m.Prefix
			return
		}
	case chat.ToolRole:
		m.Parts = c.takePictures(m.Parts, place)
	}
	c.request.Chat.Messages = append(c.request.Chat.Messages, m)
	c.request.Places = append(c.request.Places, place)
}

// takePictures leaves the texts of a tool's result.
func (c *conversation) takePictures(parts []chat.Part, place string) (texts []chat.Part) {
	for _, part := range parts {
		if part.Image == nil {
			texts = append(texts, part)
			continue
		}
		c.shown, c.place = append(c.shown, part), place
	}
	if texts == nil {
		texts = []chat.Part{{Text: ""}}
	}
	return texts
}

// show gives pictures that no message of the user took one of their own. It ends
// a conversation, too.
func (c *conversation) show() {
	if len(c.shown) == 0 {
		return
	}
	m := chat.Message{Role: chat.User, Parts: c.shown, PartList: true}
	c.shown = nil
	c.add(m, c.place)
}

func (c *conversation) last() *chat.Message {
	if n := len(c.request.Chat.Messages); n > 0 {
		return &c.request.Chat.Messages[n-1]
	}
	return nil
}
