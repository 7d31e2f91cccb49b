//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"sirocco/app/crash"
	"sirocco/model/chat"
)

// binding is a shortcut of the window.
type binding struct {
	key   fyne.KeyName
	shift bool
	do    func(w *window)
}

// bindings are the shortcuts with Ctrl (Command on a Mac).
var bindings = []binding{
	{key: fyne.KeyN, do: (*window).newChat},
	{key: fyne.KeyW, do: (*window).close},
	{key: fyne.KeyO, do: (*window).chooseFiles},
	{key: fyne.KeyR, do: (*window).regenerateLast},
	{key: fyne.KeyB, do: func(w *window) { w.shell.toggle() }},
	{key: fyne.KeyF, do: (*window).findHere},
	{key: fyne.KeyF, shift: true, do: (*window).searchAll},
	{key: fyne.KeyComma, do: func(w *window) { w.show(pageSettings) }},
	{key: fyne.KeyEqual, do: func(w *window) { w.zoom(+1) }},
	{key: fyne.KeyEqual, shift: true, do: func(w *window) { w.zoom(+1) }},
	{key: fyne.KeyPlus, do: func(w *window) { w.zoom(+1) }},
	{key: fyne.KeyMinus, do: func(w *window) { w.zoom(-1) }},
	{key: fyne.Key0, do: func(w *window) { w.zoom(0) }},
	{key: fyne.KeyL, do: func(w *window) { w.show(""); w.focusEntry() }},
	{key: fyne.KeyJ, do: (*window).toApproval},
	{key: fyne.KeyM, do: func(w *window) { w.show(pageModels) }},
	{key: fyne.KeyI, shift: true, do: (*window).inspect},
	{key: fyne.KeyT, shift: true, do: (*window).nextTheme},
}

// keys makes the shortcuts work where nothing is focused.
func (w *window) keys() {
	for _, b := range bindings {
		w.win.Canvas().AddShortcut(b.shortcut(), func(fyne.Shortcut) { crash.Call(func() { b.do(w) }) })
	}
	w.win.Canvas().AddShortcut(&fyne.ShortcutPaste{}, func(fyne.Shortcut) { crash.Call(func() { w.paste(func() {}) }) })
	w.win.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) {
		if k.Name == fyne.KeyEscape {
			crash.Call(w.escape)
		}
	})
}

func (b binding) shortcut() *desktop.CustomShortcut {
	s := &desktop.CustomShortcut{KeyName: b.key, Modifier: fyne.KeyModifierShortcutDefault}
	if b.shift {
		s.Modifier |= fyne.KeyModifierShift
	}
	return s
}

// shortcut does what belongs to a shortcut, for a widget that has the focus.
func (w *window) shortcut(s fyne.Shortcut) bool {
	for _, b := range bindings {
		if b.shortcut().ShortcutName() == s.ShortcutName() {
			b.do(w)
			return true
		}
	}
	return false
}

// escape stops, or closes what is open.
func (w *window) escape() {
	switch {
	case w.popup != nil && w.popup.Visible():
		w.popup.Hide()
	case w.finder.open():
		w.finder.close()
	case w.view.Answering != nil:
		w.view.Stop()
	case w.page != nil:
		w.show("")
	case w.composer.editing != nil:
		w.composer.stopEditing()
		w.composer.entry.SetText("")
	case w.shell.drawer:
		w.shell.toggle()
	case w.view.Notice != nil:
		w.view.Dismiss()
	}
	w.refresh()
}

// focusEntry goes to the question, unless a page lies over it.
func (w *window) focusEntry() {
	if w.page == nil {
		w.win.Canvas().Focus(w.composer.entry)
	}
}

func (w *window) newChat() {
	w.show("")
	w.view.NewChat()
	w.shell.shut()
	w.refresh()
	w.focusEntry()
}

func (w *window) openChat(id int64) {
	defer w.dump.lap("open")()
	w.show("")
	w.view.Open(id)
	w.shell.shut()
	w.refresh()
	w.focusEntry()
}

func (w *window) regenerateLast() {
	if last := w.view.Last(); last != nil && last.Role == chat.Assistant {
		w.view.Regenerate(last)
		w.refresh()
	}
}

func (w *window) editLast() {
	for i := len(w.view.Messages) - 1; i >= 0; i-- {
		if m := w.view.Messages[i]; m.Role == chat.User {
			w.editQuestion(m)
			return
		}
	}
}

func (w *window) searchAll() {
	if !w.shell.side.Visible() {
		w.shell.toggle()
	}
	w.win.Canvas().Focus(w.side.search)
}

func (w *window) zoom(step int) {
	w.view.Settings.Zoom(step)
	w.rebuild()
}

// nextTheme goes round: as the desktop, light, dark.
func (w *window) nextTheme() {
	w.view.Settings.NextTheme()
	w.rebuild()
}
