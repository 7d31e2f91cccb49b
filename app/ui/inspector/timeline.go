//go:build !headless

package inspector

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/inspect"
	"sirocco/app/inspect/controller"
	"sirocco/app/view/i18n"
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
	t.object = container.NewBorder(container.NewBorder(nil, nil, bold(i18n.T("Timeline")), t.scale), nil, nil, nil, t.list)
	return t
}

// selected fills the panes with what belongs to a row.
func (t *timeline) selected(n widget.ListItemID) {
	row := t.i.view.Rows[n]
	t.i.round = row.Round
	switch {
	case row.Call >= 0:
		t.i.call.selectCall(row.Round, row.Call)
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
	t.scale.SetText("0.0 s – " + inspect.Seconds(v.Length))
	t.list.Refresh()
	if v.Live && len(v.Rows) > t.count {
		t.list.ScrollToBottom()
	}
	t.count = len(v.Rows)
}

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
func (s *step) set(v *controller.TurnView, row *inspect.Row) {
	whole := max(float32(v.Length.Seconds()), 1e-6)
	s.start = float32(row.Start.Seconds()) / whole
	s.width = float32((row.End - row.Start).Seconds()) / whole
	fill := bars[row.Kind]
	s.bar.FillColor, s.dot.FillColor = fill, fill
	s.label.Text, s.cost.Text, s.note.Text = inspect.RowTitle(row), inspect.RowCost(row), inspect.RowNote(v.Turn, row)
	s.note.Color = theme.Color(theme.ColorNamePlaceHolder)
	if row.Kind == inspect.RowRun && row.Note != "" && !row.Open {
		s.note.Color = theme.Color(theme.ColorNameError)
	}
	s.Refresh()
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
