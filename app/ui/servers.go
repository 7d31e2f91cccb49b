//go:build !headless

package ui

import (
	"net/url"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/tools"
	"sirocco/app/ui/files"
	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// serversPage lists the MCP servers, with their tools and how they are.
func (w *window) serversPage() *page {
	list := container.NewVBox()
	open := map[string]bool{} // whose tools are shown
	var refresh func()
	refresh = func() {
		list.Objects = nil
		states := w.view.Servers()
		for i, s := range states {
			if i > 0 {
				list.Add(line())
			}
			list.Add(w.serverRow(s, open, refresh))
		}
		if len(states) == 0 {
			text := i18n.T("There are none yet. A server gives the model tools to call; you are asked before each call.")
			if w.view.ServersOpening() {
				text = i18n.T("Starting…")
			}
			list.Add(snug(muted(text)))
		}
		list.Refresh()
	}
	refresh()
	sections := []fyne.CanvasObject{section(i18n.T("MCP servers"), list), section(i18n.T("Add a server"), w.addServer()...)}
	if permits := w.toolPermits(); len(permits) > 0 {
		sections = append(sections, section(i18n.T("Permissions"), permits...))
	}
	p := w.newPage(pageServers, i18n.T("Tools"), sections...)
	p.tools = refresh
	return p
}

// serverRow is a server with its switch, its state and what can be done with it.
func (w *window) serverRow(s tools.ServerState, open map[string]bool, refresh func()) fyne.CanvasObject {
	name := s.Name()
	on := w.newCheck(name, !s.Spec.Disabled, func(on bool) { w.view.SwitchServer(s, on); w.refresh() })
	buttons := container.NewHBox()
	if len(s.Tools) > 0 {
		icon, tip := theme.MenuDropDownIcon(), i18n.T("Show its tools")
		if open[name] {
			icon, tip = theme.MenuDropUpIcon(), i18n.T("Hide its tools")
		}
		buttons.Add(w.iconButton(icon, tip+": "+name, func() { open[name] = !open[name]; refresh() }))
	}
	buttons.Add(w.textButton(i18n.T("Inspect"), theme.SearchIcon(), i18n.T("Call its tools by hand, see every message"), func() { w.show(pageServer + name) }))
	if !s.Spec.Disabled {
		buttons.Add(w.iconButton(theme.ViewRefreshIcon(), i18n.T("Reconnect"), func() { w.view.RestartServer(name) }))
	}
	buttons.Add(w.iconButton(theme.DeleteIcon(), i18n.T("Remove"), func() { w.removeServer(name) }))
	head := container.NewBorder(nil, nil, container.NewHBox(container.NewCenter(lamp(s.Phase)), on), buttons)
	row := container.NewVBox(head)
	if s.Phase == tools.ServerFailed {
		row.Add(w.troubleCard(view.ServerTrouble(s)))
		return row
	}
	row.Add(pad(caption(describeServer(s)), -4, 6, 28, 0))
	for _, note := range s.Notes {
		row.Add(pad(snug(remark(note)), -4, 4, 28, 0))
	}
	if open[name] {
		row.Add(pad(w.toolChecks(s), 0, 8, 24, 0))
	}
	return row
}

// describeServer says how a server is, and what it calls itself.
func describeServer(s tools.ServerState) string {
	text := view.ServerLine(s)
	if a := s.About; a.Name != "" {
		text += "  ·  " + short(a.Name+" "+a.Version, 48)
	}
	return text
}

// lamp is a dot in the colour of a phase; the words beside it say the same.
func lamp(phase string) fyne.CanvasObject {
	name := theme.ColorNameSeparator
	switch phase {
	case tools.ServerRunning:
		name = theme.ColorNameSuccess
	case tools.ServerStarting:
		name = theme.ColorNameWarning
	case tools.ServerFailed:
		name = theme.ColorNameError
	}
	dot := canvas.NewCircle(shade(name))
	return container.NewGridWrap(fyne.NewSize(10, 10), dot)
}

// toolChecks switch single tools.
func (w *window) toolChecks(s tools.ServerState) fyne.CanvasObject {
	column := container.NewVBox()
	for _, t := range s.Tools {
		check := w.newCheck(t.Name, s.Offers(t.Name), func(on bool) { w.view.SwitchTool(s, t.Name, on); w.refresh() })
		column.Add(check)
		if t.Description != "" {
			column.Add(pad(snug(remark(short(t.Description, 160))), -8, 2, 32, 0))
		}
	}
	return column
}

// removeServer asks first: the entry may hold what is nowhere else.
func (w *window) removeServer(name string) {
	ask := dialog.NewConfirm(i18n.T("Remove"), i18n.T("Take %s out of the list?", name), func(yes bool) {
		if yes {
			w.view.RemoveServer(name)
			w.refresh()
		}
	}, w.win)
	ask.SetConfirmText(i18n.T("Remove"))
	ask.SetDismissText(i18n.T("Cancel"))
	ask.Show()
}

// addServer takes a command or an address, or what another program has.
func (w *window) addServer() []fyne.CanvasObject {
	entry := newField(w, i18n.T("A command, or an address: %s", "npx -y some-server"))
	add := func() {
		if entry.Text == "" {
			return
		}
		w.view.AddServer(entry.Text)
		entry.SetText("")
		w.refresh()
	}
	entry.OnSubmitted = func(string) { crash.Call(add) }
	paste := w.solidButton(i18n.T("Paste JSON"), theme.ContentPasteIcon(), i18n.T("From the clipboard"), func() {
		w.view.ImportServers([]byte(w.app.Clipboard().Content()))
		w.refresh()
	})
	file := w.solidButton(i18n.T("Choose a file…"), theme.FolderOpenIcon(), "", func() { files.Open(w.win, w.importServers, ".json", ".jsonc") })
	return []fyne.CanvasObject{
		container.NewBorder(nil, nil, nil, w.solidButton(i18n.T("Add"), nil, "", add), entry),
		container.NewHBox(paste, file),
		snug(muted(i18n.T("The JSON of Claude Desktop, VS Code, Cursor, Windsurf, Zed, opencode and others is understood. The list is kept in %s.", tools.ConfigPath()))),
	}
}

// importServers reads a file that another program wrote.
func (w *window) importServers(path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		w.view.Tell(err)
	} else {
		w.view.ImportServers(data)
	}
	w.refresh()
}

// askInput asks for a value that an entry leaves open.
func (w *window) askInput(in view.InputAsked) {
	what := in.Description
	if what == "" {
		what = in.ID
	}
	var entry interface {
		fyne.CanvasObject
	}
	value := func() string { return in.Default }
	switch {
	case len(in.Options) > 0:
		choose := w.pick(in.Options, in.Options, in.Default, func(string) {})
		entry, value = choose, func() string { return choose.Selected }
	case in.Password:
		secret := widget.NewPasswordEntry()
		entry, value = secret, func() string { return secret.Text }
	default:
		words := newField(w, what)
		words.SetText(in.Default)
		entry, value = words, func() string { return words.Text }
	}
	ask := dialog.NewForm(i18n.T("A server needs a value"), i18n.T("Save"), i18n.T("Cancel"),
		[]*widget.FormItem{widget.NewFormItem(short(what, 60), entry)},
		func(yes bool) { in.Answer(value(), yes) }, w.win)
	ask.Resize(fyne.NewSize(480, 0))
	ask.Show()
}

// openAddress opens the page at which a person signs in at a server.
func (w *window) openAddress(address string) error {
	u, err := url.Parse(address)
	if err == nil {
		err = w.app.OpenURL(u)
	}
	return err
}
