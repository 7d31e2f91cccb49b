//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sirocco/app/tools"
	"sirocco/app/view/words"
)

// toolSettings choose what the model may call, and take permissions back.
func (w *window) toolSettings() []fyne.CanvasObject {
	s := w.view.Settings
	builtin := w.newCheck(words.T("Clock and calculator"), s.Builtin, func(on bool) {
		s.Builtin = on
		s.Save()
		w.view.Draft(w.composer.entry.Text) // the tools take room in the context
	})
	rows := []fyne.CanvasObject{
		w.setting(words.T("Built in"), words.T("They compute and are not asked about."), builtin),
		snug(muted(words.T("Programs and MCP servers are listed in %s, read when the window starts.", tools.ConfigPath()))),
	}
	for _, permit := range w.view.Permits() {
		var row fyne.CanvasObject
		again := w.textButton(words.T("Ask again"), nil, words.T("This tool may always run now"), func() {
			w.view.Revoke(permit)
			row.Hide()
		})
		row = w.setting(permit.Tool, permit.Source, container.NewHBox(again))
		rows = append(rows, row)
	}
	return rows
}
