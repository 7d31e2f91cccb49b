package history

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"sirocco/model/chat"
)

// file is a conversation as a JSON file: the whole tree, pictures inside.
type file struct {
	Format   string            `json:"format"`
	Version  int               `json:"version"`
	Title    string            `json:"title"`
	Pinned   bool              `json:"pinned,omitempty"`
	Created  time.Time         `json:"created"`
	Preset   Preset            `json:"preset"`
	Head     int64             `json:"head"`
	Messages []fileMessage     `json:"messages"`
	Pictures map[string][]byte `json:"pictures,omitempty"` // by hash
}

type fileMessage struct {
	ID      int64     `json:"id"`
	Parent  int64     `json:"parent,omitempty"`
	Finish  string    `json:"finish,omitempty"`
	Created time.Time `json:"created"`
	stored
}

const (
	fileFormat  = "sirocco-conversation"
	fileVersion = 1
)

// Export writes a conversation as JSON, with all its branches and pictures.
func (s *Store) Export(id int64) ([]byte, error) {
	c, err := s.Conversation(id)
	if err != nil {
		return nil, err
	}
	all, err := s.tree(id)
	if err != nil {
		return nil, err
	}
	out := file{Format: fileFormat, Version: fileVersion, Title: c.Title, Pinned: c.Pinned, Created: c.Created, Preset: c.Preset,
		Head: c.Head, Messages: []fileMessage{}, Pictures: map[string][]byte{}}
	for _, r := range all {
		out.Messages = append(out.Messages, fileMessage{r.ID, r.Parent, r.Finish, r.Created, r.body})
		for _, hash := range r.body.hashes() {
			if data, err := s.Picture(hash); err == nil {
				out.Pictures[hash] = data
			}
		}
	}
	return json.MarshalIndent(out, "", " ")
}

// Markdown writes the branch that is shown, for people. Pictures are named, not
// shown: a Markdown file has no place for them.
func (s *Store) Markdown(id int64) (string, error) {
	c, err := s.Conversation(id)
	if err != nil {
		return "", err
	}
	messages, err := s.Messages(id)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n", c.Title)
	for _, m := range messages {
		fmt.Fprintf(&out, "\n## %s\n", speaker(m.Role, m.Name))
		writeParts(&out, m)
	}
	return out.String(), nil
}

func writeParts(out *strings.Builder, m Message) {
	for _, part := range m.Parts {
		switch {
		case part.Image != nil:
			fmt.Fprintf(out, "\n*Picture: %s*\n", part.Image.Name)
		case m.Role == chat.ToolRole:
			fmt.Fprintf(out, "\n%s\n", fenced(part.Text))
		default:
			fmt.Fprintf(out, "\n%s\n", part.Text)
		}
	}
	for _, call := range m.ToolCalls {
		fmt.Fprintf(out, "\nCalls `%s`:\n\n%s\n", call.Name, fenced(call.Arguments))
	}
	if m.Finish == chat.FinishLength || m.Finish == chat.FinishCancelled || m.Finish == Interrupted {
		out.WriteString("\n*(The answer was cut off here.)*\n")
	}
}

func speaker(role chat.Role, tool string) string {
	switch role {
	case chat.System:
		return "System"
	case chat.Assistant:
		return "Mistral"
	case chat.ToolRole:
		return strings.TrimSpace("Result " + tool)
	}
	return "You"
}

// fenced puts text into a code block whose fence is longer than any in it.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "\n" + text + "\n" + fence
}
