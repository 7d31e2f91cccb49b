//go:build !headless

package inspector

import (
	"image/color"
	"maps"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/inspect"
)

// box is a token of a flow as it is drawn.
type box struct {
	inspect.Piece
	fill    color.Color
	mark    bool // new since the turn before: a line above
	red     bool // the model wanted something else here
	picture *grid
}

// flow draws boxes in lines, only those in sight: a prompt of 30,000 tokens
// costs what a screenful does. Lines that stay in sight while scrolling are
// moved, not drawn anew.
type flow struct {
	widget.BaseWidget
	scroll   *container.Scroll
	canvas   *fyne.Container
	boxes    []box
	lines    []inspect.Line
	drawn    map[int]*fyne.Container
	width    float32
	selected int // box with a frame, -1 none
	frame    *canvas.Rectangle
	ruler    *ruler

	lap  func(name string) func()
	over func(i int, x, y float32) // the pointer is over a box, -1: over none
	tap  func(i int)
}

const lineHeight = 22

func newFlow(lap func(string) func(), over func(int, float32, float32), tap func(int)) *flow {
	f := &flow{canvas: container.NewWithoutLayout(), drawn: map[int]*fyne.Container{}, selected: -1, lap: lap, over: over, tap: tap, ruler: newRuler()}
	f.frame = canvas.NewRectangle(color.Transparent)
	f.frame.StrokeWidth, f.frame.CornerRadius = 2, 4
	inner := &sheet{flow: f}
	inner.ExtendBaseWidget(inner)
	f.scroll = container.NewVScroll(inner)
	f.scroll.OnScrolled = func(fyne.Position) {
		defer f.lap("scroll")()
		f.draw()
	}
	f.ExtendBaseWidget(f)
	return f
}

// CreateRenderer shows the scrolled sheet.
func (f *flow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(f.scroll) }

// Resize lays out anew when the width changed.
func (f *flow) Resize(size fyne.Size) {
	f.BaseWidget.Resize(size)
	f.scroll.Resize(size)
	if size.Width != f.width {
		f.width = size.Width
		f.layOutAll()
	}
	f.draw()
}

// set shows other boxes. What grew at the end leaves the place scrolled to.
func (f *flow) set(boxes []box) {
	f.boxes, f.selected = boxes, -1
	f.layOutAll()
	f.draw()
}

func (f *flow) layOutAll() {
	if f.width > 0 {
		f.adopt(layOut(f.boxes, f.width, f.ruler))
	}
}

// layOut places boxes in lines. It touches no widget, so that long flows are laid
// out in the background, with a ruler of their own that has learnt their texts.
func layOut(boxes []box, width float32, r *ruler) []inspect.Line {
	pieces := make([]inspect.Piece, len(boxes))
	for i := range boxes {
		pieces[i] = boxes[i].Piece
	}
	return inspect.Flow(pieces, width-24, lineHeight, r.measure)
}

func (f *flow) adopt(lines []inspect.Line) {
	f.lines = lines
	f.canvas.Objects, f.drawn = nil, map[int]*fyne.Container{}
	f.scroll.Content.Refresh()
	f.scroll.Refresh()
}

// adoptLayout shows boxes that were laid out for a width already.
func (f *flow) adoptLayout(boxes []box, lines []inspect.Line, width float32, r *ruler) {
	if width != f.width {
		f.set(boxes)
		return
	}
	f.boxes, f.selected, f.ruler = boxes, -1, r
	f.adopt(lines)
	f.draw()
}

// ruler measures texts in the monospace face of one size.
type ruler struct {
	size, letter float32
	known        map[string]float32 // of texts that are not ASCII
}

// measureText is the toolkit's. It shares one shaper, so it is called in the
// toolkit's goroutine only: two callers at once end the program.
var measureText = fyne.MeasureText

func newRuler() *ruler {
	size := theme.Size(theme.SizeNameCaptionText) + 1
	return &ruler{size, measureText("m", size, fyne.TextStyle{Monospace: true}).Width, map[string]float32{}}
}

// measure is a text's width. ASCII letters have one width; others may come from
// another font, and are measured once.
func (r *ruler) measure(text string) float32 {
	if isASCII(text) {
		return float32(len(text)) * r.letter
	}
	if _, ok := r.known[text]; !ok {
		r.learn([]string{text})
	}
	return r.known[text]
}

// learn measures texts that are not ASCII.
func (r *ruler) learn(texts []string) {
	for _, text := range texts {
		r.known[text] = measureText(text, r.size, fyne.TextStyle{Monospace: true}).Width
	}
}

// unknown lists the texts of boxes that measure would ask the toolkit for.
func (r *ruler) unknown(boxes []box) []string {
	missing := map[string]bool{}
	for i := range boxes {
		if _, ok := r.known[boxes[i].Text]; !ok && !isASCII(boxes[i].Text) {
			missing[boxes[i].Text] = true
		}
	}
	return slices.Collect(maps.Keys(missing))
}

// draw makes the lines that came into sight and drops those that left it.
func (f *flow) draw() {
	from, to := inspect.Seen(f.lines, f.scroll.Offset.Y-4*lineHeight, f.scroll.Offset.Y+f.scroll.Size().Height+4*lineHeight)
	for i := range f.drawn {
		if i < from || i >= to {
			delete(f.drawn, i)
		}
	}
	objects := make([]fyne.CanvasObject, 0, to-from+1)
	for i := from; i < to; i++ {
		line := f.drawn[i]
		if line == nil {
			line = f.line(f.lines[i])
			f.drawn[i] = line
		}
		objects = append(objects, line)
	}
	f.canvas.Objects = append(objects, f.frame)
	f.place()
	f.repaint()
}

// redraw makes the line of a box anew, if it is in sight.
func (f *flow) redraw(i int) {
	for n := range f.drawn {
		if n < len(f.lines) && f.lines[n].From <= i && i < f.lines[n].To {
			delete(f.drawn, n)
			f.draw()
			return
		}
	}
}

// repaint has the window drawn with the objects as they are now. Refreshing the
// container would make the texture of every text in sight anew.
func (f *flow) repaint() { canvas.Refresh(f.frame) }

// line is the objects of one line: a rectangle for each token, and as few texts
// as can be, because each is a texture.
func (f *flow) line(l inspect.Line) *fyne.Container {
	c := container.NewWithoutLayout()
	c.Move(fyne.NewPos(12, l.Y))
	c.Resize(fyne.NewSize(l.X[len(l.X)-1], l.Height))
	if first := f.boxes[l.From]; first.picture != nil {
		first.picture.draw(c)
		return c
	}
	for k := l.From; k < l.To; k++ {
		f.ground(c, f.boxes[k], l.X[k-l.From], l.X[k-l.From+1])
	}
	f.write(c, l)
	return c
}

// write puts the words over their grounds: as one text where every letter has
// the same width, else token by token.
func (f *flow) write(c *fyne.Container, l inspect.Line) {
	whole, plain := "", true
	for _, b := range f.boxes[l.From:l.To] {
		whole += b.Text
		plain = plain && !b.red && isASCII(b.Text)
	}
	if plain {
		c.Add(at(mono(whole), 0, l.X[len(l.X)-1]))
		return
	}
	for k := l.From; k < l.To; k++ {
		text := mono(f.boxes[k].Text)
		if f.boxes[k].red {
			text.Color = theme.Color(theme.ColorNameError)
		}
		c.Add(at(text, l.X[k-l.From], l.X[k-l.From+1]-l.X[k-l.From]))
	}
}

// at places a text within its line.
func at(text *canvas.Text, x, width float32) *canvas.Text {
	text.Move(fyne.NewPos(x, 2))
	text.Resize(fyne.NewSize(width, lineHeight-4))
	return text
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// ground is a token's background, with a gap to the next one.
func (f *flow) ground(c *fyne.Container, b box, left, right float32) {
	r := canvas.NewRectangle(b.fill)
	r.CornerRadius = 3
	r.Move(fyne.NewPos(left, 1))
	r.Resize(fyne.NewSize(max(right-left-1, 1), lineHeight-3))
	c.Add(r)
	if b.mark {
		bar := canvas.NewRectangle(theme.Color(theme.ColorNamePrimary))
		bar.Move(fyne.NewPos(left, lineHeight-3))
		bar.Resize(fyne.NewSize(max(right-left-1, 1), 2))
		c.Add(bar)
	}
}

// selectBox frames a box.
func (f *flow) selectBox(i int) {
	f.selected = i
	f.place()
	f.repaint()
}

// light frames a part of a picture's box: the patch under the pointer.
func (f *flow) light(i, row, column int) {
	g := f.boxes[i].picture
	for _, l := range f.lines {
		if l.From == i && g != nil {
			f.show(12+float32(column)*g.cell, l.Y+4+float32(row)*g.cell, g.cell, g.cell)
			return
		}
	}
}

func (f *flow) place() {
	f.frame.Hide()
	for _, l := range f.lines {
		if f.selected >= l.From && f.selected < l.To {
			k := f.selected - l.From
			f.show(12+l.X[k]-1, l.Y, l.X[k+1]-l.X[k]+1, l.Height-1)
			return
		}
	}
}

func (f *flow) show(x, y, w, h float32) {
	f.frame.StrokeColor = theme.Color(theme.ColorNamePrimary)
	f.frame.Move(fyne.NewPos(x, y))
	f.frame.Resize(fyne.NewSize(w, h))
	f.frame.Show()
	f.frame.Refresh()
}

// reveal scrolls a box into sight.
func (f *flow) reveal(i int) {
	for _, l := range f.lines {
		if i >= l.From && i < l.To {
			f.scroll.ScrollToOffset(fyne.NewPos(0, max(0, l.Y-f.scroll.Size().Height/3)))
			break
		}
	}
	f.selectBox(i)
	f.draw()
}

// sheet is the scrolled area: as high as all lines, filled where it is seen.
type sheet struct {
	widget.BaseWidget
	flow *flow
}

var _ desktop.Hoverable = (*sheet)(nil)

// CreateRenderer shows what the flow has drawn.
func (s *sheet) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(s.flow.canvas)
}

// MinSize is the height of all lines.
func (s *sheet) MinSize() fyne.Size {
	if n := len(s.flow.lines); n > 0 {
		last := s.flow.lines[n-1]
		return fyne.NewSize(80, last.Y+last.Height+8)
	}
	return fyne.NewSize(80, 0)
}

// MouseIn begins hovering.
func (s *sheet) MouseIn(e *desktop.MouseEvent) { s.MouseMoved(e) }

// MouseMoved tells which box the pointer is over, and where in it.
func (s *sheet) MouseMoved(e *desktop.MouseEvent) {
	i := inspect.At(s.flow.lines, e.Position.X-12, e.Position.Y)
	x, y := e.Position.X-12, e.Position.Y
	for _, l := range s.flow.lines {
		if i >= 0 && i >= l.From && i < l.To {
			y -= l.Y
			break
		}
	}
	s.flow.over(i, x, y)
}

// MouseOut ends hovering.
func (s *sheet) MouseOut() { s.flow.over(-1, 0, 0) }

// Tapped chooses a box.
func (s *sheet) Tapped(e *fyne.PointEvent) {
	if i := inspect.At(s.flow.lines, e.Position.X-12, e.Position.Y); i >= 0 && s.flow.tap != nil {
		s.flow.tap(i)
	}
}
