package openai

import (
	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// ResponseFromValue reads a request of the Responses API. Nothing is kept between
// requests, so what refers to an earlier one is an error.
func ResponseFromValue(v pyjson.Value, opts Options) (*Request, error) {
	r, err := begin(v, "input")
	if err != nil {
		return nil, err
	}
	r.mayBeSilent = opts.Silent
	r.flat = true
	return r, r.all(v, stateless, func(o object) error { return r.input(o, opts) },
		r.toolsWith(opts, flatTool), r.toolChoice, r.sampling, r.outputLimit, r.textFormat, r.delivery, r.outputLogprobs, r.normaliseWith(opts))
}

// stateless refuses what needs a server that remembers.
func stateless(o object) error {
	const advice = "this server keeps nothing between requests; send the whole conversation in input"
	for _, name := range []string{"previous_response_id", "conversation", "prompt"} {
		if _, given := o.get(name); given {
			return o.fault(name, "is given, but %s", advice)
		}
	}
	for _, name := range []string{"store", "background"} {
		var asked bool
		if err := o.boolean(name, &asked); err != nil {
			return err
		}
		if asked {
			return o.fault(name, "is true, but %s, and set %s to false", advice, name)
		}
	}
	return nil
}

// flatTool reads a tool as {"type": "function", "name", "parameters"}.
func flatTool(o object) (chat.Tool, error) {
	if kind, given := o.get("type"); given && kind.Text != "function" {
		return chat.Tool{}, o.fault("type", "is %s; this server has no tools of its own, \"function\" was expected", brief(kind))
	}
	return described(o, "parameters")
}

// outputLimit reads what ends an answer.
func (r *Request) outputLimit(o object) error {
	return first(r.maxTokens(o, "max_output_tokens"), r.stop(o, "stop"))
}

// textFormat reads text.format: {"type": "text" | "json_object" | "json_schema",
// "schema": …}.
func (r *Request) textFormat(o object) error {
	v, given := o.get("text")
	if !given {
		return nil
	}
	if v.Kind != pyjson.Object {
		return o.wrong("text", v, "an object with \"format\"")
	}
	return r.format(o.child("text", v), "format", r.schema)
}

// outputLogprobs reads top_logprobs, or else whether include asks for
// log-probabilities.
func (r *Request) outputLogprobs(o object) error {
	if err := o.integer("top_logprobs", 0, 20, &r.Chat.Logprobs); err != nil {
		return err
	}
	r.Logprobs = r.Chat.Logprobs > 0
	include, given := o.get("include")
	if given && include.Kind != pyjson.Array {
		return o.wrong("include", include, "a list")
	}
	for _, item := range include.Items {
		r.Logprobs = r.Logprobs || item.Text == "message.output_text.logprobs"
	}
	return nil
}
