package openai

import (
	"slices"
	"strings"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// toolChoice reads tool_choice ("auto", "none", "required", its old name "any", or
// an object) and parallel_tool_calls.
func (r *Request) toolChoice(o object) error {
	if _, given := o.get("parallel_tool_calls"); given {
		r.Chat.ParallelToolCalls = new(bool)
		if err := o.boolean("parallel_tool_calls", r.Chat.ParallelToolCalls); err != nil {
			return err
		}
	}
	r.Chat.ToolChoice = "auto"
	v, given := o.get("tool_choice")
	switch {
	case !given:
		return nil
	case v.Kind == pyjson.Object:
		return r.choiceObject(o.child("tool_choice", v))
	case v.Kind == pyjson.String:
		return r.setToolChoice(o, "tool_choice", v.Text)
	}
	return o.wrong("tool_choice", v, choiceForms)
}

const choiceForms = `"auto", "none", "required" or {"type": "function", "function": {"name": …}}`

// setToolChoice reads a choice that is one word, in a field of o.
func (r *Request) setToolChoice(o object, field, word string) error {
	switch word {
	case "auto", "none":
		r.Chat.ToolChoice = word
		return nil
	case "required", "any":
		r.Chat.ToolChoice = "required"
		return r.needTools(o, field, word)
	}
	return o.wrong(field, pyjson.Text(word), choiceForms)
}

// needTools refuses to force a call where there is nothing to call.
func (r *Request) needTools(o object, field, word string) error {
	switch {
	case len(r.Chat.Tools) > 0:
		return nil
	case len(r.Notices) > 0:
		return o.fault(field, "is %q, but none of the tools can be called: %s", word, strings.Join(r.Notices, "; "))
	}
	return o.fault(field, "is %q, but the request has no tools", word)
}

// choiceObject reads a choice that is an object: the name of a tool, the tools that
// are allowed, or a word in "type".
func (r *Request) choiceObject(choice object) error {
	kind, given := choice.get("type")
	switch kind.Text {
	case "allowed_tools":
		return r.allowedTools(choice)
	case "auto", "none", "required", "any":
		return r.setToolChoice(choice, "type", kind.Text)
	case "function", "custom", "tool":
		return r.namedTool(choice)
	}
	if !given {
		return r.namedTool(choice)
	}
	if kind.Kind == pyjson.String && kind.Text != "" {
		return choice.fault("type", "is %s; this server has no tools of its own, and only a function can be forced", brief(kind))
	}
	return choice.wrong("type", kind, "\"function\"")
}

// namedTool reads the one tool that must be called: its name stands in the choice
// itself or in an object below it.
func (r *Request) namedTool(choice object) error {
	for _, name := range []string{"function", "custom"} {
		if v, given := choice.get(name); given {
			if v.Kind != pyjson.Object {
				return choice.wrong(name, v, "an object with \"name\"")
			}
			return r.mustCall(choice.child(name, v))
		}
	}
	if _, given := choice.get("name"); !given && !r.flat {
		return choice.missing("function", "an object with \"name\"")
	}
	return r.mustCall(choice)
}

// allowedTools reads {"type": "allowed_tools", "mode", "tools"}; on chat completions
// mode and tools stand one level deeper. The other tools are left out.
func (r *Request) allowedTools(choice object) error {
	if v, given := choice.get("allowed_tools"); given && v.Kind == pyjson.Object {
		choice = choice.child("allowed_tools", v)
	}
	v, given := choice.get("tools")
	if !given || v.Kind != pyjson.Array {
		return choice.missing("tools", "a list of tools")
	}
	var allowed []string
	for _, item := range v.Items {
		if function, there := item.Get("function"); there {
			item = function
		}
		if custom, there := item.Get("custom"); there {
			item = custom
		}
		name, _ := item.Get("name")
		namespace, _ := item.Get("namespace")
		allowed = append(allowed, r.Names.internal(qualified(namespace.Text, name.Text)))
	}
	r.Chat.Tools = slices.DeleteFunc(slices.Clone(r.Chat.Tools), func(t chat.Tool) bool { return !slices.Contains(allowed, t.Name) })
	mode := "auto"
	if err := choice.text("mode", &mode); err != nil {
		return err
	}
	return r.setToolChoice(choice, "mode", mode)
}
