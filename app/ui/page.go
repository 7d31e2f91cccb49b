//go:build !headless

package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"sirocco/app/view/i18n"
)

// The pages that may lie over the conversation.
const (
	pageSettings = "settings"
	pageModels   = "models"
	pageServers  = "servers"
	pageServer   = "server: " // before a name
)

// page is one of them.
type page struct {
	name    string
	object  fyne.CanvasObject
	refresh func() // when the engine's state changes; may be nil
	tools   func() // when that of the MCP servers does; may be nil
	traffic func() // when one of them says something; may be nil
}

// show opens a page, or with "" goes back to the conversation. The page that is
// open is closed by its own button too.
func (w *window) show(name string) {
	if w.page != nil && w.page.name == name {
		name = ""
	}
	lap := w.dump.lap("page")
	w.page = nil
	switch name {
	case pageSettings:
		w.page = w.settingsPage()
	case pageModels:
		w.page = w.modelsPage()
	case pageServers:
		w.page = w.serversPage()
	default:
		if server, ok := strings.CutPrefix(name, pageServer); ok {
			w.page = w.serverPage(server)
		}
	}
	if w.page == nil {
		w.shell.middle.Objects = []fyne.CanvasObject{w.chat}
	} else {
		w.shell.middle.Objects = []fyne.CanvasObject{w.page.object}
		w.shell.shut()
	}
	w.shell.middle.Refresh()
	w.alive.Wake()
	if w.win.Content() == w.root {
		w.focusEntry()
	}
	lap()
	w.dump.write()
}

// newPage frames a page: a title with a button that closes it, and sections in a
// column that scrolls.
func (w *window) newPage(name, title string, sections ...fyne.CanvasObject) *page {
	shut := w.iconButton(theme.CancelIcon(), i18n.T("Close (Esc)"), func() { w.show("") })
	head := container.NewBorder(nil, nil, nil, shut, heading(title, theme.SizeNameHeadingText))
	column := container.NewVBox(append([]fyne.CanvasObject{head}, sections...)...)
	body := container.NewVScroll(container.New(&pageColumn{w}, pad(column, 16, 32, 0, 0)))
	return &page{name: name, object: container.NewStack(canvas.NewRectangle(shade(theme.ColorNameBackground)), body)}
}

// section is a group of controls under a title.
func section(title string, rows ...fyne.CanvasObject) fyne.CanvasObject {
	head := heading(title, theme.SizeNameText)
	return container.NewVBox(append([]fyne.CanvasObject{gap(0, 12), head, line()}, rows...)...)
}

// setting is a control with its name, and a word on what it does.
func (w *window) setting(name, meaning string, control fyne.CanvasObject) fyne.CanvasObject {
	label := container.NewVBox(pad(text(name), 6, 0, 0, 0))
	if meaning != "" {
		label.Add(pad(caption(meaning), 0, 6, 0, 0))
	}
	if p, ok := control.(*picker); ok {
		p.name = name
		control = p.shown()
	}
	return container.New(&settingLayout{w}, label, control)
}

// text is a plain line.
func text(s string) *canvas.Text {
	t := canvas.NewText(s, shade(theme.ColorNameForeground))
	t.TextSize = size(theme.SizeNameText)
	return t
}

// pageColumn centres a column of a readable width.
type pageColumn struct{ w *window }

func (l *pageColumn) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	wide := min(680*l.w.theme.scale, s.Width-2*edge)
	objects[0].Resize(fyne.NewSize(wide, s.Height))
	objects[0].Move(fyne.NewPos((s.Width-wide)/2, 0))
}

func (l *pageColumn) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(320, objects[0].MinSize().Height)
}

// settingLayout puts a control beside its name, or below where that is narrow.
type settingLayout struct{ w *window }

func (l *settingLayout) narrow(width float32) bool { return width < 460*l.w.theme.scale }

func (l *settingLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	label, control := objects[0], objects[1]
	need := control.MinSize().Height
	if l.narrow(s.Width) {
		label.Resize(fyne.NewSize(s.Width, label.MinSize().Height))
		control.Move(fyne.NewPos(0, label.MinSize().Height))
		control.Resize(fyne.NewSize(s.Width, need))
		return
	}
	label.Resize(fyne.NewSize(s.Width*0.56, label.MinSize().Height))
	label.Move(fyne.NewPos(0, (s.Height-label.MinSize().Height)/2))
	control.Move(fyne.NewPos(s.Width*0.58, (s.Height-need)/2))
	control.Resize(fyne.NewSize(s.Width*0.42, need))
}

func (l *settingLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	label, control := objects[0].MinSize(), objects[1].MinSize()
	if l.narrow(l.w.pageWidth()) {
		return fyne.NewSize(200, label.Height+control.Height+8)
	}
	return fyne.NewSize(200, max(label.Height, control.Height)+8)
}

// pageWidth is the width of a page's column.
func (w *window) pageWidth() float32 {
	return min(680*w.theme.scale, w.shell.middle.Size().Width-2*edge)
}
