//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// side is the list of conversations with its search.
type side struct {
	w      *window
	object fyne.CanvasObject
	search *field
	list   *widget.List
	none   *fyne.Container

	rowHeight float32 // of every line of the list
}

func (w *window) newSide() *side {
	s := &side{w: w, none: container.NewStack()}
	fresh := w.textButton(i18n.T("New chat"), theme.DocumentCreateIcon(), i18n.T("New chat (Ctrl+N)"), func() { w.newChat() })
	fresh.Alignment = widget.ButtonAlignLeading
	s.search = newField(w, i18n.T("Search"))
	s.search.OnChanged = func(text string) { crash.Call(func() { w.view.List.Search(text) }) }
	s.list = widget.NewList(
		func() int { return len(w.view.List.Rows) },
		func() fyne.CanvasObject { return s.newRow() },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			if rows := w.view.List.Rows; i < len(rows) {
				o.(*sideRow).set(rows[i])
			}
		})
	s.list.HideSeparators = true
	models := w.textButton(i18n.T("Models"), theme.StorageIcon(), i18n.T("Choose what answers"), func() { w.show(pageModels) })
	settings := w.textButton(i18n.T("Settings"), theme.SettingsIcon(), i18n.T("Settings (Ctrl+,)"), func() { w.show(pageSettings) })
	servers := w.textButton(i18n.T("Tools"), theme.ComputerIcon(), i18n.T("MCP servers and their tools"), func() { w.show(pageServers) })
	models.Alignment, settings.Alignment, servers.Alignment = widget.ButtonAlignLeading, widget.ButtonAlignLeading, widget.ButtonAlignLeading
	top := pad(container.NewVBox(fresh, s.search), 8, 8, 8, 8)
	foot := pad(container.NewVBox(models, servers, settings), 4, 8, 8, 8)
	body := container.NewBorder(top, foot, nil, nil, container.NewStack(s.list, s.none))
	edge := container.NewBorder(nil, nil, nil, line(), body)
	s.object = container.NewStack(canvas.NewRectangle(shade(colorSide)), edge)
	return s
}

func (s *side) refresh() {
	s.none.Objects = nil
	if len(s.w.view.List.Rows) == 0 {
		text := i18n.T("What you ask is kept here, on this machine only.")
		if s.w.view.List.Query != "" {
			text = i18n.T("Nothing found.")
		}
		s.none.Objects = []fyne.CanvasObject{pad(muted(text), 8, 0, 8, 8)}
	}
	s.none.Refresh()
	s.list.Refresh()
}

// newRow makes a row for the list to fill and fill again.
func (s *side) newRow() fyne.CanvasObject {
	r := newSideRow(s.w)
	s.rowHeight = r.MinSize().Height
	return r
}

// sideRow is a line of the list: a heading, or a conversation.
type sideRow struct {
	widget.BaseWidget
	w       *window
	row     view.Row
	ground  *canvas.Rectangle
	bar     *canvas.Rectangle
	title   *widget.Label
	head    *canvas.Text // of a day, in place of the title
	more    *button
	inside  bool
	content *fyne.Container
}

func newSideRow(w *window) *sideRow {
	r := &sideRow{w: w, ground: box(colorSoft, 8), bar: box(theme.ColorNamePrimary, 1.5), title: widget.NewLabel("")}
	r.title.Truncation = fyne.TextTruncateEllipsis
	r.head = caption("")
	r.bar.SetMinSize(fyne.NewSize(3, 20))
	r.more = w.iconButton(theme.MoreHorizontalIcon(), i18n.T("Rename, pin, delete"), func() { r.menu(r.more) })
	line := container.NewBorder(nil, nil, container.NewCenter(r.bar), r.more, r.title)
	r.content = container.NewStack(r.ground, line, pad(container.NewBorder(nil, nil, r.head, nil), 0, 0, 3*theme.Padding(), 0))
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer shows the row.
func (r *sideRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(pad(r.content, 0, 0, 8, 8))
}

func (r *sideRow) set(row view.Row) {
	r.row = row
	selected := row.ID != 0 && row.ID == r.w.view.List.Selected
	text := row.Title
	if row.Pinned {
		text = "★ " + text
	}
	r.title.SetText(text)
	r.head.Text = row.Heading
	show(r.bar, selected)
	show(r.ground, selected || r.inside && row.Heading == "")
	show(r.more, row.Heading == "" && (selected || r.inside))
	r.Refresh()
}

// Tapped opens the conversation.
func (r *sideRow) Tapped(*fyne.PointEvent) {
	if r.row.Heading == "" {
		crash.Call(func() { r.w.openChat(r.row.ID) })
	}
}

// TappedSecondary shows the menu.
func (r *sideRow) TappedSecondary(*fyne.PointEvent) {
	if r.row.Heading == "" {
		r.menu(r)
	}
}

// menu is what can be done with a conversation.
func (r *sideRow) menu(at fyne.CanvasObject) {
	row, w := r.row, r.w
	pin := i18n.T("Pin")
	if row.Pinned {
		pin = i18n.T("Unpin")
	}
	items := []*fyne.MenuItem{
		fyne.NewMenuItem(i18n.T("Rename…"), func() { w.rename(row) }),
		fyne.NewMenuItem(pin, func() { w.view.Pin(row.ID, !row.Pinned) }),
		fyne.NewMenuItem(i18n.T("Save as Markdown…"), func() { w.export(row, false) }),
		fyne.NewMenuItem(i18n.T("Save as JSON…"), func() { w.export(row, true) }),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(i18n.T("Delete"), func() { w.view.Delete(row.ID, row.Title); w.refresh() }),
	}
	popup := widget.NewPopUpMenu(fyne.NewMenu("", items...), w.win.Canvas())
	popup.ShowAtRelativePosition(fyne.NewPos(0, at.Size().Height), at)
}

// rename asks for another title.
func (w *window) rename(row view.Row) {
	entry := newField(w, i18n.T("Title"))
	entry.SetText(row.Title)
	ask := dialog.NewForm(i18n.T("Rename"), i18n.T("Rename"), i18n.T("Cancel"),
		[]*widget.FormItem{widget.NewFormItem(i18n.T("Title"), entry)}, func(yes bool) {
			if yes && entry.Text != "" {
				w.view.Rename(row.ID, entry.Text)
				w.refresh()
			}
		}, w.win)
	ask.Resize(fyne.NewSize(420, 0))
	ask.Show()
	w.win.Canvas().Focus(entry)
}

// field is a one-line entry from which the window's shortcuts work.
type field struct {
	widget.Entry
	w    *window
	name string
}

func newField(w *window, name string) *field {
	f := &field{w: w, name: name}
	f.ExtendBaseWidget(f) // before anything else, or the entry takes the focus for itself
	f.SetPlaceHolder(name)
	return f
}

// AccessibilityLabel is what a screen reader says.
func (f *field) AccessibilityLabel() string { return f.name }

// TypedShortcut hands the window's shortcuts on.
func (f *field) TypedShortcut(s fyne.Shortcut) {
	if !f.w.shortcut(s) {
		f.Entry.TypedShortcut(s)
	}
}

// leave closes the page the field is on, or goes back to the question.
func (f *field) leave() {
	if f.w.page != nil {
		f.w.escape()
		return
	}
	f.SetText("")
	f.w.focusEntry()
}

// FocusGained is told to the test that drives the window.
func (f *field) FocusGained() {
	f.Entry.FocusGained()
	f.w.dump.write()
}

// TypedKey lets Escape leave the field.
func (f *field) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		f.leave()
		return
	}
	f.Entry.TypedKey(k)
}
