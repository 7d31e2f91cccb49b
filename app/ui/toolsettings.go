//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

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
		w.setting(i18n.T("MCP servers"), i18n.T("their tools, and what they say"), container.NewHBox(w.solidButton(i18n.T("Open"), nil, "", func() { w.show(pageServers) }))),
	}
	return append(rows, w.toolPermits()...)
}

// toolPermits take back that a tool may always run.
func (w *window) toolPermits() (rows []fyne.CanvasObject) {
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
