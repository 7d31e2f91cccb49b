package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	_ "image/jpeg" // the pictures that clients send
	_ "image/png"
	"regexp"
	"strings"

	"sirocco/model/chat"
)

// script is what an answer says: words, then calls.
type script struct {
	text  string
	calls []chat.ToolCall
}

// directive is what a question asks the engine to say:
//
//	<<SAY words>>           these words
//	<<CALL name {json}>>    a call, and once its result is there: The tool said: …
//	<<FILL {json}>>         the JSON, as the answer's text or as the call that is asked for
//	<<LOOK>>                I see a picture of 32 × 16.
//	<<RECALL>>              what it said before
var directive = regexp.MustCompile(`(?s)<<(SAY|CALL|FILL|LOOK|RECALL)\s*(.*?)>>`)

// scriptOf finds the newest directive and does what it says.
func scriptOf(r *chat.Request) script {
	for i := len(r.Messages) - 1; i >= 0; i-- {
		found := directive.FindAllStringSubmatch(textOf(r.Messages[i]), -1)
		if r.Messages[i].Role != chat.User || len(found) == 0 {
			continue
		}
		return perform(r, i, found)
	}
	return script{text: "Ready."}
}

// perform is the answer to the directives of message i.
func perform(r *chat.Request, i int, found [][]string) script {
	behind := r.Messages[i+1:]
	if result := lastResult(behind); result != "" {
		return script{text: "The tool said: " + result}
	}
	var s script
	for _, d := range found {
		switch d[1] {
		case "SAY":
			s.text += d[2]
		case "CALL":
			name, arguments, _ := strings.Cut(d[2], " ")
			s.calls = append(s.calls, chat.ToolCall{Name: name, Arguments: arguments})
		case "FILL":
			s.fill(r, d[2])
		case "LOOK":
			s.text += look(r.Messages)
		case "RECALL":
			s.text += "Before that I said: " + said(r.Messages[:i])
		}
	}
	return s
}

// fill puts JSON where the request wants it: in the text, or in the call of the
// function that is asked for, or of the one that takes such arguments.
func (s *script) fill(r *chat.Request, text string) {
	name := r.ToolName
	for i := len(r.Tools) - 1; i >= 0 && name == ""; i-- {
		if takes(r.Tools[i].Parameters, text) {
			name = r.Tools[i].Name
		}
	}
	if len(r.Schema) > 0 || name == "" {
		s.text += text
		return
	}
	s.calls = append(s.calls, chat.ToolCall{Name: name, Arguments: text})
}

// takes says that a schema has a property for everything in an object.
func takes(schema []byte, object string) bool {
	var has struct{ Properties map[string]any }
	var wanted map[string]any
	if json.Unmarshal(schema, &has) != nil || json.Unmarshal([]byte(object), &wanted) != nil {
		return false
	}
	for name := range wanted {
		if _, ok := has.Properties[name]; !ok {
			return false
		}
	}
	return true
}

// lastResult is the first line of the newest tool result; a picture in it is looked at.
func lastResult(messages []chat.Message) string {
	for i := len(messages) - 1; i >= 0; i-- {
		if messages[i].Role != chat.ToolRole {
			continue
		}
		text := strings.TrimSpace(textOf(messages[i]))
		if hasPicture(messages[i:]) {
			text += " " + look(messages[i:])
		}
		return strings.Join(strings.Fields(text), " ")
	}
	return ""
}

func hasPicture(messages []chat.Message) bool {
	return (&chat.Request{Messages: messages}).HasPicture()
}

// look measures the newest picture.
func look(messages []chat.Message) string {
	for i := len(messages) - 1; i >= 0; i-- {
		for _, part := range messages[i].Parts {
			if part.Image == nil {
				continue
			}
			c, kind, err := image.DecodeConfig(bytes.NewReader(part.Image.Data))
			if err != nil {
				return "I see a picture that cannot be read."
			}
			return fmt.Sprintf("I see a %s of %d × %d.", kind, c.Width, c.Height)
		}
	}
	return "I see no picture."
}

// said is the newest text of the assistant's.
func said(messages []chat.Message) string {
	for i := len(messages) - 1; i >= 0; i-- {
		if text := textOf(messages[i]); messages[i].Role == chat.Assistant && text != "" {
			return text
		}
	}
	return "nothing"
}

func textOf(m chat.Message) string {
	var text strings.Builder
	for _, part := range m.Parts {
		text.WriteString(part.Text)
	}
	return text.String()
}

// ids are the tokens of a script, as the model would write them.
func (e *engine) ids(s script) []int32 {
	ids := e.tok.Encode(s.text)
	control := func(name string) {
		if id, ok := e.tok.Special(name); ok {
			ids = append(ids, id)
		}
	}
	for _, call := range s.calls {
		control("[TOOL_CALLS]")
		ids = append(ids, e.tok.Encode(call.Name)...)
		control("[ARGS]")
		ids = append(ids, e.tok.Encode(call.Arguments)...)
	}
	control("</s>")
	return ids
}
