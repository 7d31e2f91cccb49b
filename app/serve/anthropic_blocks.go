package serve

import (
	"strings"

	"sirocco/app/openai"
	"sirocco/model/chat"
)

// blocks turns the engine's events into the blocks of an Anthropic message: text
// and tool_use, one after the other. With an outbox every step is told as an event
// of Anthropic's.
type blocks struct {
	q     *request
	out   *sseBuffer // nil: one reply at the end
	reply anthropicMessage
	begun bool

	open string          // "", "text" or "tool_use": the block being written
	tool toolBlock       // when it is tool_use
	text strings.Builder // of either
}

// blockEvent is one event of the stream; what does not belong to its type is absent.
type blockEvent struct {
	Type    string            `json:"type"`
	Message *anthropicMessage `json:"message,omitempty"`
	Index   *int              `json:"index,omitempty"`
	Block   any               `json:"content_block,omitempty"`
	Delta   any               `json:"delta,omitempty"`
	Usage   *anthropicUsage   `json:"usage,omitempty"`
}

type textDelta struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type jsonDelta struct {
	Type string `json:"type"`
	JSON string `json:"partial_json"`
}

type messageDelta struct {
	StopReason   *string `json:"stop_reason"`
	StopSequence *string `json:"stop_sequence"`
}

func (b *blocks) begin(int) {}

func (b *blocks) event(e chat.Event) {
	switch e.Kind {
	case chat.KindPrefill:
		if !b.begun {
			b.reply.Usage = anthropicUsage{Input: e.Prefill.Total - e.Prefill.Cached, Cached: e.Prefill.Cached, Tier: "standard"}
		}
		b.sendStart()
	case chat.KindText:
		b.write(e.Text)
	case chat.KindCall:
		b.call(e.Call)
	}
}

func (b *blocks) sendUsage(e blockEvent) {
	if b.out != nil {
		b.out.named(e.Type, e)
	}
}

// about is an event about the block being written.
func (b *blocks) about(kind string) blockEvent {
	at := len(b.reply.Content)
	return blockEvent{Type: kind, Index: &at}
}

func (b *blocks) sendStart() {
	if b.begun {
		return
	}
	b.begun = true
	b.sendUsage(blockEvent{Type: "message_start", Message: &b.reply})
}

// start begins a block; value is how it looks while it is empty.
func (b *blocks) start(kind string, value any) {
	b.stop()
	b.sendStart()
	b.open = kind
	e := b.about("content_block_start")
	e.Block = value
	b.sendUsage(e)
}

func (b *blocks) write(text string) {
	if b.open != "text" {
		b.start("text", textBlock{Type: "text"})
	}
	b.text.WriteString(text)
	e := b.about("content_block_delta")
	e.Delta = textDelta{"text_delta", text}
	b.sendUsage(e)
}

func (b *blocks) call(c *chat.CallDelta) {
	if c.ID != "" || c.Name != "" {
		b.stop()
		b.tool = toolBlock{Type: "tool_use", ID: c.ID, Name: b.q.Names.Original(c.Name).Full(), Input: openai.JSONObject("")}
		b.start("tool_use", b.tool)
	}
	if b.open != "tool_use" || c.Arguments == "" {
		return
	}
	b.text.WriteString(c.Arguments)
	e := b.about("content_block_delta")
	e.Delta = jsonDelta{"input_json_delta", c.Arguments}
	b.sendUsage(e)
}

// stop ends the block being written.
func (b *blocks) stop() {
	if b.open == "" {
		return
	}
	b.sendUsage(b.about("content_block_stop"))
	if b.open == "text" {
		b.reply.Content = append(b.reply.Content, textBlock{"text", b.text.String()})
	} else {
		b.tool.Input = openai.JSONObject(b.text.String())
		b.reply.Content = append(b.reply.Content, b.tool)
	}
	b.open = ""
	b.text.Reset()
}

// end says why the answer ended and what it took.
func (b *blocks) end(d *chat.Done) {
	b.sendStart()
	b.stop()
	reason := stopReason(d)
	b.reply.StopReason, b.reply.StopSequence = &reason, orNull(d.StopSequence)
	u := d.Usage
	b.reply.Usage = anthropicUsage{Input: u.PromptTokens - u.CachedTokens, Cached: u.CachedTokens, Output: u.CompletionTokens, Tier: "standard"}
	b.sendUsage(blockEvent{Type: "message_delta", Delta: messageDelta{b.reply.StopReason, b.reply.StopSequence}, Usage: &b.reply.Usage})
}

func (b *blocks) close() { b.sendUsage(blockEvent{Type: "message_stop"}) }

func (b *blocks) fail(told *problem) { b.out.named("error", anthropicError(told)) }

// signOfLife is the event that Anthropic's own streams have.
func (b *blocks) signOfLife() []byte { return []byte("event: ping\ndata: {\"type\":\"ping\"}\n\n") }
