//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
)

// button is a button with a tooltip. Its name is also its label for the tests
// that drive the window.
type button struct {
	widget.Button
	tip  string
	tips *tips
	w    *window
}

// iconButton is a quiet button that shows an icon; tip says what it does.
func (w *window) iconButton(icon fyne.Resource, tip string, do func()) *button {
	b := &button{tip: tip, tips: w.tips, w: w}
	b.Icon, b.OnTapped, b.Importance = icon, func() { crash.Call(do) }, widget.LowImportance
	b.ExtendBaseWidget(b)
	return b
}

// textButton is a quiet button with words.
func (w *window) textButton(text string, icon fyne.Resource, tip string, do func()) *button {
	b := w.iconButton(icon, tip, do)
	b.Text = text
	return b
}

// solidButton is one on a ground of its own.
func (w *window) solidButton(text string, icon fyne.Resource, tip string, do func()) *button {
	b := w.textButton(text, icon, tip, do)
	b.Importance = widgetMedium
	return b
}

// AccessibilityLabel is what a screen reader says.
func (b *button) AccessibilityLabel() string {
	if b.Text != "" {
		return b.Text
	}
	return b.tip
}

// TypedKey closes what is open with Escape.
func (b *button) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		b.w.escape()
		return
	}
	b.Button.TypedKey(k)
}

// MouseIn shows the tooltip after a while.
func (b *button) MouseIn(e *desktop.MouseEvent) {
	b.Button.MouseIn(e)
	b.tips.over(b, b.tip)
}

// MouseOut takes it away.
func (b *button) MouseOut() {
	b.Button.MouseOut()
	b.tips.out(b)
}

// Tapped takes the tooltip away too.
func (b *button) Tapped(e *fyne.PointEvent) {
	b.tips.out(b)
	b.Button.Tapped(e)
}

// box is a filled, rounded rectangle.
func box(fill fyne.ThemeColorName, radius float32) *canvas.Rectangle {
	r := canvas.NewRectangle(shade(fill))
	r.CornerRadius = radius
	return r
}

// frame is a rounded rectangle with a border.
func frame(fill, border fyne.ThemeColorName, radius float32) *canvas.Rectangle {
	r := box(fill, radius)
	r.StrokeColor, r.StrokeWidth = shade(border), 1
	return r
}

// caption is a small, quiet line.
func caption(text string) *canvas.Text {
	t := canvas.NewText(text, shade(colorMuted))
	t.TextSize = size(sizeSmall)
	return t
}

// title is a line in bold.
func heading(text string, name fyne.ThemeSizeName) *canvas.Text {
	t := canvas.NewText(text, shade(theme.ColorNameForeground))
	t.TextSize, t.TextStyle.Bold = size(name), true
	return t
}

// prose is text that wraps.
func prose(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// muted is text that wraps and may be overlooked.
func muted(text string) *widget.RichText {
	style := widget.RichTextStyle{ColorName: colorMuted, SizeName: theme.SizeNameText}
	r := widget.NewRichText(&widget.TextSegment{Text: text, Style: style})
	r.Wrapping = fyne.TextWrapWord
	return r
}

// remark is a small line of it.
func remark(text string) *widget.RichText {
	r := muted(text)
	r.Segments[0].(*widget.TextSegment).Style.SizeName = sizeSmall
	return r
}

// snug takes away the space that text keeps around itself, so that it lines up
// with what stands above.
func snug(text fyne.CanvasObject) *fyne.Container { return container.New(tight{}, text) }

// column stacks objects without space between them.
func column(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(0), objects...)
}

// pad surrounds an object with space: top, bottom, left, right.
func pad(o fyne.CanvasObject, top, bottom, left, right float32) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(top, bottom, left, right), o)
}

// line is a thin separator.
func line() *canvas.Rectangle {
	r := canvas.NewRectangle(shade(theme.ColorNameSeparator))
	r.SetMinSize(fyne.NewSize(1, 1))
	return r
}

// gap takes up room.
func gap(width, height float32) *canvas.Rectangle {
	r := canvas.NewRectangle(nil)
	r.SetMinSize(fyne.NewSize(width, height))
	return r
}

// meter is a thin bar that fills up.
type meter struct {
	widget.BaseWidget
	share float64 // below 0: nothing is known
	fill  fyne.ThemeColorName
}

func newMeter(fill fyne.ThemeColorName) *meter {
	m := &meter{fill: fill}
	m.ExtendBaseWidget(m)
	return m
}

// Set moves the bar.
func (m *meter) Set(share float64) {
	if m.share != share {
		m.share = share
		m.Refresh()
	}
}

// CreateRenderer draws the bar.
func (m *meter) CreateRenderer() fyne.WidgetRenderer {
	return &meterRenderer{m: m, back: box(theme.ColorNameSeparator, 2), bar: box(m.fill, 2)}
}

type meterRenderer struct {
	m         *meter
	back, bar *canvas.Rectangle
}

func (r *meterRenderer) Layout(s fyne.Size) {
	at := (s.Height - 4) / 2
	r.back.Move(fyne.NewPos(0, at))
	r.back.Resize(fyne.NewSize(s.Width, 4))
	width := float32(max(0, min(1, r.m.share))) * s.Width
	r.bar.Move(fyne.NewPos(0, at))
	r.bar.Resize(fyne.NewSize(width, 4))
	r.bar.Hidden = width < 2
}

func (r *meterRenderer) MinSize() fyne.Size { return fyne.NewSize(80, 8) }
func (r *meterRenderer) Refresh() {
	r.Layout(r.m.Size())
	r.bar.FillColor, r.back.FillColor = shade(r.m.fill), shade(theme.ColorNameSeparator)
	canvas.Refresh(r.m)
}
func (r *meterRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.back, r.bar} }
func (r *meterRenderer) Destroy()                     {}

// hot is an area that hears taps and the pointer coming.
type hot struct {
	widget.BaseWidget
	name      string // for the tests that drive the window; may be empty
	content   fyne.CanvasObject
	onTapped  func()
	onSecond  func(*fyne.PointEvent)
	onEntered func()
	onLeft    func()
}

func newHot(content fyne.CanvasObject, tapped func()) *hot {
	h := &hot{content: content, onTapped: tapped}
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer shows the content.
func (h *hot) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(h.content) }

// Tapped calls back.
func (h *hot) Tapped(*fyne.PointEvent) {
	if h.onTapped != nil {
		crash.Call(h.onTapped)
	}
}

// TappedSecondary calls back.
func (h *hot) TappedSecondary(e *fyne.PointEvent) {
	if h.onSecond != nil {
		h.onSecond(e)
	}
}

// MouseIn calls back.
func (h *hot) MouseIn(*desktop.MouseEvent) {
	if h.onEntered != nil {
		h.onEntered()
	}
}

// MouseMoved does nothing.
func (h *hot) MouseMoved(*desktop.MouseEvent) {}

// MouseOut calls back.
func (h *hot) MouseOut() {
	if h.onLeft != nil {
		h.onLeft()
	}
}

// Cursor is a hand where a tap does something.
func (h *hot) Cursor() desktop.Cursor {
	if h.onTapped != nil {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}
