package openai

import (
	"fmt"
	"strings"

	"sirocco/model/chattemplate/pyjson"
)

// Ollama's clients ask for a chat or for the continuation of a prompt. Both are
// rewritten as a chat completion of OpenAI's shape and read as one, so that they mean
// the same. What a chat completion has no word for becomes a notice.

// OllamaChatFromValue reads a request of /api/chat. context is how many tokens the
// engine's context has.
func OllamaChatFromValue(v pyjson.Value, context int, opts Options) (*Request, error) {
	t := &ollama{in: object{value: v}, context: context}
	messages, given := t.in.get("messages")
	if given && messages.Kind != pyjson.Array {
		return nil, t.in.wrong("messages", messages, "a list of messages")
	}
	for i, item := range messages.Items {
		if item.Kind != pyjson.Object {
			return nil, t.in.wrong(fmt.Sprintf("messages[%d]", i), item, "an object with \"role\" and \"content\"")
		}
		t.message(item)
	}
	if tools, given := t.in.get("tools"); given {
		t.set("tools", tools)
	}
	return t.request(opts)
}

// OllamaPromptFromValue reads a request of /api/generate: a question with an optional
// system prompt. One with raw: true is no chat; see [OllamaRawFromValue].
func OllamaPromptFromValue(v pyjson.Value, context int, opts Options) (*Request, error) {
	t := &ollama{in: object{value: v}, context: context}
	if suffix, given := t.in.get("suffix"); given && suffix.Text != "" {
		return nil, t.in.fault("suffix", "is given, but this model cannot fill in text before a suffix; leave it out")
	}
	for _, field := range []string{"template", "context"} {
		if given, _ := t.in.get(field); given.Text != "" || len(given.Items) > 0 {
			t.notice("%s was left out: the model's own chat template is used, and a conversation goes to /api/chat", field)
		}
	}
	if system, given := t.in.get("system"); given && system.Text != "" {
		t.add(pyjson.Text("system"), system)
	}
	question := []pyjson.Member{{Key: "role", Value: pyjson.Text("user")}}
	for _, key := range []string{"prompt", "images"} {
		if field, given := t.in.get(key); given {
			question = append(question, pyjson.Member{Key: map[string]string{"prompt": "content", "images": "images"}[key], Value: field})
		}
	}
	t.message(pyjson.Value{Kind: pyjson.Object, Members: question})
	return t.request(opts)
}

// OllamaRawFromValue reads a request of /api/generate with raw: true: the prompt is
// continued as it stands.
func OllamaRawFromValue(v pyjson.Value, context int) (*Completion, error) {
	t := &ollama{in: object{value: v}, context: context}
	prompt, _ := t.in.get("prompt")
	t.set("prompt", prompt)
	if err := t.common(); err != nil {
		return nil, err
	}
	c, err := CompletionFromValue(t.value())
	if err != nil {
		return nil, err
	}
	if !c.Given["max_tokens"] {
		c.Chat.MaxTokens = 0 // as many as fit
	}
	c.Stream, c.Notices = t.streams(), append(t.notices, c.Notices...)
	return c, nil
}

// OllamaLoads reports whether a request only asks for the model to be loaded: it has
// no prompt and no message.
func OllamaLoads(v pyjson.Value) bool {
	o := object{value: v}
	prompt, _ := o.get("prompt")
	messages, _ := o.get("messages")
	return prompt.Text == "" && len(messages.Items) == 0
}

// ollama rewrites a request.
type ollama struct {
	in       object
	out      []pyjson.Member
	messages []pyjson.Value
	notices  []string
	context  int
	calls    []called // of the last assistant, not answered yet
	made     int
}

// called is a call that waits for its result. Ollama's have no ids.
type called struct{ id, name string }

func (t *ollama) set(name string, v pyjson.Value) {
	t.out = append(t.out, pyjson.Member{Key: name, Value: v})
}

func (t *ollama) value() pyjson.Value { return pyjson.Value{Kind: pyjson.Object, Members: t.out} }

func (t *ollama) notice(format string, args ...any) {
	t.notices = append(t.notices, fmt.Sprintf(format, args...))
}

// add appends a message with plain content.
func (t *ollama) add(role, content pyjson.Value, more ...pyjson.Member) {
	members := []pyjson.Member{{Key: "role", Value: role}, {Key: "content", Value: content}}
	t.messages = append(t.messages, pyjson.Value{Kind: pyjson.Object, Members: append(members, more...)})
}

// message rewrites one message: its pictures become parts, its calls get ids, and
// results the id of the call they answer.
func (t *ollama) message(v pyjson.Value) {
	role, _ := v.Get("role")
	content, _ := v.Get("content")
	if images, _ := v.Get("images"); len(images.Items) > 0 {
		content = withPictures(content, images)
	}
	var more []pyjson.Member
	switch role.Text {
	case "assistant":
		if calls, _ := v.Get("tool_calls"); len(calls.Items) > 0 {
			more = append(more, pyjson.Member{Key: "tool_calls", Value: t.named(calls)})
		}
	case "tool":
		name, given := v.Get("tool_name")
		if !given {
			name, _ = v.Get("name")
		}
		id := t.answered(name.Text)
		if given, _ := v.Get("tool_call_id"); given.Text != "" {
			id = given.Text
		}
		more = append(more, pyjson.Member{Key: "tool_call_id", Value: pyjson.Text(id)})
	}
	t.add(role, content, more...)
}

// withPictures is a content of a text and pictures, which Ollama's clients send as
// base64 without a media type. The pictures come first, as Ollama places them.
func withPictures(content, images pyjson.Value) pyjson.Value {
	list := pyjson.Value{Kind: pyjson.Array}
	part := func(kind, key string, v pyjson.Value) {
		list.Items = append(list.Items, pyjson.Value{Kind: pyjson.Object, Members: []pyjson.Member{{Key: "type", Value: pyjson.Text(kind)}, {Key: key, Value: v}}})
	}
	for _, image := range images.Items {
		if image.Kind == pyjson.String && !strings.HasPrefix(image.Text, "data:") {
			image.Text = "data:image/png;base64," + image.Text
		}
		part("image_url", "image_url", image)
	}
	if content.Text != "" {
		part("text", "text", content)
	}
	return list
}

// named gives calls without ids some.
func (t *ollama) named(calls pyjson.Value) pyjson.Value {
	out := pyjson.Value{Kind: pyjson.Array}
	t.calls = nil
	for _, call := range calls.Items {
		t.made++
		id := fmt.Sprintf("call_%d", t.made)
		if given, _ := call.Get("id"); given.Text != "" {
			id = given.Text
		}
		function, _ := call.Get("function")
		name, _ := function.Get("name")
		t.calls = append(t.calls, called{id, name.Text})
		out.Items = append(out.Items, pyjson.Value{Kind: pyjson.Object, Members: []pyjson.Member{
			{Key: "id", Value: pyjson.Text(id)}, {Key: "type", Value: pyjson.Text("function")}, {Key: "function", Value: function}}})
	}
	return out
}

// answered is the id of the call that a result belongs to: the first open one of its
// name, else the first open one.
func (t *ollama) answered(name string) string {
	if len(t.calls) == 0 {
		return "call_0"
	}
	at := 0
	for i, c := range t.calls {
		if c.name == name {
			at = i
			break
		}
	}
	id := t.calls[at].id
	t.calls = append(t.calls[:at:at], t.calls[at+1:]...)
	return id
}

// request reads what was rewritten.
func (t *ollama) request(opts Options) (*Request, error) {
	t.set("messages", pyjson.Value{Kind: pyjson.Array, Items: t.messages})
	if err := t.common(); err != nil {
		return nil, err
	}
	r, err := FromValue(t.value(), opts)
	if err != nil {
		return nil, err
	}
	r.Stream, r.Notices = t.streams(), append(t.notices, r.Notices...)
	return r, nil
}

// streams reports whether pieces are wanted, which is what Ollama does unless told
// otherwise.
func (t *ollama) streams() bool {
	v, given := t.in.get("stream")
	return !given || v.True()
}

// sameOptions are options that chat completions have under another name or the same.
var sameOptions = map[string]string{
	"temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "min_p": "min_p", "seed": "seed", "stop": "stop", "num_predict": "max_tokens",
	"repeat_penalty": "repetition_penalty", "presence_penalty": "presence_penalty", "frequency_penalty": "frequency_penalty",
}

// common rewrites what both routes have: format, options, think.
func (t *ollama) common() error {
	if model, given := t.in.get("model"); given {
		t.set("model", model)
	}
	if err := t.format(); err != nil {
		return err
	}
	if think, given := t.in.get("think"); given && (think.True() || think.Kind == pyjson.String) {
		t.notice("think was left out: this model does not think aloud")
	}
	options, given := t.in.get("options")
	if !given {
		return nil
	}
	if options.Kind != pyjson.Object {
		return t.in.wrong("options", options, "an object")
	}
	for _, m := range options.Members {
		name, known := sameOptions[m.Key]
		v := m.Value
		switch {
		case m.Key == "num_predict" && v.Kind == pyjson.Int && strings.HasPrefix(v.Text, "-"):
			v.Text = "-1" // -2 is "until the context is full", too
		case m.Key == "temperature":
			v = atMost2(v)
		case m.Key == "seed" && v.Kind == pyjson.Int && v.Text == "0":
			continue // Ollama's word for any
		case m.Key == "num_ctx" && v.Kind == pyjson.Int && larger(v.Text, t.context):
			t.notice("num_ctx is %s, but the context is %d tokens; it is set where the server is started", v.Text, t.context)
		}
		if known {
			t.set(name, v)
		}
	}
	return nil
}

// larger reports whether a literal of digits is more than n.
func larger(digits string, n int) bool {
	limit := fmt.Sprint(n)
	return len(digits) > len(limit) || len(digits) == len(limit) && digits > limit
}

// atMost2 bounds a temperature, which Ollama takes as high as one likes.
func atMost2(v pyjson.Value) pyjson.Value {
	if n, ok := asNumber(v); ok && n > 2 {
		return pyjson.Value{Kind: pyjson.Int, Text: "2"}
	}
	return v
}

// format rewrites "json" and a schema.
func (t *ollama) format() error {
	v, given := t.in.get("format")
	record := func(key string, v pyjson.Value, more ...pyjson.Member) pyjson.Value {
		return pyjson.Value{Kind: pyjson.Object, Members: append([]pyjson.Member{{Key: key, Value: v}}, more...)}
	}
	switch {
	case !given || v.Kind == pyjson.String && v.Text == "":
	case v.Kind == pyjson.String && v.Text == "json":
		t.set("response_format", record("type", pyjson.Text("json_object")))
	case v.Kind == pyjson.Object:
		schema := record("name", pyjson.Text("format"), pyjson.Member{Key: "schema", Value: v})
		t.set("response_format", record("type", pyjson.Text("json_schema"), pyjson.Member{Key: "json_schema", Value: schema}))
	default:
		return t.in.wrong("format", v, "\"json\" or a JSON Schema")
	}
	return nil
}
