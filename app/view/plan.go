package view

import (
	"sirocco/app/crash"
	"sirocco/app/view/i18n"
)

// Plan is what a model takes of the memory of this machine's devices, worked out
// before anything is loaded.
type Plan struct {
	Context int
	Items   []PlanItem // what takes it, over all devices
	Places  []PlanPlace
	Steps   []string // what was given up so that it fits, and what is not known
	Host    int64    // bytes of layers that stay in the machine's own memory, for which every word waits
}

// PlanItem is one use of memory.
type PlanItem struct {
	Use   Use
	Bytes int64
}

// Use is what memory is taken for.
type Use int

// The uses, in the order in which they are shown.
const (
	UseWeights Use = iota
	UsePictures
	UseConversation // keys and values
	UseWork
	Uses int = iota
)

// Label names an item and says how much it takes.
func (p *Plan) Label(i PlanItem) string {
	size := Size(i.Bytes)
	switch i.Use {
	case UseWeights:
		return i18n.T("weights %s", size)
	case UsePictures:
		return i18n.T("eyes %s", size)
	case UseConversation:
		return i18n.T("conversation of %s tokens %s", Number(p.Context), size)
	}
	return i18n.T("working memory %s", size)
}

// PlanPlace is one device.
type PlanPlace struct {
	Name     string
	Bytes    int64 // needed
	Free     int64 // 0 where nothing tells
	Headroom int64 // that stays free
	Missing  int64
}

// Bytes is what is taken of all devices.
func (p *Plan) Bytes() (n int64) {
	for _, item := range p.Items {
		n += item.Bytes
	}
	return n
}

// Room is how much the whole picture of the plan stands for: what is free, or more
// where more is needed.
func (p *Plan) Room() int64 {
	var free, headroom int64
	for _, place := range p.Places {
		free += place.Free
		headroom += place.Headroom
	}
	return max(free, p.Bytes()+headroom)
}

// Verdict says whether the plan fits a device.
func (p PlanPlace) Verdict() string {
	switch {
	case p.Free == 0:
		return i18n.T("%s: takes %s; how much is free is not known", p.Name, Size(p.Bytes))
	case p.Missing > 0:
		return i18n.T("%s: %s too much for %s free", p.Name, Size(p.Missing), Size(p.Free))
	}
	return i18n.T("%s: takes %s of %s free", p.Name, Size(p.Bytes), Size(p.Free))
}

// plan works out the memory of a choice in the background.
func (w *Window) plan(c Choice) {
	w.Plan = nil
	if w.engines.Plan == nil || c.Remote != "" {
		return
	}
	crash.Go(func() {
		found, err := w.engines.Plan(c)
		w.UIQueue.Post(func() {
			if err == nil && w.Host.Choice == c {
				w.Plan = found
				w.touch(DirtyModels)
			}
		})
	})
}
