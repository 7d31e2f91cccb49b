//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/view"
)

// callLine tells one call quietly; a tap opens the inspector there.
type callLine struct {
	*hot
	words *widget.TextSegment
	text  *widget.RichText
}

func (r *row) newCallLine(c view.Call) *callLine {
	l := &callLine{words: &widget.TextSegment{Style: small()}}
	l.words.Style.TextStyle.Monospace = true
	l.text = widget.NewRichText(l.words)
	l.text.Truncation = fyne.TextTruncateEllipsis
	l.hot = newHot(snug(l.text), func() { r.w.inspectCall(r.m.Turn, c.Round, c.Index) })
	l.name = "call: " + c.Name
	return l
}

// setStatus shows a line, if it is not what is shown.
func (l *callLine) setStatus(line string) {
	if l.words.Text != line {
		l.words.Text = line
		l.text.Refresh()
	}
}

// showCalls lists tool calls, a line each.
func (r *row) showCalls(a *view.Answer) {
	show(r.calls, len(a.Calls) > 0)
	for i, c := range a.Calls {
		if i == len(r.lines) {
			r.lines = append(r.lines, r.newCallLine(c))
			r.calls.Add(r.lines[i].hot)
		}
		r.lines[i].setStatus(c.Line())
	}
}

// showPictures shows what tools returned to be seen.
func (r *row) showPictures(a *view.Answer) {
	show(r.shown, len(a.Shown) > 0)
	if len(a.Shown) == r.pictures {
		return
	}
	r.pictures = len(a.Shown)
	r.shown.Objects = []fyne.CanvasObject{r.w.pictureRow(a.Shown)}
	r.shown.Refresh()
}

// small is the style of words that may be overlooked.
func small() widget.RichTextStyle {
	return widget.RichTextStyle{ColorName: colorMuted, SizeName: sizeSmall}
}
