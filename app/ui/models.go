//go:build !headless

package ui

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/view"
	"sirocco/app/view/words"
)

// modelsPage shows what answers now and what else could.
func (w *window) modelsPage() *page {
	now := container.NewVBox()
	refresh := func() {
		now.Objects = w.nowAnswering()
		now.Refresh()
	}
	refresh()
	p := w.newPage(pageModels, words.T("Models"),
		section(words.T("Answers now"), now),
		section(words.T("Other models"), w.otherModels()...),
		section(words.T("Device and context"), w.deviceSetting(), w.contextSetting()),
		section(words.T("The full model"), w.fullModel()...))
	p.refresh = refresh
	return p
}

// nowAnswering describes the engine, or why there is none.
func (w *window) nowAnswering() []fyne.CanvasObject {
	host := w.view.Host
	if host.Phase == view.Broken {
		again := w.textButton(words.T("Try again"), theme.ViewRefreshIcon(), "", func() { w.view.Use(host.Choice); w.refresh() })
		return []fyne.CanvasObject{w.troubleCard(host.Fault), container.NewHBox(again)}
	}
	rows := []fyne.CanvasObject{prose(host.Line())}
	if host.Phase == view.Starting && host.Share >= 0 {
		bar := newMeter(theme.ColorNamePrimary)
		bar.Set(host.Share)
		rows = append(rows, bar)
	}
	if host.Phase == view.Ready {
		rows = append(rows, muted(host.Describe()),
			container.NewHBox(w.textButton(words.T("Unload"), theme.MediaStopIcon(), words.T("Free its memory; the next question loads it again"), func() { host.Unload(); w.refreshAll() })))
	}
	return rows
}

// otherModels lists what can be switched to.
func (w *window) otherModels() []fyne.CanvasObject {
	var rows []fyne.CanvasObject
	for _, m := range w.view.Models() {
		use := w.textButton(words.T("Use it"), nil, "", func() { w.view.UseModel(m.Path); w.refreshAll() })
		enable(use, m.Path != w.view.Host.Choice.Model)
		rows = append(rows, w.setting(m.Name, m.Meaning, container.NewHBox(use)))
	}
	folder := w.textButton(words.T("Choose a folder…"), theme.FolderOpenIcon(), words.T("A folder with params.json or config.json"), func() { w.chooseFolder() })
	file := w.textButton(words.T("Choose a GGUF file…"), theme.FileIcon(), "", func() { w.chooseModel() })
	return append(rows, container.NewHBox(folder, file), muted(words.T("A GGUF file or a model folder can also be dropped on the window.")))
}

func (w *window) deviceSetting() fyne.CanvasObject {
	names, values := []string{words.T("The best one")}, []string{""}
	for _, d := range w.view.Devices() {
		names, values = append(names, d.Name), append(values, d.Spec)
	}
	return w.setting(words.T("Device"), words.T("where the model computes"), pick(names, values, w.view.Host.Choice.Device, func(v string) {
		c := w.view.Host.Choice
		c.Device = v
		w.view.Use(c)
		w.refreshAll()
	}))
}

func (w *window) contextSetting() fyne.CanvasObject {
	names, values := []string{words.T("As much as the model allows")}, []string{"0"}
	for _, n := range []int{2048, 4096, 8192, 16384, 32768, 65536, 131072} {
		names, values = append(names, view.Number(n)), append(values, strconv.Itoa(n))
	}
	return w.setting(words.T("Context"), words.T("tokens a conversation may have; more takes more memory"), pick(names, values, strconv.Itoa(w.view.Host.Choice.Context), func(v string) {
		c := w.view.Host.Choice
		c.Context, _ = strconv.Atoi(v)
		w.view.Use(c)
		w.refreshAll()
	}))
}

// fullModel says what the real model takes and how to get it.
func (w *window) fullModel() []fyne.CanvasObject {
	command := widget.NewLabel("sirocco models pull")
	command.TextStyle.Monospace, command.Selectable = true, true
	return []fyne.CanvasObject{
		muted(words.T("Mistral Small 3.2 has 24 billion parameters. In four bits it takes about 15 GB of disk and graphics memory; the pictures' part is included.")),
		muted(words.T("This command downloads it, goes on after an interruption and checks every byte:")), command,
	}
}

// chooseModel asks for a GGUF file.
func (w *window) chooseModel() {
	ask := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if err != nil || file == nil {
			return
		}
		file.Close()
		w.view.UseModel(file.URI().Path())
		w.refreshAll()
	}, w.win)
	ask.Resize(w.dialogSize())
	ask.Show()
}

// chooseFolder asks for a model's folder.
func (w *window) chooseFolder() {
	ask := dialog.NewFolderOpen(func(folder fyne.ListableURI, err error) {
		if err != nil || folder == nil {
			return
		}
		w.view.UseModel(folder.Path())
		w.refreshAll()
	}, w.win)
	ask.Resize(w.dialogSize())
	ask.Show()
}
