//go:build !headless

package inspector

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/inspect"
	"sirocco/app/inspect/desk"
	"sirocco/app/view/words"
)

// timeline is the list of steps with their bars.
type timeline struct {
	i      *Inspector
	object fyne.CanvasObject
	list   *widget.List
	scale  *widget.Label
	count  int
}

func newTimeline(i *Inspector) *timeline {
	t := &timeline{i: i, scale: muted("")}
	t.list = widget.NewList(
		func() int {
			if i.view == nil {
				return 0
			}
			return len(i.view.Rows)
		},
		func() fyne.CanvasObject { return newStep() },
		func(n widget.ListItemID, o fyne.CanvasObject) {
			defer i.lap("row")()
			if i.view != nil && n < len(i.view.Rows) {
				o.(*step).set(i.view, i.view.Rows[n])
			}
		})
	t.list.HideSeparators = true
	t.list.OnSelected = t.selected
	t.object = container.NewBorder(container.NewBorder(nil, nil, bold(words.T("Timeline")), t.scale), nil, nil, nil, t.list)
	return t
}

// selected fills the panes with what belongs to a row.
func (t *timeline) selected(n widget.ListItemID) {
	row := t.i.view.Rows[n]
	t.i.round = row.Round
	switch {
	case row.Call >= 0:
		t.i.call.choose(row.Round, row.Call)
		t.i.tabs.SelectIndex(1)
	case row.Kind == inspect.RowWords:
		t.i.tabs.SelectIndex(2)
	default:
		t.i.tabs.SelectIndex(0)
	}
	t.i.showPane()
}

func (t *timeline) refresh() {
	v := t.i.view
	t.scale.SetText("0.0 s – " + seconds(v.Length))
	t.list.Refresh()
	if v.Live && len(v.Rows) > t.count {
		t.list.ScrollToBottom()
	}
	t.count = len(v.Rows)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// step is a row of the timeline.
type step struct {
	widget.BaseWidget
	dot          *canvas.Circle
	label, cost  *canvas.Text
	note         *canvas.Text
	track, bar   *canvas.Rectangle
	start, width float32 // of the bar, as parts of the whole
}

func newStep() *step {
	s := &step{dot: canvas.NewCircle(nil), label: text(theme.ColorNameForeground), cost: text(theme.ColorNamePlaceHolder), note: text(theme.ColorNamePlaceHolder),
		track: canvas.NewRectangle(theme.Color(theme.ColorNameHover)), bar: canvas.NewRectangle(nil)}
	s.track.CornerRadius, s.bar.CornerRadius = 4, 4
	s.ExtendBaseWidget(s)
	return s
}

func text(name fyne.ThemeColorName) *canvas.Text {
	return canvas.NewText("", theme.Color(name))
}

// set shows a step.
func (s *step) set(v *desk.View, row *inspect.Row) {
	whole := max(float32(v.Length.Seconds()), 1e-6)
	s.start = float32(row.Start.Seconds()) / whole
	s.width = float32((row.End - row.Start).Seconds()) / whole
	fill := bars[row.Kind]
	s.bar.FillColor, s.dot.FillColor = fill, fill
	s.label.Text, s.cost.Text, s.note.Text = title(row), cost(row), note(v, row)
	s.note.Color = theme.Color(theme.ColorNamePlaceHolder)
	if row.Kind == inspect.RowRun && row.Note != "" && !row.Open {
		s.note.Color = theme.Color(theme.ColorNameError)
	}
	s.Refresh()
}

// title names a step; calls and what becomes of them say whose they are.
func title(row *inspect.Row) string {
	switch row.Kind {
	case inspect.RowPrompt:
		return words.T("prompt built")
	case inspect.RowPicture:
		return words.T("picture %d", row.Picture+1)
	case inspect.RowPrefill:
		return words.T("prompt read")
	case inspect.RowWords:
		return words.T("words")
	case inspect.RowCall:
		return words.T("%s  call", row.Label)
	case inspect.RowApproval:
		return words.T("%s  approval", row.Label)
	case inspect.RowRun:
		return words.T("%s  run", row.Label)
	}
	return row.Label
}

// note is what became of a step, or how long it took.
func note(v *desk.View, row *inspect.Row) string {
	if row.Note == "" {
		return seconds(row.End - row.Start)
	}
	if row.Kind == inspect.RowApproval {
		if calls := v.Rounds[row.Round].Calls; row.Call < len(calls) && calls[row.Call].Approval != nil {
			return decision(calls[row.Call].Approval)
		}
	}
	return status(row.Note)
}

// cost is what a step took in tokens.
func cost(row *inspect.Row) string {
	switch {
	case row.Tokens == 0:
		return ""
	case row.Cached > 0 && row.Cached < row.Tokens:
		return words.T("%d tokens, %d cached", row.Tokens, row.Cached)
	case row.Cached > 0:
		return words.T("%d tokens, cached", row.Tokens)
	}
	return words.T("%d tokens", row.Tokens)
}

// CreateRenderer places the parts in columns.
func (s *step) CreateRenderer() fyne.WidgetRenderer {
	return &stepRenderer{s}
}

type stepRenderer struct{ s *step }

func (r *stepRenderer) Destroy()           {}
func (r *stepRenderer) MinSize() fyne.Size { return fyne.NewSize(600, 22) }
func (r *stepRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.s.dot, r.s.label, r.s.cost, r.s.track, r.s.bar, r.s.note}
}

// Layout gives names a quarter, notes a fifth, and the bars what is left.
func (r *stepRenderer) Layout(size fyne.Size) {
	s := r.s
	middle := func(o fyne.CanvasObject, x, w, h float32) {
		o.Move(fyne.NewPos(x, (size.Height-h)/2))
		o.Resize(fyne.NewSize(w, h))
	}
	names, costs, notes := size.Width*0.24, float32(170), max(size.Width*0.16, 190)
	left := 28 + names + costs
	room := max(size.Width-left-notes-16, 40)
	height := s.label.MinSize().Height
	middle(s.dot, 12, 8, 8)
	middle(s.label, 28, names, height)
	middle(s.cost, 28+names, costs, height)
	middle(s.track, left, room, 10)
	start := min(s.start*room, room-2)
	middle(s.bar, left+start, min(max(s.width*room, 2), room-start), 10)
	middle(s.note, left+room+12, notes, height)
}

// Refresh draws the parts anew.
func (r *stepRenderer) Refresh() {
	r.Layout(r.s.Size())
	for _, o := range r.Objects() {
		canvas.Refresh(o)
	}
}
