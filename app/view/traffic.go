package view

import (
	"bytes"
	"encoding/json"
	"strings"

	"sirocco/app/inspect"
	"sirocco/app/tools"
)

// maxShownMessage is how much of a message a window shows; it is copied whole.
const maxShownMessage = 100_000

// maxLine is how much of a message stands in its line.
const maxLine = 400

// TrafficLine is a message in a line: its time, its direction, what it is, and what
// it begins with.
func TrafficLine(t tools.Traffic) string {
	mark := map[string]string{tools.Sent: "→", tools.Received: "←", tools.Printed: " ", tools.Answered: "←"}[t.Kind]
	text := messageLine(t.Data)
	line := strings.ToValidUTF8(strings.Join(strings.Fields(text[:min(len(text), maxLine)]), " "), "\uFFFD")
	return t.At.Format("15:04:05.000") + "  " + mark + " " + line
}

// messageLine puts first what tells messages apart: the method or outcome and the id.
func messageLine(data []byte) string {
	var m struct {
		ID                    json.RawMessage
		Method                string
		Params, Result, Error json.RawMessage
	}
	if json.Unmarshal(data, &m) != nil {
		return string(data)
	}
	what, rest := m.Method, m.Params
	switch {
	case m.Error != nil:
		what, rest = "error", m.Error
	case m.Result != nil:
		what, rest = "result", m.Result
	case what == "":
		return string(data)
	}
	if len(m.ID) > 0 {
		what += " #" + string(m.ID)
	}
	return what + "  " + string(rest)
}

// TrafficText is a message as it can be read: JSON with its lines set in.
func TrafficText(t tools.Traffic) string {
	text := t.Data
	var buffer bytes.Buffer
	if json.Indent(&buffer, text, "", "  ") == nil {
		text = buffer.Bytes()
	}
	shown := strings.ToValidUTF8(string(text[:min(len(text), maxShownMessage)]), "\uFFFD")
	if len(text) > maxShownMessage {
		shown += "\n…"
	}
	return shown
}

// FilterTraffic keeps the messages of a kind ("" for all) that hold some words.
func FilterTraffic(list []tools.Traffic, kind, words string) (kept []tools.Traffic) {
	words = strings.ToLower(words)
	for _, t := range list {
		if (kind == "" || t.Kind == kind) && (words == "" || strings.Contains(strings.ToLower(string(t.Data)), words)) {
			kept = append(kept, t)
		}
	}
	return kept
}

// CopyTraffic is the text of some messages, a line each.
func CopyTraffic(list []tools.Traffic) string {
	var all strings.Builder
	for _, t := range list {
		all.WriteString(t.At.Format("2006-01-02T15:04:05.000") + " " + t.Kind + " ")
		all.Write(t.Data)
		all.WriteByte('\n')
	}
	return all.String()
}

// Result is what a call by hand gave, as text.
func (c *HandCall) Result() string {
	if c.Err != nil {
		return capital(c.Err.Error())
	}
	text := c.Output.Text
	for _, p := range c.Output.Pictures {
		text += "\n[" + p.Name + ", " + Size(int64(len(p.Data))) + "]"
	}
	for _, note := range c.Output.Notes {
		text += "\n[" + note + "]"
	}
	return strings.TrimSpace(text)
}

// CompareCalls shows in what two calls differ, line by line: "-" is of the first.
func CompareCalls(a, b *HandCall) string {
	lines := func(c *HandCall) []string {
		text := TrafficText(tools.Traffic{Data: []byte(c.Arguments)}) + "\n\n" + TrafficText(tools.Traffic{Data: []byte(c.Result())})
		return strings.Split(text, "\n")
	}
	one, two := lines(a), lines(b)
	var all []string
	for _, change := range inspect.Diff(one, two) {
		if change.Equal {
			for _, line := range one[change.A:change.AEnd] {
				all = append(all, "  "+line)
			}
			continue
		}
		for _, line := range one[change.A:change.AEnd] {
			all = append(all, "- "+line)
		}
		for _, line := range two[change.B:change.BEnd] {
			all = append(all, "+ "+line)
		}
	}
	return strings.Join(all, "\n")
}
