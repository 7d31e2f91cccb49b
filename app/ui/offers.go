//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// offers lists a server's resources and prompts, once they are there. Servers without
// any have no such section.
func (w *window) offers(server string) (object *fyne.Container, load func()) {
	object = container.NewVBox()
	return object, func() {
		w.view.Offers(server, func(o view.Offers) {
			object.Objects = nil
			var resources, prompts []fyne.CanvasObject
			for _, r := range o.Resources {
				resources = append(resources, w.resourceRow(server, r))
			}
			for _, p := range o.Prompts {
				prompts = append(prompts, w.promptRow(server, p))
			}
			if len(resources) > 0 {
				object.Add(section(i18n.T("Resources"), resources...))
			}
			if len(prompts) > 0 {
				object.Add(section(i18n.T("Prompts"), prompts...))
			}
			object.Refresh()
		})
	}
}

func (w *window) resourceRow(server string, r *mcp.Resource) fyne.CanvasObject {
	attach := w.solidButton(i18n.T("Attach"), theme.MailAttachmentIcon(), i18n.T("To the next question"), func() {
		w.view.AttachResource(server, r.URI)
		w.show("")
	})
	about := r.URI
	if r.Description != "" {
		about = r.Description
	}
	return w.setting(short(r.Name, 48), short(about, 64), container.NewHBox(layout.NewSpacer(), attach))
}

func (w *window) promptRow(server string, p *mcp.Prompt) fyne.CanvasObject {
	insert := w.solidButton(i18n.T("Insert"), theme.ContentPasteIcon(), i18n.T("Into the question"), func() { w.insertPrompt(server, p) })
	return w.setting(short(p.Name, 48), short(p.Description, 64), container.NewHBox(layout.NewSpacer(), insert))
}

// insertPrompt asks for what the prompt needs first.
func (w *window) insertPrompt(server string, p *mcp.Prompt) {
	insert := func(arguments map[string]string) {
		w.view.InsertPrompt(server, p.Name, arguments, func(text string) {
			w.show("")
			w.composer.entry.SetText(text)
			w.focusEntry()
		})
	}
	if len(p.Arguments) == 0 {
		insert(nil)
		return
	}
	fields := make([]*field, len(p.Arguments))
	var items []*widget.FormItem
	for i, a := range p.Arguments {
		fields[i] = newField(w, a.Name)
		label := a.Name
		if a.Required {
			label += " *"
		}
		item := widget.NewFormItem(label, fields[i])
		item.HintText = a.Description
		items = append(items, item)
	}
	ask := dialog.NewForm(p.Name, i18n.T("Insert"), i18n.T("Cancel"), items, func(yes bool) {
		if !yes {
			return
		}
		arguments := map[string]string{}
		for i, a := range p.Arguments {
			if fields[i].Text != "" {
				arguments[a.Name] = fields[i].Text
			}
		}
		insert(arguments)
	}, w.win)
	ask.Resize(fyne.NewSize(480, 0))
	ask.Show()
	w.win.Canvas().Focus(fields[0])
}
