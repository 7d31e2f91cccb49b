//go:build !headless

package ui

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"sirocco/app/view"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// fillActions puts the buttons under a message: for the answer at the end
// always, for the others while the pointer is over them.
func (r *row) fillActions() {
	r.actions.Objects = nil
	if r.m.Answer == nil || r.m.Answer.State.Over() {
		if r.m.Role == chat.User {
			r.questionActions()
		} else {
			r.answerActions()
		}
		r.branches()
	}
	r.showActions(r.last && r.m.Role == chat.Assistant)
	r.strip.Refresh()
}

// showActions hides all but the branch switcher, which says something.
func (r *row) showActions(on bool) {
	for _, o := range r.actions.Objects {
		if _, ok := o.(*button); ok {
			show(o, on)
		}
	}
}

func (r *row) questionActions() {
	w, m := r.w, r.m
	r.actions.Add(w.iconButton(theme.DocumentCreateIcon(), i18n.T("Edit and ask again (↑)"), func() { w.editQuestion(m) }))
	r.actions.Add(w.iconButton(theme.ContentCopyIcon(), i18n.T("Copy"), func() { w.copy(m.Text) }))
}

func (r *row) answerActions() {
	w, m := r.w, r.m
	r.actions.Add(w.iconButton(theme.ViewRefreshIcon(), i18n.T("Answer again (Ctrl+R)"), func() { w.view.Regenerate(m); w.refresh() }))
	r.actions.Add(w.iconButton(theme.ContentCopyIcon(), i18n.T("Copy the answer"), func() { w.copy(m.Answer.Text) }))
	r.actions.Add(w.iconButton(theme.MailReplyIcon(), i18n.T("Quote in the next question"), func() { w.composer.quote(m.Answer.Text) }))
	if m.Answer.Cut() && r.last {
		r.actions.Add(w.textButton(i18n.T("Continue"), theme.MediaFastForwardIcon(), i18n.T("Go on where it stopped"), func() { w.view.Continue(m); w.refresh() }))
	}
}

// branches is the switcher between versions: ‹ 2/3 ›.
func (r *row) branches() {
	if r.m.Versions < 2 || len(r.m.Other) < 2 {
		return
	}
	w, m := r.w, r.m
	back := w.iconButton(theme.NavigateBackIcon(), i18n.T("Earlier version"), func() { w.view.Branch(m, -1); w.refresh() })
	next := w.iconButton(theme.NavigateNextIcon(), i18n.T("Later version"), func() { w.view.Branch(m, +1); w.refresh() })
	enable(&back.Button, m.Version > 1)
	enable(&next.Button, m.Version < m.Versions)
	label := caption(fmt.Sprintf("%d/%d", m.Version, m.Versions))
	r.actions.Add(container.NewHBox(back, container.NewCenter(label), next))
}

// activate shows the buttons of the row the pointer came to.
func (t *transcript) activate(m *view.Message) {
	if t.active != nil && t.active.message == m {
		return
	}
	for _, s := range t.slots {
		if s.row == nil {
			continue
		}
		if s == t.active {
			s.row.showActions(s.row.last && s.message.Role == chat.Assistant)
		}
		if s.message == m {
			defer func() { t.active = s }()
			s.row.showActions(true)
			s.row.strip.Refresh()
		}
	}
}

// refit gives rows whose parts changed their size the height they need now.
func (t *transcript) refit() {
	for _, s := range t.slots {
		if s.row != nil {
			s.height = s.row.fit(t.column())
		}
	}
	t.arrange()
	t.body.Refresh()
}

func enable(b interface {
	Enable()
	Disable()
}, on bool) {
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}

// stripHeight is the height of the line of buttons under a message.
const stripHeight = 32

// minHeight keeps a line of buttons as high when they are hidden, so that
// nothing moves as the pointer does.
func minHeight(o fyne.CanvasObject, height float32) fyne.CanvasObject {
	return container.NewStack(gap(1, height), o)
}
