//go:build !headless

package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// composer is where a question is written: the attachments, the entry, the
// button that sends and stops, and the context meter.
type composer struct {
	w           *window
	object      fyne.CanvasObject
	entry       *questionEntry
	attachments *attachmentBar
	send        *button
	add         *button
	meter       *meter
	line        *canvas.Text
	warning     *fyne.Container
	editing     *view.Message // a question that is asked anew
	banner      *fyne.Container
}

func (w *window) newComposer() *composer {
	c := &composer{w: w, attachments: w.newTrayBar(), meter: newMeter(colorMuted), line: caption("")}
	c.entry = newQuestionEntry(w)
	c.entry.OnChanged = func(text string) { crash.Call(func() { c.typed(text) }) }
	c.send = w.iconButton(theme.MoveUpIcon(), i18n.T("Send (Enter)"), func() { c.sendOrStop() })
	c.send.Importance = widget.HighImportance
	c.add = w.iconButton(theme.ContentAddIcon(), i18n.T("Add pictures or text files (Ctrl+O)"), func() { w.chooseFiles() })
	c.banner, c.warning = container.NewStack(), container.NewStack()
	bare := container.NewThemeOverride(c.entry, &bareLook{w.theme})
	line := container.NewBorder(nil, nil, container.NewVBox(c.add), container.NewVBox(c.send), bare)
	inner := container.NewBorder(column(c.banner, c.attachments.object), nil, nil, nil, line)
	card := container.NewStack(frame(theme.ColorNameInputBackground, theme.ColorNameInputBorder, 12), pad(inner, 6, 6, 6, 6))
	gauge := container.NewBorder(nil, nil, nil, nil, container.NewHBox(container.NewCenter(c.meter), container.NewCenter(c.line)))
	c.object = container.New(&centred{w}, container.NewVBox(c.warning, card, pad(gauge, 0, 0, 8, 8)))
	c.refresh()
	return c
}

// centred keeps an object as wide as the conversation's column.
type centred struct{ w *window }

func (l *centred) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	wide := max(120, min(columnWidth*l.w.theme.scale+2*edge, s.Width-2*edge))
	objects[0].Resize(fyne.NewSize(wide, s.Height-8))
	objects[0].Move(fyne.NewPos((s.Width-wide)/2, 0))
}

func (l *centred) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, objects[0].MinSize().Height+8)
}

// refresh shows the state of the view.
func (c *composer) refresh() {
	if c.w.view.Answering != nil {
		c.send.Icon, c.send.tip = theme.MediaStopIcon(), i18n.T("Stop (Esc)")
	} else {
		c.send.Icon, c.send.tip = theme.MoveUpIcon(), i18n.T("Send (Enter)")
	}
	c.send.Refresh()
	c.showMeter()
}

func (c *composer) showMeter() {
	g := c.w.view.ContextMeter
	c.meter.Set(g.Share())
	c.line.Text = g.Text()
	if took := c.w.view.FirstWord(); took != "" {
		c.line.Text += " · " + took
	}
	c.line.Refresh()
	c.warning.Objects = nil
	if !g.Fits() {
		drop := c.w.textButton(i18n.T("Leave out the oldest"), nil, "", func() { c.w.view.DropOldest(); c.w.refresh() })
		fresh := c.w.textButton(i18n.T("New chat"), nil, "", func() { c.w.newChat() })
		text := prose(i18n.T("This will not fit into the context of %s tokens.", view.Number(g.Total)))
		c.warning.Objects = []fyne.CanvasObject{container.NewStack(box(colorBand, 8),
			pad(container.NewBorder(nil, nil, nil, container.NewHBox(drop, fresh), text), 0, 0, 8, 4))}
	}
	c.warning.Refresh()
	c.object.Refresh()
}

// typed follows what stands in the entry.
func (c *composer) typed(text string) {
	defer c.w.dump.lap("type")()
	c.entry.grow()
	c.w.view.Draft(text)
}

// sendOrStop is what the round button does.
func (c *composer) sendOrStop() {
	if c.w.view.Answering != nil {
		c.w.view.Stop()
		return
	}
	c.submit()
}

// submit asks what stands in the entry.
func (c *composer) submit() {
	text := c.entry.Text
	if m := c.editing; m != nil {
		if strings.TrimSpace(text) == "" {
			return
		}
		c.stopEditing()
		c.w.view.Edit(m, text)
	} else if !c.w.view.Send(text) {
		return
	}
	c.entry.SetText("")
	c.w.transcript.stickToEnd = true
	c.w.refresh()
}

// edit brings a question back into the entry.
func (c *composer) edit(m *view.Message) {
	c.editing = m
	c.entry.SetText(m.Text)
	c.entry.CursorRow, c.entry.CursorColumn = lastPlace(m.Text)
	label := caption(i18n.T("Editing an earlier question: sending makes a new branch."))
	undo := c.w.iconButton(theme.CancelIcon(), i18n.T("Leave it as it was (Esc)"), func() { c.stopEditing(); c.entry.SetText("") })
	c.banner.Objects = []fyne.CanvasObject{container.NewBorder(nil, nil, pad(label, 8, 8, 8, 0), undo)}
	c.object.Refresh()
	c.w.win.Canvas().Focus(c.entry)
}

func (c *composer) stopEditing() {
	c.editing = nil
	c.banner.Objects = nil
	c.object.Refresh()
}

// quote puts the first lines of an answer into the entry.
func (c *composer) quote(text string) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > 12 {
		lines = append(lines[:12], "…")
	}
	c.entry.SetText("> " + strings.Join(lines, "\n> ") + "\n\n" + c.entry.Text)
	c.entry.CursorRow, c.entry.CursorColumn = lastPlace(c.entry.Text)
	c.w.win.Canvas().Focus(c.entry)
	c.entry.Refresh()
}

func lastPlace(text string) (row, column int) {
	lines := strings.Split(text, "\n")
	return len(lines) - 1, len([]rune(lines[len(lines)-1]))
}

// bareLook draws an entry without ground and border, for one that lies in a
// frame of ours.
type bareLook struct{ *appTheme }

// Color hides the entry's own ground.
func (l *bareLook) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) colorOf {
	switch name {
	case theme.ColorNameInputBackground, theme.ColorNameInputBorder:
		return alpha(0, 0)
	}
	return l.appTheme.Color(name, variant)
}

// Size takes the entry's border away.
func (l *bareLook) Size(name fyne.ThemeSizeName) float32 {
	if name == theme.SizeNameInputBorder {
		return 0
	}
	return l.appTheme.Size(name)
}

// questionEntry is the entry: Enter sends, Shift-Enter makes a new line, the
// window's shortcuts work from within it.
type questionEntry struct {
	widget.Entry
	w    *window
	rows int // that are seen
}

func newQuestionEntry(w *window) *questionEntry {
	e := &questionEntry{w: w, rows: 1}
	e.MultiLine, e.Wrapping, e.Scroll = true, fyne.TextWrapWord, container.ScrollVerticalOnly
	e.ExtendBaseWidget(e)
	e.SetMinRowsVisible(1)
	e.SetPlaceHolder(i18n.T("Ask about a picture, or anything"))
	return e
}

// AccessibilityLabel is what a screen reader says.
func (e *questionEntry) AccessibilityLabel() string { return i18n.T("Question") }

// shifted tells whether a shift key is down now.
func shifted() bool {
	driver, ok := fyne.CurrentApp().Driver().(desktop.Driver)
	return ok && driver.CurrentKeyModifiers()&fyne.KeyModifierShift != 0
}

// TypedKey sends on Enter. A key that an input method takes for itself, as Enter
// while characters are composed, does not come here.
func (e *questionEntry) TypedKey(k *fyne.KeyEvent) {
	switch {
	case (k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter) && !shifted():
		crash.Call(e.w.composer.submit)
	case k.Name == fyne.KeyEscape:
		crash.Call(e.w.escape)
	case k.Name == fyne.KeyUp && e.Text == "":
		crash.Call(e.w.editLast)
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut pastes pictures, and hands the window's shortcuts on.
func (e *questionEntry) TypedShortcut(s fyne.Shortcut) {
	if _, paste := s.(*fyne.ShortcutPaste); paste {
		e.w.paste(func() { e.Entry.TypedShortcut(s) })
		return
	}
	if !e.w.shortcut(s) {
		e.Entry.TypedShortcut(s)
	}
}

// grow makes the entry as high as its text, up to eight lines.
func (e *questionEntry) grow() {
	perLine := max(20, int(e.Size().Width/(size(theme.SizeNameText)*0.55)))
	rows := 0
	for _, line := range strings.Split(e.Text, "\n") {
		rows += 1 + len([]rune(line))/perLine
	}
	if rows = min(max(rows, 1), 8); rows != e.rows {
		e.rows = rows
		e.SetMinRowsVisible(rows)
		e.w.layoutChat()
	}
}
