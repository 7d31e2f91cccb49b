//go:build !headless

package inspector

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/inspect"
	"sirocco/app/view/i18n"
)

// resultView is a result as text that can be edited, and as a tree where it is JSON.
type resultView struct {
	object *fyne.Container
	text   *widget.Entry
	as     *widget.Check // a tree is wanted
	lines  *widget.Tree
	tree   *inspect.Tree
}

func newResultView() *resultView {
	r := &resultView{text: code()}
	r.as = widget.NewCheck(i18n.T("as a tree"), func(bool) { r.draw() })
	r.lines = widget.NewTree(r.below, r.branches, func(bool) fyne.CanvasObject { return widget.NewLabel("") }, func(path string, _ bool, o fyne.CanvasObject) {
		label := o.(*widget.Label)
		label.TextStyle.Monospace, label.Truncation = true, fyne.TextTruncateEllipsis
		if r.tree != nil {
			label.SetText(r.tree.Label[path])
		}
	})
	r.text.OnChanged = func(string) { r.draw() }
	r.object = container.NewStack(r.text, r.lines)
	r.draw()
	return r
}

// below are the lines under one; the tree itself hangs under nothing.
func (r *resultView) below(path string) []string {
	switch {
	case r.tree == nil:
		return nil
	case path == "":
		return []string{inspect.Root}
	}
	return r.tree.Below[path]
}

func (r *resultView) branches(path string) bool {
	if r.tree == nil || path == "" {
		return path == ""
	}
	_, is := r.tree.Below[path]
	return is
}

// draw offers the tree where the text has one, and shows what is wanted.
func (r *resultView) draw() {
	r.tree = inspect.NewTree(r.text.Text)
	wanted := r.tree != nil && r.as.Checked
	show(r.as, r.tree != nil)
	show(r.text, !wanted)
	show(r.lines, wanted)
	if wanted {
		r.lines.OpenBranch(inspect.Root)
		r.lines.Refresh()
	}
}

func show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}
