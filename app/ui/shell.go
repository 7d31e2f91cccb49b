//go:build !headless

package ui

import (
	"cmp"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// The side list's width, and the window's below which it becomes a drawer.
const (
	sideWidth   = 264
	narrowBelow = 800
)

// shell is the frame of the window: the side list, and the header over what is
// being done. In a narrow window the list lies over the rest as a drawer.
type shell struct {
	w      *window
	object *fyne.Container
	side   fyne.CanvasObject
	main   *fyne.Container
	middle *fyne.Container
	veil   *hot
	narrow bool
	drawer bool // open, in a narrow window
}

func newShell(w *window) *shell {
	s := &shell{w: w, side: w.side.object}
	s.middle = container.NewStack(w.chat)
	s.main = container.New(below{}, column(w.header.object, line(), w.notice), s.middle)
	shadow := canvas.NewRectangle(alpha(0, 0x50))
	s.veil = newHot(shadow, func() { s.toggle() })
	s.object = container.New(s, s.main, s.veil, s.side)
	return s
}

// below gives the first object the height it wants and the second the rest, without a
// gap between them.
type below struct{}

func (below) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	top := objects[0].MinSize().Height
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(fyne.NewSize(s.Width, top))
	objects[1].Move(fyne.NewPos(0, top))
	objects[1].Resize(fyne.NewSize(s.Width, max(0, s.Height-top)))
}

func (below) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(max(a.Width, b.Width), a.Height+b.Height)
}

// toggle opens and closes the side list.
func (s *shell) toggle() {
	if s.narrow {
		s.drawer = !s.drawer
	} else {
		s.w.view.Settings.Side = !s.w.view.Settings.Side
		s.w.view.Settings.Save()
	}
	s.object.Refresh()
}

// shut closes the drawer, after something in it was chosen.
func (s *shell) shut() {
	if s.drawer {
		s.toggle()
	}
}

// Layout places list and main part.
func (s *shell) Layout(_ []fyne.CanvasObject, room fyne.Size) {
	s.narrow = room.Width < narrowBelow*max(1, s.w.theme.scale*0.8)
	s.drawer = s.drawer && s.narrow
	wide := sideWidth * max(1, s.w.theme.scale*0.8)
	docked := !s.narrow && s.w.view.Settings.Side
	left := float32(0)
	if docked {
		left = wide
	}
	show(s.side, docked || s.drawer)
	show(s.veil, s.drawer)
	s.side.Move(fyne.NewPos(0, 0))
	s.side.Resize(fyne.NewSize(wide, room.Height))
	s.veil.Resize(room)
	s.main.Move(fyne.NewPos(left, 0))
	s.main.Resize(fyne.NewSize(room.Width-left, room.Height))
	s.w.dump.writeLater()
}

// MinSize lets the window become small.
func (s *shell) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(420, 360) }

// header is the line above the conversation.
type header struct {
	w      *window
	object fyne.CanvasObject
	title  *widget.Label
	model  *button
	meter  *meter
}

func (w *window) newHeader() *header {
	h := &header{w: w, title: widget.NewLabel(""), meter: newMeter(theme.ColorNamePrimary)}
	h.title.TextStyle.Bold, h.title.Truncation = true, fyne.TextTruncateEllipsis
	menu := w.iconButton(theme.MenuIcon(), i18n.T("Conversations (Ctrl+B)"), func() { w.shell.toggle() })
	h.model = w.textButton("", nil, i18n.T("Choose what answers"), func() { w.show(pageModels) })
	settings := w.iconButton(theme.SettingsIcon(), i18n.T("Settings (Ctrl+,)"), func() { w.show(pageSettings) })
	look := w.iconButton(theme.VisibilityIcon(), i18n.T("Inspector: what really happened (Ctrl+Shift+I)"), func() { w.inspect() })
	right := container.NewHBox(container.NewCenter(h.meter), h.model, settings, look)
	h.object = pad(container.NewBorder(nil, nil, menu, right, h.title), 4, 4, 8, 8)
	return h
}

func (h *header) refresh() {
	host := h.w.view.Host
	title := h.w.view.Title
	if title == "" {
		title = i18n.T("New chat")
	}
	if h.w.view.Own() {
		title += "  ·  " + cmp.Or(h.w.view.Preset().Name, i18n.T("own settings"))
	}
	h.title.SetText(title)
	show(h.meter, host.Phase == view.Starting && host.Share >= 0)
	h.meter.Set(host.Share)
	h.model.SetText(short(h.w.view.Answers(), 56))
	h.w.win.SetTitle(title + " – Sirocco")
	h.object.Refresh()
}

// showBand names the miniature wherever it answers.
func (w *window) showBand() {
	w.band.Objects = nil
	if w.view.Miniature() {
		text := canvas.NewText(i18n.T("Miniature model: good for shapes, colours, words on signs."), shade(theme.ColorNameForeground))
		text.TextSize = size(sizeSmall)
		full := w.textButton(i18n.T("Get the full model"), nil, i18n.T("What it takes, and where to get it"), func() { w.show(pageModels) })
		line := container.NewHBox(container.NewCenter(text), full)
		w.band.Objects = []fyne.CanvasObject{container.NewStack(canvas.NewRectangle(shade(colorBand)), container.NewCenter(line))}
	}
	w.layoutChat()
}

// showNotice is the line across the window: an error, or something to undo.
func (w *window) showNotice() {
	w.notice.Objects = nil
	if n := w.view.Notice; n != nil {
		close := w.iconButton(theme.CancelIcon(), i18n.T("Dismiss (Esc)"), func() { w.view.Dismiss(); w.refresh() })
		right := container.NewHBox(close)
		if n.Action != "" {
			right.Objects = []fyne.CanvasObject{w.textButton(n.Action, nil, "", func() { n.Do(); w.refresh() }), close}
		}
		w.notice.Objects = []fyne.CanvasObject{container.NewStack(canvas.NewRectangle(shade(colorBand)),
			pad(container.NewBorder(nil, nil, nil, right, prose(n.Text)), 0, 0, 8, 8))}
	}
	w.shell.main.Refresh()
}
