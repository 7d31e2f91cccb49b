//go:build !headless

package inspector

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/view/i18n"
)

// head is the line across the top: which turn, and what can be done with it.
type head struct {
	i          *Inspector
	object     fyne.CanvasObject
	title      *widget.Label
	about      *widget.Label
	place      *widget.Label
	back, next *widget.Button
	export     *widget.Button
	save       *widget.Button
	stop       *widget.Button
}

func newHead(i *Inspector) *head {
	h := &head{i: i, title: bold(""), about: muted(""), place: muted("")}
	h.title.Truncation = fyne.TextTruncateEllipsis
	h.back = button("", theme.NavigateBackIcon(), func() { h.step(-1) })
	h.next = button("", theme.NavigateNextIcon(), func() { h.step(+1) })
	h.back.Importance, h.next.Importance = widget.LowImportance, widget.LowImportance
	h.export = button(i18n.T("Export"), theme.DownloadIcon(), func() { i.exportMenu(h.export) })
	h.save = button(i18n.T("Save case"), theme.DocumentSaveIcon(), i.saveCase)
	h.stop = button(i18n.T("Stop"), theme.MediaStopIcon(), func() { i.stop() })
	h.stop.Hide()
	left := container.NewHBox(h.back, h.place, h.next)
	right := container.NewHBox(h.stop, h.export, h.save)
	names := container.NewBorder(nil, nil, nil, h.about, h.title)
	rule := canvas.NewRectangle(theme.Color(theme.ColorNameSeparator))
	rule.SetMinSize(fyne.NewSize(0, 1))
	h.object = container.NewVBox(pad(container.NewBorder(nil, nil, left, right, names)), rule)
	h.empty()
	return h
}

// empty says that there is nothing to look at yet.
func (h *head) empty() {
	h.title.SetText(i18n.T("Nothing has been asked in this conversation yet"))
	h.about.SetText("")
	h.place.SetText("")
	for _, b := range []*widget.Button{h.back, h.next, h.export, h.save} {
		b.Disable()
	}
}

func (h *head) refresh() {
	v := h.i.view
	h.title.SetText(v.Title)
	if v.Live {
		h.title.SetText(i18n.T("%s (live)", v.Title))
	}
	about := v.About.Model.Name
	if v.About.Device.Name != "" {
		about += " · " + v.About.Device.Name
	}
	h.about.SetText(about)
	at := h.index()
	h.place.SetText(i18n.T("turn %d of %d", at+1, len(h.i.turns)))
	enable(h.back, at > 0)
	enable(h.next, at+1 < len(h.i.turns))
	enable(h.export, true)
	enable(h.save, !v.Live)
	if h.i.stop != nil && (v.Live || h.i.compare.busy()) {
		h.stop.Show()
	} else {
		h.stop.Hide()
	}
}

// index is the place of the shown turn in its conversation.
func (h *head) index() int {
	for at, id := range h.i.turns {
		if id == h.i.view.ID {
			return at
		}
	}
	return 0
}

func (h *head) step(by int) {
	if at := h.index() + by; at >= 0 && at < len(h.i.turns) {
		h.i.open(h.i.turns[at])
	}
}

func enable(b *widget.Button, on bool) {
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}
