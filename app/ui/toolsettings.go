//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sirocco/app/tools"
	"sirocco/app/view/i18n"
)

// toolSettings choose what the model may call, and take permissions back.
func (w *window) toolSettings() []fyne.CanvasObject {
	s := w.view.Settings
	builtin := w.newCheck(i18n.T("Clock and calculator"), s.Builtin, func(on bool) {
		s.Builtin = on
		s.Save()
		w.view.Draft(w.composer.entry.Text) // the tools take room in the context
	})
	rows := []fyne.CanvasObject{
		w.setting(i18n.T("Built in"), i18n.T("They compute and are not asked about."), builtin),
		snug(muted(i18n.T("Programs and MCP servers are listed in %s, read when the window starts.", tools.ConfigPath()))),
	}
	for _, permit := range w.view.Permits() {
		var row fyne.CanvasObject
		again := w.textButton(i18n.T("Ask again"), nil, i18n.T("This tool may always run now"), func() {
			w.view.Revoke(permit)
			row.Hide()
		})
		row = w.setting(permit.Tool, permit.Source, container.NewHBox(again))
		rows = append(rows, row)
	}
	return rows
}
