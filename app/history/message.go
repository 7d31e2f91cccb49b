package history

import (
	"encoding/json"
	"fmt"
	"strings"

	"sirocco/model/chat"
)

// stored is a message as the database and the files have it: pictures are
// named by their hash.
type stored struct {
	Role       chat.Role       `json:"role"`
	Parts      []storedPart    `json:"parts,omitempty"`
	PartList   bool            `json:"part_list,omitempty"`
	ToolCalls  []chat.ToolCall `json:"tool_calls,omitempty"`
	ToolCallID string          `json:"tool_call_id,omitempty"`
	Name       string          `json:"name,omitempty"`
	Prefix     bool            `json:"prefix,omitempty"`
}

type storedPart struct {
	Text    string `json:"text,omitempty"`
	Picture string `json:"picture,omitempty"` // hash
	Name    string `json:"name,omitempty"`    // the picture's
}

// detach writes a message's pictures to the store and returns the rest.
func (s *Store) detach(m chat.Message) (stored, error) {
	out := stored{Role: m.Role, PartList: m.PartList, ToolCalls: m.ToolCalls, ToolCallID: m.ToolCallID, Name: m.Name, Prefix: m.Prefix}
	for _, part := range m.Parts {
		if part.Image == nil {
			out.Parts = append(out.Parts, storedPart{Text: part.Text})
			continue
		}
		hash, err := s.keepPicture(part.Image.Data)
		if err != nil {
			return out, err
		}
		out.Parts = append(out.Parts, storedPart{Picture: hash, Name: part.Image.Name})
	}
	return out, nil
}

// attach brings the pictures back. One whose file is gone comes without data,
// so that the words around it can still be read.
func (s *Store) attach(m stored) chat.Message {
	out := chat.Message{Role: m.Role, PartList: m.PartList, ToolCalls: m.ToolCalls, ToolCallID: m.ToolCallID, Name: m.Name, Prefix: m.Prefix}
	for _, part := range m.Parts {
		if part.Picture == "" {
			out.Parts = append(out.Parts, chat.Part{Text: part.Text})
			continue
		}
		data, _ := s.Picture(part.Picture)
		out.Parts = append(out.Parts, chat.Part{Image: &chat.Image{Name: part.Name, Data: data}})
	}
	return out
}

// encode is a message's columns: its body, and its words for the search.
func (m stored) encode() (body []byte, text string, err error) {
	if body, err = json.Marshal(m); err != nil {
		return nil, "", fmt.Errorf("saving a message: %w", err)
	}
	return body, m.text(), nil
}

// text is what a person would look for: the words and the calls.
func (m stored) text() string {
	var words []string
	for _, part := range m.Parts {
		words = append(words, part.Text+part.Name)
	}
	for _, call := range m.ToolCalls {
		words = append(words, call.Name+" "+call.Arguments)
	}
	return strings.Join(words, "\n")
}

// hashes are the pictures of a message.
func (m stored) hashes() (list []string) {
	for _, part := range m.Parts {
		if part.Picture != "" {
			list = append(list, part.Picture)
		}
	}
	return list
}

// textOnly is a message of which only the role and the words could be read.
func textOnly(role, text string) stored {
	return stored{Role: chat.Role(role), Parts: []storedPart{{Text: text}}}
}
