package serve

import (
	"strings"

	"sirocco/model/chat"
)

// items turns the engine's events into the items of a response: messages and
// calls, one after the other. With an outbox every step is told as an event of
// OpenAI's.
type items struct {
	s      *Server
	q      *request
	out    *sseBuffer // nil: one reply at the end
	reply  response
	memory *remembered // where the response is stored when it has ended
	seq    int
	begun  bool

	message  *messageItem // the one being written
	call     *callItem
	custom   *customItem
	text     strings.Builder // of either
	buffered []tokenLogprob  // of tokens whose text is not out yet
}

// itemEvent is one event of the stream; what does not belong to its type is absent.
type itemEvent struct {
	Type     string    `json:"type"`
	Sequence int       `json:"sequence_number"`
	Response *response `json:"response,omitempty"`

	ItemID       string          `json:"item_id,omitempty"`
	OutputIndex  *int            `json:"output_index,omitempty"`
	ContentIndex *int            `json:"content_index,omitempty"`
	Item         any             `json:"item,omitempty"`
	Part         *textPart       `json:"part,omitempty"`
	Delta        *string         `json:"delta,omitempty"`
	Text         *string         `json:"text,omitempty"`
	Name         string          `json:"name,omitempty"`
	Arguments    *string         `json:"arguments,omitempty"`
	Input        *string         `json:"input,omitempty"`
	Logprobs     *[]tokenLogprob `json:"logprobs,omitempty"`
}

func (a *items) begin(int) {}

func (a *items) event(e chat.Event) {
	switch e.Kind {
	case chat.KindPrefill:
		a.sendStart()
	case chat.KindToken:
		a.sendStart()
		if a.q.Logprobs {
			a.buffered = append(a.buffered, a.s.logprob(e.Token, a.q.Chat.Logprobs))
		}
	case chat.KindText:
		a.sendStart()
		a.write(e.Text)
	case chat.KindCall:
		a.sendStart()
		a.calls(e.Call)
	}
}

// sendUsage sends an event.
func (a *items) sendUsage(e itemEvent) {
	if a.out == nil {
		return
	}
	e.Sequence = a.seq
	a.seq++
	a.out.named(e.Type, e)
}

// about is an event about the item being written.
func (a *items) about(kind string) itemEvent {
	at := len(a.reply.Output)
	e := itemEvent{Type: kind, OutputIndex: &at}
	switch {
	case a.message != nil:
		e.ItemID = a.message.ID
	case a.call != nil:
		e.ItemID = a.call.ID
	case a.custom != nil:
		e.ItemID = a.custom.ID
	}
	return e
}

// aboutText is an event about the only part of the message being written.
func (a *items) aboutText(kind string) itemEvent {
	e := a.about(kind)
	e.ContentIndex = new(int)
	return e
}

// sendStart says that the answer has begun.
func (a *items) sendStart() {
	if a.begun {
		return
	}
	a.begun = true
	for _, kind := range []string{"response.created", "response.in_progress"} {
		a.sendUsage(itemEvent{Type: kind, Response: &a.reply})
	}
}

// write adds text to a message, which begins with it.
func (a *items) write(text string) {
	if a.message == nil {
		a.closeItem("completed")
		a.message = &messageItem{ID: "msg_" + randomName(), Type: "message", Status: "in_progress", Role: "assistant", Content: []textPart{}}
		e := a.about("response.output_item.added")
		e.Item, e.ItemID = a.message, ""
		a.sendUsage(e)
		a.message.Content = []textPart{{Type: "output_text", Annotations: []any{}, Logprobs: []tokenLogprob{}}}
		e = a.aboutText("response.content_part.added")
		e.Part = &a.message.Content[0]
		a.sendUsage(e)
	}
	a.text.WriteString(text)
	e := a.aboutText("response.output_text.delta")
	e.Delta, e.Logprobs = &text, a.takeLogprobs()
	a.sendUsage(e)
}

// takeLogprobs are those of the tokens that made the text that is told now.
func (a *items) takeLogprobs() *[]tokenLogprob {
	part := &a.message.Content[0]
	taken := append([]tokenLogprob{}, a.buffered...)
	part.Logprobs, a.buffered = append(part.Logprobs, taken...), nil
	return &taken
}

// calls begins a call, or adds to it.
func (a *items) calls(c *chat.CallDelta) {
	if c.ID != "" || c.Name != "" {
		a.closeItem("completed")
		a.openCall(c)
	}
	if a.call == nil && a.custom == nil || c.Arguments == "" {
		return
	}
	a.text.WriteString(c.Arguments)
	if a.custom != nil {
		return
	}
	e := a.about("response.function_call_arguments.delta")
	e.Delta = &c.Arguments
	a.sendUsage(e)
}

// openCall begins a call under the client's name for its tool.
func (a *items) openCall(c *chat.CallDelta) {
	own := a.q.Names.Original(c.Name)
	var item any
	if own.Custom {
		a.custom = &customItem{ID: "ctc_" + randomName(), Type: "custom_tool_call", Status: "in_progress", CallID: c.ID, Name: own.Name, Namespace: own.Namespace}
		item = a.custom
	} else {
		a.call = &callItem{ID: "fc_" + randomName(), Type: "function_call", Status: "in_progress", CallID: c.ID, Name: own.Name, Namespace: own.Namespace}
		item = a.call
	}
	e := a.about("response.output_item.added")
	e.Item, e.ItemID = item, ""
	a.sendUsage(e)
}

// closeItem ends the item being written.
func (a *items) closeItem(status string) {
	whole := a.text.String()
	a.text.Reset()
	switch {
	case a.message != nil:
		a.closeMessage(whole, status)
	case a.custom != nil:
		a.closeCustom(whole, status)
	case a.call != nil:
		a.call.Arguments = whole
		e := a.about("response.function_call_arguments.done")
		e.Name, e.Arguments = a.call.Name, &whole
		a.sendUsage(e)
		a.call.Status = status
		a.closed(a.call)
	}
}

func (a *items) closeMessage(whole, status string) {
	part := &a.message.Content[0]
	part.Text = whole
	if a.q.Logprobs {
		a.takeLogprobs()
	}
	e := a.aboutText("response.output_text.done")
	e.Text, e.Logprobs = &whole, &part.Logprobs
	a.sendUsage(e)
	e = a.aboutText("response.content_part.done")
	e.Part = part
	a.sendUsage(e)
	a.message.Status = status
	a.closed(a.message)
}

// closed tells of an item's end and adds it to the reply.
func (a *items) closed(item any) {
	e := a.about("response.output_item.done")
	e.Item, e.ItemID = item, ""
	a.sendUsage(e)
	a.reply.Output = append(a.reply.Output, item)
	a.message, a.call, a.custom = nil, nil, nil
}

// end closes the answer.
func (a *items) end(d *chat.Done) {
	a.sendStart()
	a.reply.conclude(d)
	a.closeItem(a.reply.Status)
	a.s.keep(a.q.client, a.memory, &a.reply)
	a.sendUsage(itemEvent{Type: "response." + a.reply.Status, Response: &a.reply})
}

func (a *items) close() {}

// fail says that the answer came to nothing more.
func (a *items) fail(told *problem) {
	a.closeItem("incomplete")
	code := told.Code
	if code == "" {
		code = told.Type
	}
	a.reply.Status, a.reply.Error = "failed", &responseError{code, told.Message}
	a.sendUsage(itemEvent{Type: "response.failed", Response: &a.reply})
}

func (a *items) signOfLife() []byte { return keepAliveComment }
