package chattemplate

import (
	"context"
	"fmt"
	"strings"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// walk writes a conversation's ids, and with every id where it came from.
type walk struct {
	*template
	tok    *tokenizer.Tokenizer
	rule   imageproc.Rule
	tools  string // JSON of the tools, "" for none
	prompt Prompt

	ctx       context.Context // one call's: a walk lives no longer
	maxTokens int             // tokens
	ended     error           // why nothing more is encoded
}

// conversation writes all turns. The tools stand before the last user turn, so
// that they are near the question; from v13 on before the first, so that the
// beginning of the prompt stays the same from turn to turn.
func (w *walk) conversation(turns []turn) error {
	w.special(w.bos, 0)
	toolsAt := -1
	for i := range turns {
		if turns[i].role == chat.User && (toolsAt < 0 || w.version < 13) {
			toolsAt = i
		}
	}
	for i := range turns {
		if i == toolsAt && w.tools != "" {
			w.enclosed(w.template.tools, KindTools, w.tools, w.endTools, turns[i].message)
		}
		if err := w.turn(&turns[i]); err != nil {
			return err
		}
		if w.ended != nil {
			return w.ended
		}
	}
	return nil
}

func (w *walk) turn(t *turn) error {
	switch t.role {
	case chat.System:
		w.special(w.system, t.message)
		w.texts(KindSystem, t)
		w.special(w.endSystem, t.message)
	case chat.User:
		return w.userTurn(t)
	case chat.Assistant:
		return w.assistantTurn(t)
	case chat.ToolRole:
		w.resultTurn(t)
	}
	return nil
}

func (w *walk) userTurn(t *turn) error {
	w.special(w.user, t.message)
	for _, c := range t.imageFirst() {
		if c.image == nil {
			w.text(KindUser, c.text, c.message)
			continue
		}
		if err := w.image(c.image, c.message); err != nil {
			return err
		}
	}
	w.special(w.endUser, t.message)
	return nil
}

func (w *walk) assistantTurn(t *turn) error {
	text := t.text()
	if text == "" && len(t.calls) == 0 {
		return fault(t.message, "content", "is an assistant message with neither text nor tool calls; it needs one of them")
	}
	if t.thinks() {
		w.texts(KindAssistant, t)
	} else {
		w.text(KindAssistant, strings.TrimRight(text, " "), t.message)
	}
	if err := w.callsOf(t); err != nil {
		return err
	}
	if !t.prefix {
		w.special(w.eos, t.message)
	}
	return nil
}

func (w *walk) resultTurn(t *turn) {
	w.special(w.result, t.message)
	if w.version < 13 {
		w.text(KindToolResult, t.callID, t.message)
		w.special(w.content, t.message)
	}
	w.text(KindToolResult, t.text(), t.message)
	w.special(w.endGiven, t.message)
}

// texts writes the texts of a turn, thoughts between their marks. A model that does not
// think reads the marks as letters.
func (w *walk) texts(kind string, t *turn) {
	if !t.thinks() {
		w.text(kind, t.text(), t.message)
		return
	}
	for _, c := range t.chunks {
		switch {
		case !c.think:
			w.text(kind, c.text, c.message)
		case w.thinking():
			w.enclosed(w.think, kind, c.text, w.endThink, c.message)
		default:
			w.text(kind, "[THINK]"+c.text+"[/THINK]", c.message)
		}
	}
}

// enclosed writes a text between two control tokens.
func (w *walk) enclosed(open int32, kind, text string, end int32, message int) {
	w.special(open, message)
	w.text(kind, text, message)
	w.special(end, message)
}

func (w *walk) special(id int32, message int) {
	w.prompt.IDs = append(w.prompt.IDs, id)
	w.span(KindControl, message)
}

func (w *walk) text(kind, text string, message int) {
	if w.ended != nil {
		return
	}
	text = pyjson.Clean(text)
	if w.goOn(len(w.prompt.IDs) + w.tok.MinTokens(len(text))) {
		w.prompt.IDs, _ = w.tok.AppendEncodeWhile(w.prompt.IDs, text, w.goOn)
		w.goOn(len(w.prompt.IDs))
	}
	w.span(kind, message)
}

// goOn reports whether a prompt of so many tokens is still wanted.
func (w *walk) goOn(tokens int) bool {
	if w.ended == nil {
		w.ended = w.ctx.Err()
	}
	if w.ended == nil && tokens > w.maxTokens {
		w.ended = &TooLongError{w.maxTokens}
	}
	return w.ended == nil
}

// image writes the rows of a picture: [IMG] for every merged patch, [IMG_BREAK]
// after every row but the last, which ends with [IMG_END].
func (w *walk) image(img *chat.Image, message int) error {
	if w.tok.Image() == nil {
		return fault(message, "content", "holds a picture, but this model's tokenizer has no picture settings: it reads text only")
	}
	info, err := imageproc.Probe(img.Data)
	if err != nil {
		name := img.Name
		if name == "" {
			name = fmt.Sprintf("picture %d", len(w.prompt.Images)+1)
		}
		return fault(message, "content", "holds a picture that cannot be read (%s): %v", name, err)
	}
	grid := w.rule.Grid(info.Width, info.Height)
	if grid.Tokens() == 0 {
		return fmt.Errorf("the model's picture settings cannot be used: patch size %d, longest side %d, merge %d",
			w.rule.PatchSize, w.rule.MaxSize, w.rule.Merge)
	}
	w.prompt.Images = append(w.prompt.Images, ImageRef{Grid: grid, Start: len(w.prompt.IDs), Image: img})
	for row := 1; row <= grid.Rows; row++ {
		for range grid.Columns {
			w.prompt.IDs = append(w.prompt.IDs, w.img)
		}
		end := w.imgBreak
		if row == grid.Rows {
			end = w.imgEnd
		}
		w.prompt.IDs = append(w.prompt.IDs, end)
	}
	w.span(KindImage, message)
	return nil
}

// span gives the ids written since the last span to kind and message. A run of
// one kind and message is one span; pictures keep one each.
func (w *walk) span(kind string, message int) {
	start, end := 0, len(w.prompt.IDs)
	if n := len(w.prompt.Spans); n > 0 {
		last := &w.prompt.Spans[n-1]
		if last.Kind == kind && last.Message == message && kind != KindImage {
			last.End = end
			return
		}
		start = last.End
	}
	if end > start {
		w.prompt.Spans = append(w.prompt.Spans, chat.Span{Kind: kind, Start: start, End: end, Message: message})
	}
}
