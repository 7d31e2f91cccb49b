//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/tools"
	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// serverPage is one MCP server: what it says of itself, a call by hand, and every
// message on the wire.
func (w *window) serverPage(name string) *page {
	status, trouble := caption(""), container.NewVBox()
	caller := w.newCaller(name)
	wire := w.newWireView(name)
	offers, load := w.offers(name)
	loaded := ""
	words := prose("")
	instructions := container.NewVBox(section(i18n.T("Instructions"), words))
	refresh := func() {
		trouble.Objects = nil
		for _, s := range w.view.Servers() {
			if s.Name() != name {
				continue
			}
			status.Text = describeServer(s)
			if s.About.Protocol != "" {
				status.Text += "  ·  " + i18n.T("protocol %s", s.About.Protocol)
			}
			if s.Phase == tools.ServerFailed {
				trouble.Add(w.troubleCard(view.ServerTrouble(s)))
			}
			words.SetText(s.About.Instructions)
			show(instructions, s.About.Instructions != "")
			caller.offer(s.Tools)
			if s.Phase != loaded && s.Phase == tools.ServerRunning {
				load()
			}
			loaded = s.Phase
		}
		status.Refresh()
		trouble.Refresh()
	}
	refresh()
	back := w.textButton(i18n.T("All servers"), theme.NavigateBackIcon(), "", func() { w.show(pageServers) })
	again := w.textButton(i18n.T("Reconnect"), theme.ViewRefreshIcon(), "", func() { w.view.RestartServer(name) })
	p := w.newPage(pageServer+name, name,
		container.NewBorder(nil, nil, back, again, container.NewCenter(status)), trouble, instructions,
		section(i18n.T("Call a tool by hand"), caller.object), offers,
		section(i18n.T("Messages"), wire.object))
	p.tools, p.traffic = refresh, wire.refresh
	wire.refresh()
	return p
}

// wireView is the traffic of a server: filtered, one message open below.
type wireView struct {
	w      *window
	name   string
	object fyne.CanvasObject
	list   *widget.List
	shown  []tools.Traffic
	kind   string
	words  *field
	detail *widget.Label
	count  *widget.RichText
}

func (w *window) newWireView(name string) *wireView {
	v := &wireView{w: w, name: name, words: newField(w, i18n.T("Filter")), detail: widget.NewLabel(""), count: muted("")}
	v.words.OnChanged = func(string) { crash.Call(v.refresh) }
	kinds := w.pick([]string{i18n.T("All"), i18n.T("Sent"), i18n.T("Received"), i18n.T("Printed by it"), i18n.T("Other answers")},
		[]string{"", tools.Sent, tools.Received, tools.Printed, tools.Answered}, "", func(kind string) { v.kind = kind; v.refresh() })
	kinds.name = i18n.T("Messages")
	copyAll := w.textButton(i18n.T("Copy"), theme.ContentCopyIcon(), i18n.T("Copy the messages that are shown"), func() { w.copy(view.CopyTraffic(v.shown)) })
	v.list = widget.NewList(func() int { return len(v.shown) }, func() fyne.CanvasObject {
		l := widget.NewLabel("")
		l.TextStyle.Monospace, l.Truncation = true, fyne.TextTruncateEllipsis
		l.SizeName = sizeSmall
		return snug(l)
	}, func(i widget.ListItemID, o fyne.CanvasObject) {
		if i < len(v.shown) {
			o.(*fyne.Container).Objects[0].(*widget.Label).SetText(view.TrafficLine(v.shown[i]))
		}
	})
	v.list.HideSeparators = true
	v.list.OnSelected = func(i widget.ListItemID) {
		crash.Call(func() {
			if i < len(v.shown) {
				v.detail.SetText(view.TrafficText(v.shown[i]))
			}
		})
	}
	v.detail.TextStyle.Monospace, v.detail.Selectable, v.detail.Wrapping = true, true, fyne.TextWrapBreak
	v.detail.SizeName = sizeSmall
	copyOne := w.iconButton(theme.ContentCopyIcon(), i18n.T("Copy this message"), func() { w.copy(v.detail.Text) })
	scroll := container.NewVScroll(v.detail)
	scroll.SetMinSize(fyne.NewSize(100, 180))
	ground := func(o fyne.CanvasObject, height float32) fyne.CanvasObject {
		return container.NewStack(frame(colorBubble, theme.ColorNameSeparator, 6), gap(1, height), o)
	}
	v.object = container.NewVBox(
		container.NewBorder(nil, nil, kinds.shown(), copyAll, v.words), snug(v.count),
		ground(v.list, 240), ground(container.NewBorder(nil, nil, nil, container.NewVBox(copyOne), scroll), 180))
	return v
}

// refresh shows what has come since; the end stays in view.
func (v *wireView) refresh() {
	all := v.w.view.Traffic(v.name)
	before := len(v.shown)
	v.shown = view.FilterTraffic(all, v.kind, v.words.Text)
	text := i18n.T("Messages: %d", len(v.shown))
	if segment := v.count.Segments[0].(*widget.TextSegment); segment.Text != text {
		segment.Text = text
		v.count.Refresh()
	}
	v.list.Refresh()
	if len(v.shown) > before {
		v.list.ScrollToBottom()
	}
}
