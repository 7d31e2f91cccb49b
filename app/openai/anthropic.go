package openai

import (
	"encoding/json"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// AnthropicFromValue reads a request of Anthropic's Messages API. count is for
// counting its tokens, where no answer is limited.
func AnthropicFromValue(v pyjson.Value, count bool, opts Options) (*Request, error) {
	r, err := begin(v, "messages")
	if err != nil {
		return nil, err
	}
	r.mayBeSilent = opts.Silent
	groups := []func(object) error{
		func(o object) error { return r.blocks(o, opts) },
		r.toolsWith(opts, anthropicTool), r.anthropicChoice, r.sampling, r.anthropicFormat, r.anthropicDelivery,
	}
	if !count {
		groups = append(groups, r.anthropicLimit)
	}
	groups = append(groups, r.normaliseWith(opts))
	return r, r.all(v, groups...)
}

// anthropicTool reads a tool as {"name", "description", "input_schema"}.
func anthropicTool(o object) (chat.Tool, error) {
	if kind, given := o.get("type"); given && kind.Text != "custom" {
		return chat.Tool{}, o.fault("type", "is %s; this server has no tools of its own, \"custom\" was expected", brief(kind))
	}
	return described(o, "input_schema")
}

// anthropicChoice reads tool_choice: {"type": "auto" | "any" | "tool" | "none"}.
func (r *Request) anthropicChoice(o object) error {
	r.Chat.ToolChoice = "auto"
	v, given := o.get("tool_choice")
	if !given {
		return nil
	}
	if v.Kind != pyjson.Object {
		return o.wrong("tool_choice", v, "an object with \"type\"")
	}
	choice := o.child("tool_choice", v)
	var kind string
	var single bool
	if err := first(choice.needText("type", &kind), choice.boolean("disable_parallel_tool_use", &single)); err != nil {
		return err
	}
	if single {
		r.Chat.ParallelToolCalls = new(bool)
	}
	switch kind {
	case "auto", "none":
		r.Chat.ToolChoice = kind
	case "any":
		r.Chat.ToolChoice = "required"
		return r.needTools(choice, "type", kind)
	case "tool":
		return r.mustCall(choice)
	default:
		return choice.fault("type", "is %s; auto, any, tool or none was expected", brief(pyjson.Text(kind)))
	}
	return nil
}

// anthropicLimit reads what ends an answer. Anthropic's API insists on a limit.
func (r *Request) anthropicLimit(o object) error {
	if _, given := o.get("max_tokens"); !given {
		return o.missing("max_tokens", "a whole number of at least 1")
	}
	return r.maxTokens(o, "max_tokens")
}

func (r *Request) anthropicDelivery(o object) error {
	return first(o.text("model", &r.Model), o.boolean("stream", &r.Stream), r.stop(o, "stop_sequences"))
}

// anthropicFormat reads output_config.format, or output_format as it was called
// first: {"type": "json_schema", "schema": …}.
func (r *Request) anthropicFormat(o object) error {
	name := "output_format"
	if config, given := o.get("output_config"); given && config.Kind == pyjson.Object {
		o, name = o.child("output_config", config), "format"
	}
	v, given := o.get(name)
	if !given {
		return nil
	}
	if v.Kind != pyjson.Object {
		return o.wrong(name, v, "an object with \"type\"")
	}
	format := o.child(name, v)
	if kind, _ := format.get("type"); kind.Text != "json_schema" {
		return format.wrong("type", kind, "\"json_schema\"")
	}
	return r.schema(format)
}

// anthropicCall reads a tool_use block.
func anthropicCall(o object) (chat.ToolCall, error) {
	var c chat.ToolCall
	err := first(o.needText("id", &c.ID), o.needText("name", &c.Name))
	if err != nil {
		return c, err
	}
	input, given := o.get("input")
	if given && input.Kind != pyjson.Object {
		return c, o.wrong("input", input, "an object")
	}
	c.Arguments = "{}"
	if given {
		c.Arguments = pyjson.Clean(input.String())
	}
	return c, nil
}

// JSONObject is arguments as the object that Anthropic's clients want; an empty one
// where the model was cut off in the middle of them.
func JSONObject(arguments string) json.RawMessage {
	if v, err := pyjson.Parse(arguments); err == nil && v.Kind == pyjson.Object && json.Valid([]byte(arguments)) {
		return json.RawMessage(arguments)
	}
	return json.RawMessage("{}")
}
