package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// CallCase is a call of a server's tool that was saved, to be made again and held
// against what came of it. The server is named alone: how to reach it, and its keys,
// stay in the list of tools.
type CallCase struct {
	Version   int             `json:"mcp_call"` // 1
	Server    string          `json:"server"`
	Tool      string          `json:"tool"`
	Arguments json.RawMessage `json:"arguments"`
	Failed    bool            `json:"failed,omitempty"` // the tool said so
	Text      string          `json:"text"`
	Pictures  int             `json:"pictures,omitempty"`
}

// NewCallCase is what a call gave, as a case.
func NewCallCase(server, tool, arguments string, out Output) *CallCase {
	return &CallCase{1, server, tool, json.RawMessage(arguments), out.Failed, out.Text, len(out.Pictures)}
}

// ReadCallCase reads a case; ok is false for a file of another kind.
func ReadCallCase(data []byte) (c *CallCase, ok bool) {
	if json.Unmarshal(data, &c) != nil || c == nil || c.Version != 1 || c.Server == "" || c.Tool == "" {
		return nil, false
	}
	return c, true
}

// Bytes is the file of a case.
func (c *CallCase) Bytes() ([]byte, error) {
	data, err := encode(c)
	if err != nil {
		return nil, fmt.Errorf("saving a call: %w", err)
	}
	var file bytes.Buffer
	if err := json.Indent(&file, data, "", " "); err != nil {
		return nil, fmt.Errorf("saving a call: %w", err)
	}
	file.WriteByte('\n')
	return file.Bytes(), nil
}

// Differs says in what a result is another than the one that was saved; "" for nothing.
func (c *CallCase) Differs(out Output) string {
	switch {
	case out.Failed != c.Failed && out.Failed:
		return "the tool says that it failed: " + firstLine(out.Text)
	case out.Failed != c.Failed:
		return "the tool failed when the case was saved, and does not now"
	case len(out.Pictures) != c.Pictures:
		return fmt.Sprintf("it has %d pictures, %d were saved", len(out.Pictures), c.Pictures)
	}
	was, is := strings.Split(c.Text, "\n"), strings.Split(out.Text, "\n")
	for i := range max(len(was), len(is)) {
		switch {
		case i >= len(is):
			return fmt.Sprintf("line %d is missing: %s", i+1, firstLine(was[i]))
		case i >= len(was):
			return fmt.Sprintf("line %d is new: %s", i+1, firstLine(is[i]))
		case was[i] != is[i]:
			return fmt.Sprintf("line %d is %s; saved was %s", i+1, firstLine(is[i]), firstLine(was[i]))
		}
	}
	return ""
}

// firstLine is the beginning of a text, quoted.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if len(line) > 80 {
		line = line[:runeStart(line, 80)] + "…"
	}
	return fmt.Sprintf("%q", line)
}
