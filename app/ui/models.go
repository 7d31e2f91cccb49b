//go:build !headless

package ui

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
	"sirocco/app/library"
	"sirocco/app/ui/files"
	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// modelsPage shows what answers now and what else could.
func (w *window) modelsPage() *page {
	now, plan, others, servers, catalogue := container.NewVBox(), container.NewVBox(), container.NewVBox(), container.NewVBox(), container.NewVBox()
	share := w.newShareSetting()
	refresh := func() {
		w.view.CheckAll()
		now.Objects, plan.Objects, catalogue.Objects = w.nowAnswering(), w.planPicture(), w.catalogue()
		others.Objects, servers.Objects = w.otherModels()
		now.Refresh()
		plan.Refresh()
		others.Refresh()
		servers.Refresh()
		catalogue.Refresh()
		share.refresh()
	}
	refresh()
	p := w.newPage(pageModels, i18n.T("Models"),
		section(i18n.T("Answers now"), now, plan, w.idleSetting()),
		section(i18n.T("Server"), share.rows...),
		section(i18n.T("Installed"), others, w.addModels()),
		section(i18n.T("Servers elsewhere"), servers, w.serverSetting()),
		section(i18n.T("Download"), catalogue),
		section(i18n.T("Device and context"), w.deviceSetting(), w.contextSetting()))
	p.refresh = func() {
		refresh()
		p.object.Refresh() // rows came or went, so what stands below them moves
	}
	return p
}

// nowAnswering describes the engine, or why there is none.
func (w *window) nowAnswering() []fyne.CanvasObject {
	host := w.view.Host
	if host.Phase == view.Broken {
		again := w.solidButton(i18n.T("Try again"), theme.ViewRefreshIcon(), "", func() { w.view.Use(host.Choice); w.refresh() })
		return []fyne.CanvasObject{w.troubleCard(host.Fault), container.NewHBox(again)}
	}
	rows := []fyne.CanvasObject{pad(snug(prose(host.Line())), 4, 0, 0, 0)}
	if host.Phase == view.Starting && host.Share >= 0 {
		bar := newMeter(theme.ColorNamePrimary)
		bar.Set(host.Share)
		rows = append(rows, bar)
	}
	if host.Phase == view.Ready {
		rows = append(rows, snug(muted(host.Describe())))
		for _, notice := range host.Notices {
			rows = append(rows, snug(muted(notice)))
		}
		rows = append(rows,
			container.NewHBox(w.solidButton(i18n.T("Unload"), theme.MediaStopIcon(), i18n.T("Free its memory; the next question loads it again"), func() { host.Unload(); w.refreshAll() })))
	}
	return rows
}

// otherModels lists what can be switched to, here and elsewhere.
func (w *window) otherModels() (here, elsewhere []fyne.CanvasObject) {
	for _, m := range w.view.Models() {
		use := w.solidButton(i18n.T("Use it"), nil, "", func() { w.view.Switch(m.Choice); w.refreshAll() })
		enable(use, !m.Current || w.view.Host.Phase == view.Broken)
		row := w.setting(m.Name, short(m.Meaning, 64), container.NewHBox(layout.NewSpacer(), use))
		if m.Choice.Remote != "" {
			elsewhere = append(elsewhere, row)
			if m.Current && len(w.view.Host.Models) > 1 {
				elsewhere = append(elsewhere, w.serverModelSetting())
			}
			continue
		}
		here = append(here, row)
		if fit, ok := w.view.Fit(m); ok && !m.Current {
			here = append(here, fitLine(fit))
		}
	}
	return here, elsewhere
}

// serverModelSetting chooses among the models of the server that answers. A list of
// thousands is cut: it would take a menu seconds to open.
func (w *window) serverModelSetting() fyne.CanvasObject {
	const most = 300
	host := w.view.Host
	now := host.About.Model.Name
	names := slices.Clone(host.Models[:min(len(host.Models), most)])
	if !slices.Contains(names, now) {
		names = append(names, now)
	}
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = short(name, 40)
	}
	return w.setting(i18n.T("Model"), i18n.T("which of the server's models answers"), w.pick(shown, names, now, func(name string) {
		if name != w.view.Host.About.Model.Name {
			w.view.UseServerModel(name)
			w.refreshAll()
		}
	}))
}

// fitLine says whether a model would run here.
func fitLine(fit view.Fit) fyne.CanvasObject {
	line := remark(fit.Line())
	if !fit.Fits() {
		line.Segments[0].(*widget.TextSegment).Style.ColorName = theme.ColorNameWarning
	}
	return pad(snug(line), -8, 8, 0, 0)
}

// addModels is for files that are on this machine.
func (w *window) addModels() fyne.CanvasObject {
	folder := w.solidButton(i18n.T("Choose a folder…"), theme.FolderOpenIcon(), i18n.T("A folder with params.json or config.json"), func() { w.chooseFolder() })
	file := w.solidButton(i18n.T("Choose a GGUF file…"), theme.FileIcon(), "", func() { w.chooseModel() })
	return container.NewVBox(container.NewHBox(folder, file), snug(muted(i18n.T("A GGUF file or a model folder can also be dropped on the window."))))
}

// catalogue lists what can be downloaded, and how far that is.
func (w *window) catalogue() []fyne.CanvasObject {
	var rows []fyne.CanvasObject
	models := w.view.ModelList
	for _, p := range models.Catalogue {
		control := container.NewHBox(layout.NewSpacer(), w.fetchButton(p))
		meaning := view.Size(p.Bytes)
		if models.Has(p) {
			meaning += " · " + i18n.T("installed")
		}
		rows = append(rows, w.setting(p.Title, meaning, control), pad(snug(remark(p.About)), -8, 4, 0, 0))
		if fit, ok := w.view.FitOf(p); ok && !models.Has(p) {
			rows = append(rows, fitLine(fit))
		}
		if f := models.Fetching; f != nil && f.Product.Name == p.Name {
			bar := newMeter(theme.ColorNamePrimary)
			bar.Set(f.Share())
			rows = append(rows, pad(bar, 4, 4, 0, 0), snug(muted(f.Line())))
		}
	}
	return rows
}

// fetchButton downloads, pauses or goes on.
func (w *window) fetchButton(p library.Product) *button {
	models := w.view.ModelList
	b := w.solidButton(i18n.T("Download"), theme.DownloadIcon(), i18n.T("It can be paused, and goes on after an interruption; every byte is checked."), func() { models.Fetch(p, ""); w.refresh() })
	f := models.Fetching
	switch {
	case models.Has(p):
		b.Disable()
	case f == nil:
	case f.Product.Name != p.Name:
		b.Disable()
	case f.Paused || f.Fault != nil:
		b.Text, b.Icon = i18n.T("Go on"), theme.MediaPlayIcon()
	default:
		b.Text, b.Icon = i18n.T("Pause"), theme.MediaPauseIcon()
		b.OnTapped = func() { crash.Call(func() { models.Pause(); w.refresh() }) }
	}
	return b
}

// serverSetting is for a model that runs elsewhere.
func (w *window) serverSetting() fyne.CanvasObject {
	address := newField(w, "http://gpu-box:8000")
	use := func() {
		if address.Text != "" {
			w.view.UseServer(address.Text)
			w.refreshAll()
		}
	}
	address.OnSubmitted = func(string) { crash.Call(use) }
	connect := w.solidButton(i18n.T("Connect"), nil, "", use)
	return container.NewVBox(container.NewBorder(nil, nil, nil, connect, address),
		snug(muted(i18n.T("A vLLM or other OpenAI-compatible server; what you ask goes there. Its key, when it needs one, is kept with: sirocco remote URL --keep-key"))))
}

// idleSetting is when the model gives its memory back by itself.
func (w *window) idleSetting() fyne.CanvasObject {
	names, values := []string{i18n.T("Never")}, []string{"0"}
	for _, minutes := range []int{5, 15, 30, 60, 120} {
		names, values = append(names, i18n.T("after %d minutes", minutes)), append(values, strconv.Itoa(minutes))
	}
	s := w.view.Settings
	return w.setting(i18n.T("Unload when idle"), i18n.T("the next question loads it again"), w.pick(names, values, strconv.Itoa(s.IdleMinutes), func(v string) {
		s.IdleMinutes, _ = strconv.Atoi(v)
		s.Save()
	}))
}

// localServerSetting is the switch of the server, and how it is.
type localServerSetting struct {
	w    *window
	rows []fyne.CanvasObject
	line *widget.RichText
	copy *button
}

func (w *window) newShareSetting() *localServerSetting {
	s := &localServerSetting{w: w, line: muted("")}
	on := w.newCheck(i18n.T("Share the loaded model"), w.view.Settings.Share, func(on bool) { w.view.LocalServer.Switch(on); w.refresh() })
	s.copy = w.textButton(i18n.T("Copy the address"), theme.ContentCopyIcon(), "", func() { w.copy(w.view.LocalServer.Address + "/v1") })
	s.rows = []fyne.CanvasObject{container.NewBorder(nil, nil, on, s.copy), snug(s.line)}
	return s
}

func (s *localServerSetting) refresh() {
	s.line.Segments[0].(*widget.TextSegment).Text = s.w.view.LocalServer.Line()
	s.line.Refresh()
	show(s.copy, s.w.view.LocalServer.Address != "")
}

func (w *window) deviceSetting() fyne.CanvasObject {
	names, values := []string{i18n.T("The best one")}, []string{""}
	for _, d := range w.view.Devices() {
		names, values = append(names, d.Name), append(values, d.Spec)
	}
	return w.setting(i18n.T("Device"), i18n.T("where the model computes"), w.pick(names, values, w.view.Host.Choice.Device, func(v string) {
		c := w.view.Host.Choice
		c.Device = v
		w.view.Use(c)
		w.refreshAll()
	}))
}

func (w *window) contextSetting() fyne.CanvasObject {
	names, values := []string{i18n.T("As much as the model allows")}, []string{"0"}
	for _, n := range []int{2048, 4096, 8192, 16384, 32768, 65536, 131072} {
		names, values = append(names, view.Number(n)), append(values, strconv.Itoa(n))
	}
	return w.setting(i18n.T("Context"), i18n.T("tokens a conversation may have; more takes more memory"), w.pick(names, values, strconv.Itoa(w.view.Host.Choice.Context), func(v string) {
		c := w.view.Host.Choice
		c.Context, _ = strconv.Atoi(v)
		w.view.Use(c)
		w.refreshAll()
	}))
}

// chooseModel asks for a GGUF file.
func (w *window) chooseModel() { files.Open(w.win, w.useModel) }

// chooseFolder asks for a model's folder.
func (w *window) chooseFolder() { files.Folder(w.win, w.useModel) }

// useModel opens the model at a path.
func (w *window) useModel(path string) {
	w.view.UseModel(path)
	w.refreshAll()
}
