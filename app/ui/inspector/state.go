//go:build !headless

package inspector

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/inspect"
)

// State is what the inspector shows and where its controls are. The test that
// drives a real window waits for it instead of for a time.
type State struct {
	Turn, Turns int // number of the turn that is shown, and how many there are
	Live        bool
	Tab         int
	About       string            // what the prompt or the pictures pane says of the pointer's place
	Tokens      []string          // of the answer that is shown, as they were written
	Chosen      int               // the token that is framed, -1 for none
	Looked      string            // where it looked, as a sentence
	Fields      map[string]string // the form of the call
	Result      string
	Compared    int  // number of the turn beside, 0 for none
	Asking      bool // the turn beside is being made elsewhere
	Found       []string
	Over        bool   // a menu or a dialog lies over the window
	Focus       string // the words of the button that has the keys
	Controls    map[string][4]float32
}

// State is what is shown now. It must be called in the toolkit's goroutine.
func (i *Inspector) State() *State {
	s := &State{Tab: i.tabs.SelectedIndex(), Chosen: -1, Fields: map[string]string{}, Over: i.win.Canvas().Overlays().Top() != nil}
	if b, is := i.win.Canvas().Focused().(*widget.Button); is {
		s.Focus = b.Text
	}
	if i.view == nil {
		return s
	}
	s.Turn, s.Turns, s.Live = i.view.Number, len(i.turns), i.view.Live
	if r := i.answer(); r != nil {
		for _, token := range r.Tokens {
			s.Tokens = append(s.Tokens, token.Text)
		}
	}
	s.Looked, s.Result = i.pictures.answerText.Text, i.call.result.Text
	switch s.Tab {
	case tabPrompt:
		s.About = i.prompt.about.Text
	case tabTokens:
		s.Chosen = i.tokens.selected
	case tabPictures:
		s.About, s.Chosen = i.pictures.about.Text, i.pictures.selected
	}
	if i.call.form.form != nil {
		for _, field := range i.call.form.form.Fields {
			s.Fields[field.Name] = field.Value
		}
	}
	if other := i.compare.other; other != nil {
		s.Compared, s.Asking = other.Number, other.Live
	}
	for _, found := range i.compare.found {
		s.Found = append(s.Found, found.Title)
	}
	s.Controls = i.controls()
	return s
}

// controls are the places of what a person can click on and that is in sight.
func (i *Inspector) controls() map[string][4]float32 {
	p := places{}
	for name, o := range map[string]fyne.CanvasObject{
		"run": i.call.run, "use": i.call.use, "search": i.compare.search, "elsewhere": i.compare.askServerButton, "timeline": i.timeline.list,
	} {
		p.note(name, o)
	}
	for name, input := range i.call.form.inputs {
		p.note("field "+name, input)
	}
	for k, v := range i.pictures.views {
		p.note(fmt.Sprintf("patches %d", k+1), v)
	}
	p.flow("prompt", i.prompt.flow)
	p.flow("token", i.tokens.flow)
	p.flow("word", i.pictures.flow)
	p.rows("turn", i.compare.list, len(i.compare.found))
	return p
}

// places are rectangles by name: x, y, width, height in the window.
type places map[string][4]float32

// note adds something, if it is in sight: what is not has no place in the window.
func (p places) note(name string, o fyne.CanvasObject) (at fyne.Position, seen bool) {
	at = fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	if at.IsZero() || !o.Visible() {
		return at, false
	}
	p[name] = [4]float32{at.X, at.Y, o.Size().Width, o.Size().Height}
	return at, true
}

// flow adds the boxes of a flow that are drawn, by their number.
func (p places) flow(name string, f *flow) {
	sheet, seen := p.note(name+"s", f.scroll.Content)
	if !seen {
		return
	}
	from, to := inspect.Seen(f.lines, f.scroll.Offset.Y, f.scroll.Offset.Y+f.scroll.Size().Height)
	for _, line := range f.lines[from:to] {
		for k := line.From; k < line.To; k++ {
			left, right := line.X[k-line.From], line.X[k-line.From+1]
			p[fmt.Sprintf("%s %d", name, k)] = [4]float32{sheet.X + 12 + left, sheet.Y + line.Y, right - left, line.Height}
		}
	}
}

// rows adds the lines of a list that are in sight, from 1. Where they are follows
// from their height: the list keeps widgets of lines it no longer shows.
func (p places) rows(name string, list *widget.List, count int) {
	at, seen := p.note(name+"s", list)
	if !seen || count == 0 {
		return
	}
	high := list.CreateItem().MinSize().Height
	step := high + theme.Size(theme.SizeNamePadding)
	for n := range count {
		y := float32(n)*step - list.GetScrollOffset()
		if y >= 0 && y+high <= list.Size().Height {
			p[fmt.Sprintf("%s %d", name, n+1)] = [4]float32{at.X, at.Y + y, list.Size().Width, high}
		}
	}
}
