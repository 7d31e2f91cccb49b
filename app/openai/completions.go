package openai

import (
	"fmt"
	"strconv"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// Completion is a request for plain continuations, without a conversation.
type Completion struct {
	Request
	Prompts []RawPrompt
	// Echo repeats the prompt before its continuation.
	Echo bool
	// Special puts the beginning-of-sequence token before a text.
	Special bool
}

// RawPrompt is one prompt: a text, or the tokens themselves when IDs is set.
type RawPrompt struct {
	Text string
	IDs  []int32
}

// maxPrompts is how many prompts one request may hold.
const maxPrompts = 128

// legacyTokens is how many tokens this API writes when it is not told.
const legacyTokens = 16

// CompletionFromValue reads a legacy completion request.
func CompletionFromValue(v pyjson.Value) (*Completion, error) {
	r, err := begin(v, "prompt")
	if err != nil {
		return nil, err
	}
	r.Chat.MaxTokens, r.mayBeSilent = legacyTokens, true
	c := &Completion{Request: *r, Special: true}
	return c, c.all(v, c.refused, c.prompts, c.sampling, c.limits, c.responseFormat, c.delivery, c.extras)
}

// refused are fields that ask for what this model or server cannot do.
func (c *Completion) refused(o object) error {
	if suffix, given := o.get("suffix"); given && suffix.Text != "" {
		return o.fault("suffix", "is given, but this model cannot fill in text before a suffix; leave it out")
	}
	return nil
}

// prompts reads a text, a list of token ids, or a list of either.
func (c *Completion) prompts(o object) error {
	const want = "a string, a list of token ids, or a list of those"
	v, given := o.get("prompt")
	if !given {
		return o.missing("prompt", want)
	}
	if v.Kind == pyjson.Array && len(v.Items) > 0 && v.Items[0].Kind != pyjson.Int {
		if len(v.Items) > maxPrompts {
			return o.fault("prompt", "is a list of %d prompts; at most %d are taken", len(v.Items), maxPrompts)
		}
		for i, item := range v.Items {
			if err := c.prompt(o, fmt.Sprintf("prompt[%d]", i), item); err != nil {
				return err
			}
		}
		return nil
	}
	return c.prompt(o, "prompt", v)
}

func (c *Completion) prompt(o object, name string, v pyjson.Value) error {
	switch {
	case v.Kind == pyjson.String:
		c.Prompts = append(c.Prompts, RawPrompt{Text: pyjson.Clean(v.Text)})
		return nil
	case v.Kind != pyjson.Array || len(v.Items) == 0:
		return o.wrong(name, v, "a string, or a list of token ids that is not empty")
	}
	ids := make([]int32, len(v.Items))
	for i, item := range v.Items {
		id, err := strconv.ParseInt(item.Text, 10, 32)
		if err != nil || item.Kind != pyjson.Int {
			return o.wrong(fmt.Sprintf("%s[%d]", name, i), item, "a token id")
		}
		ids[i] = int32(id)
	}
	c.Prompts = append(c.Prompts, RawPrompt{IDs: ids})
	return nil
}

// extras reads the fields that only this API has; its logprobs is a number.
func (c *Completion) extras(o object) error {
	best := c.N
	_, c.Logprobs = o.get("logprobs")
	err := first(
		o.boolean("echo", &c.Echo),
		o.boolean("add_special_tokens", &c.Special),
		o.integer("logprobs", 0, 20, &c.Chat.Logprobs),
		o.integer("best_of", 1, 128, &best),
	)
	switch {
	case err != nil:
		return err
	case best != c.N:
		return o.fault("best_of", "is %d, but every answer made is given here; leave it out and ask for n answers", best)
	case len(c.Prompts)*c.N > maxPrompts:
		return o.fault("n", "asks for %d answers together with the prompts; at most %d are made", len(c.Prompts)*c.N, maxPrompts)
	}
	c.Chat.PromptLogprobs = c.Echo && c.Logprobs
	return nil
}

// Question is one of the prompts as a request of its own; ids is that prompt in
// tokens.
func (c *Completion) Question(ids []int32) *Request {
	r := c.Request
	r.Chat.Prompt = ids
	r.Chat.Messages = []chat.Message{}
	return &r
}
