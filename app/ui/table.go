//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/view"
)

// table shows a table: columns as wide as their words want, narrower where the
// window is, each cell wrapping for itself; lines between rows only.
func (w *window) table(b view.Block) fyne.CanvasObject {
	t := &tableLayout{}
	body := container.New(t)
	for r, row := range b.Rows {
		for c, cell := range row {
			t.add(body, r, c, w.cell(cell, r == 0))
		}
	}
	t.rows = len(b.Rows)
	for range max(0, t.rows-1) {
		rule := canvas.NewRectangle(shade(theme.ColorNameSeparator))
		t.rules = append(t.rules, rule)
		body.Add(rule)
	}
	return body
}

func (w *window) cell(cell view.Cell, head bool) *widget.RichText {
	spans := cell.Spans
	rich := widget.NewRichText()
	for _, span := range spans {
		span.Bold = span.Bold || head
		segment := w.segment(view.Block{RTL: view.RightToLeft(view.Plain(spans))}, span)
		if text, ok := segment.(*widget.TextSegment); ok && cell.Align != view.AlignStart {
			text.Style.Alignment = fyne.TextAlignTrailing
			if cell.Align == view.AlignCentre {
				text.Style.Alignment = fyne.TextAlignCenter
			}
		}
		rich.Segments = append(rich.Segments, segment)
	}
	rich.Wrapping = fyne.TextWrapWord
	return rich
}

// tableLayout places cells.
type tableLayout struct {
	cells   []tableCell
	rules   []*canvas.Rectangle
	rows    int
	columns int
	width   float32 // laid out for
	height  float32
}

type tableCell struct {
	row, column    int
	rich           *widget.RichText
	preferredWidth float32 // width without wrapping
}

func (t *tableLayout) add(body *fyne.Container, row, column int, rich *widget.RichText) {
	rich.Wrapping = fyne.TextWrapOff
	preferred := rich.MinSize().Width
	rich.Wrapping = fyne.TextWrapWord
	t.cells = append(t.cells, tableCell{row, column, rich, preferred})
	t.columns = max(t.columns, column+1)
	body.Objects = append(body.Objects, rich)
}

// widths shares a width among the columns: what each prefers, or, when that is
// too much, the narrow ones theirs and the wide ones the rest in equal parts.
func (t *tableLayout) widths(room float32) []float32 {
	preferred := make([]float32, t.columns)
	for _, c := range t.cells {
		preferred[c.column] = max(preferred[c.column], c.preferredWidth)
	}
	out := make([]float32, t.columns)
	open := t.columns
	for open > 0 {
		fair, given := room/float32(open), false
		for i := range preferred {
			if out[i] == 0 && preferred[i] <= fair {
				out[i] = max(1, preferred[i])
				room -= out[i]
				open--
				given = true
			}
		}
		if given {
			continue
		}
		for i := range out {
			if out[i] == 0 {
				out[i] = max(40, fair)
			}
		}
		break
	}
	return out
}

func (t *tableLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	if t.width == s.Width {
		return
	}
	t.width = s.Width
	widths := t.widths(s.Width)
	heights := make([]float32, t.rows)
	for _, c := range t.cells {
		c.rich.Resize(fyne.NewSize(widths[c.column], 1))
		heights[c.row] = max(heights[c.row], c.rich.MinSize().Height)
	}
	y := make([]float32, t.rows+1)
	for i, h := range heights {
		y[i+1] = y[i] + h
	}
	for _, c := range t.cells {
		x := float32(0)
		for _, w := range widths[:c.column] {
			x += w
		}
		c.rich.Move(fyne.NewPos(x, y[c.row]))
		c.rich.Resize(fyne.NewSize(widths[c.column], heights[c.row]))
	}
	total := float32(0)
	for _, w := range widths {
		total += w
	}
	for i, rule := range t.rules {
		rule.Move(fyne.NewPos(0, y[i+1]))
		rule.Resize(fyne.NewSize(total, 1))
	}
	t.height = y[t.rows]
}

func (t *tableLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, t.height) }
