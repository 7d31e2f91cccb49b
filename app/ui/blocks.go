//go:build !headless

package ui

import (
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/view"
)

// block shows one view.Block. A block that is finished is laid out only when
// the window's width changes.
type block struct {
	object fyne.CanvasObject
	rich   *widget.RichText // of a paragraph, heading or list item
	code   *codeBlock
	kind   view.BlockKind
	indent float32
	above  float32 // space before it
}

// showBlock builds a block's widgets.
func (w *window) showBlock(b view.Block) *block {
	s := &block{kind: b.Kind, above: 10, indent: float32(b.Quote) * 16}
	switch b.Kind {
	case view.Code:
		s.code = w.newCode(b)
		s.object = s.code.object
	case view.Table:
		s.object = w.table(b)
	case view.Rule:
		s.object = pad(line(), 6, 6, 0, 0)
	default:
		s.text(w, b)
	}
	if b.Quote > 0 {
		bar := canvas.NewRectangle(shade(theme.ColorNameSeparator))
		bar.SetMinSize(fyne.NewSize(3, 1))
		s.object = container.NewBorder(nil, nil, pad(bar, 0, 0, 0, 10), nil, s.object)
		s.indent = float32(b.Quote-1) * 16
	}
	return s
}

// text shows words. A RichText surrounds itself with space that would pull the
// blocks apart; tight takes it away.
func (s *block) text(w *window, b view.Block) {
	s.rich = widget.NewRichText(w.segments(b)...)
	s.rich.Wrapping = fyne.TextWrapWord
	body := container.New(tight{}, s.rich)
	s.object = body
	switch b.Kind {
	case view.Heading:
		s.above = 16
	case view.ListItem:
		s.above = 4
		s.indent += float32(b.Level) * 20
		mark := canvas.NewText(b.Marker, shade(colorMuted))
		mark.TextSize = size(theme.SizeNameText)
		s.object = container.New(&itemLayout{rtl: b.RTL}, mark, body)
	}
}

// update shows a block that has grown. It is false when it became another kind.
func (s *block) update(w *window, b view.Block) bool {
	if s.kind != b.Kind || b.Kind == view.Table {
		return false
	}
	if s.code != nil {
		s.code.update(b)
		return true
	}
	if s.rich == nil {
		return true
	}
	s.rich.Segments = w.segments(b)
	s.rich.Refresh()
	return true
}

// segments are a block's words in the toolkit's form.
func (w *window) segments(b view.Block) []widget.RichTextSegment {
	var out []widget.RichTextSegment
	for _, span := range b.Spans {
		out = append(out, w.segment(b, span))
	}
	if len(out) == 0 {
		out = append(out, &widget.TextSegment{})
	}
	return out
}

func (w *window) segment(b view.Block, span view.Span) widget.RichTextSegment {
	if target, err := url.Parse(span.Link); span.Link != "" && err == nil {
		return &widget.HyperlinkSegment{Text: span.Text, URL: target, OnTapped: func() { crash.Call(func() { w.askLink(target) }) }}
	}
	if span.Code {
		return &widget.TextSegment{Text: span.Text, Style: widget.RichTextStyleCodeInline}
	}
	style := widget.RichTextStyle{Inline: true, ColorName: theme.ColorNameForeground, SizeName: theme.SizeNameText,
		TextStyle: fyne.TextStyle{Bold: span.Bold, Italic: span.Italic, Strikethrough: span.Strike}}
	if b.RTL {
		style.Alignment = fyne.TextAlignTrailing
	}
	if b.Quote > 0 {
		style.ColorName = colorMuted
	}
	if b.Kind == view.Heading {
		style.TextStyle.Bold = true
		switch b.Level {
		case 1:
			style.SizeName = theme.SizeNameHeadingText
		case 2:
			style.SizeName = theme.SizeNameSubHeadingText
		}
	}
	return &widget.TextSegment{Text: span.Text, Style: style}
}

// tight lays out one RichText without the space it keeps around itself.
type tight struct{}

func (tight) inset() float32 { return size(theme.SizeNameInnerPadding) }

func (t tight) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	in := t.inset()
	objects[0].Move(fyne.NewPos(-in, -in))
	objects[0].Resize(fyne.NewSize(s.Width+2*in, s.Height+2*in))
}

func (t tight) MinSize(objects []fyne.CanvasObject) fyne.Size {
	in := t.inset()
	need := objects[0].MinSize()
	return fyne.NewSize(max(0, need.Width-2*in), max(0, need.Height-2*in))
}

// itemLayout puts a list item's marker beside its words.
type itemLayout struct{ rtl bool }

func (l *itemLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	mark, body := objects[0], objects[1]
	wide := l.markWidth(mark)
	mark.Resize(mark.MinSize())
	body.Resize(fyne.NewSize(s.Width-wide, s.Height))
	if l.rtl {
		mark.Move(fyne.NewPos(s.Width-mark.MinSize().Width, 0))
		body.Move(fyne.NewPos(0, 0))
		return
	}
	mark.Move(fyne.NewPos(wide-mark.MinSize().Width-8, 0))
	body.Move(fyne.NewPos(wide, 0))
}

func (l *itemLayout) markWidth(mark fyne.CanvasObject) float32 {
	return max(24, mark.MinSize().Width+12)
}

func (l *itemLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	need := objects[1].MinSize()
	return fyne.NewSize(need.Width+l.markWidth(objects[0]), max(need.Height, objects[0].MinSize().Height))
}

// blockList stacks blocks at a given width.
type blockList struct {
	w      *window
	body   *fyne.Container
	blocks []*block
	solid  int     // so many at the front are finished
	fixed  int     // so many of those have their place at this width
	below  float32 // where the first of the others begins
	width  float32
	height float32
}

func (w *window) newBlockList() *blockList {
	l := &blockList{w: w}
	l.body = container.New(&placed{l}, []fyne.CanvasObject{}...)
	return l
}

// show brings the list up to date: finished blocks are built once, growing ones
// are updated in place.
func (l *blockList) show(stream *view.Stream) {
	finished, growing := stream.Finished(), stream.Growing()
	for i := l.solid; i < len(finished); i++ {
		l.set(i, finished[i])
	}
	l.solid = len(finished)
	for i, b := range growing {
		l.set(l.solid+i, b)
	}
	if n := len(finished) + len(growing); n < len(l.blocks) {
		l.blocks = l.blocks[:n]
		l.body.Objects = l.body.Objects[:n]
	}
	l.fit(l.width)
}

func (l *blockList) set(i int, b view.Block) {
	if i < len(l.blocks) {
		if l.blocks[i].update(l.w, b) {
			return
		}
		l.blocks[i] = l.w.showBlock(b)
		l.body.Objects[i] = l.blocks[i].object
		return
	}
	built := l.w.showBlock(b)
	l.blocks = append(l.blocks, built)
	l.body.Objects = append(l.body.Objects, built.object)
}

// fit lays the blocks out in a width and returns the height they take. Finished
// blocks that have their place are not looked at again: a long answer has many.
func (l *blockList) fit(width float32) float32 {
	if width <= 0 {
		return 0
	}
	if width != l.width {
		l.fixed, l.below = 0, 0
	}
	l.width = width
	y := l.below
	for i, b := range l.blocks[l.fixed:] {
		if l.fixed+i > 0 {
			y += b.above
		}
		inner := width - b.indent
		if b.object.Size().Width != inner {
			b.object.Resize(fyne.NewSize(inner, b.object.Size().Height))
		}
		need := b.object.MinSize().Height
		if now := b.object.Size(); now.Height != need || now.Width != inner {
			b.object.Resize(fyne.NewSize(inner, need))
			// Words wrap at the width they are given, and only then is their
			// height known.
			if again := b.object.MinSize().Height; again != need {
				need = again
				b.object.Resize(fyne.NewSize(inner, need))
			}
		}
		if at := fyne.NewPos(b.indent, y); b.object.Position() != at {
			b.object.Move(at)
		}
		y += need
		if l.fixed+i < l.solid {
			l.below = y
		}
	}
	l.fixed, l.height = l.solid, y
	return y
}

// placed is the layout of a blockList: fit does the work.
type placed struct{ list *blockList }

func (p *placed) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	if s.Width != p.list.width {
		p.list.fit(s.Width)
	}
}

func (p *placed) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, p.list.height)
}
