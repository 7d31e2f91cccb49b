package view

import (
	"math/bits"

	"sirocco/app/view/i18n"
)

// Speed is how fast a model was on a device, as its answers have shown.
type Speed struct {
	// Pictures is seconds a token of a picture took in the vision tower, by how
	// many tokens the picture had: 11 for 1,024 to 2,047. Large ones take more.
	Pictures map[int]float64
	Prompt   float64 // seconds a token of the prompt took; 0 while not known
}

// imageSeconds is how long a picture of so many tokens takes; ok is false while none was
// seen here. Sizes that were not seen are judged by the nearest that was.
func (s Speed) imageSeconds(tokens int) (seconds float64, ok bool) {
	size, nearest := bits.Len(uint(tokens)), -1
	for seen := range s.Pictures {
		if d := max(seen-size, size-seen); nearest < 0 || d < max(nearest-size, size-nearest) || d == max(nearest-size, size-nearest) && seen > nearest {
			nearest = seen
		}
	}
	if nearest < 0 {
		return 0, false
	}
	return s.Pictures[nearest] * float64(tokens), true
}

// measured is the speed of what answers now.
func (w *Window) measured() Speed { return w.Settings.Speeds[w.Host.place()] }

// place names a model on a device.
func (h *Host) place() string {
	return h.About.Model.Name + " @ " + h.About.Device.Name + h.Choice.Remote
}

// learn remembers how fast an answer was.
func (w *Window) learn(a *Answer) {
	if len(a.imageTiming) == 0 && a.Timings.PrefillPerSec <= 0 {
		return
	}
	place := w.Host.place()
	old := w.Settings.Speeds[place]
	now := Speed{Pictures: map[int]float64{}, Prompt: old.Prompt}
	for size, rate := range old.Pictures {
		now.Pictures[size] = rate
	}
	for _, p := range a.imageTiming {
		now.Pictures[bits.Len(uint(p.tokens))] = p.seconds / float64(p.tokens)
	}
	// A few tokens behind a cached beginning say nothing about a long prompt.
	if a.Timings.PrefillPerSec > 0 && a.Usage.PromptTokens-a.Usage.CachedTokens >= 32 {
		now.Prompt = 1 / a.Timings.PrefillPerSec
	}
	if w.Settings.Speeds == nil {
		w.Settings.Speeds = map[string]Speed{}
	}
	w.Settings.Speeds[place] = now
	w.Settings.Save()
}

// Seconds is how long a picture of the attachments will take on this device: to be looked
// at, and its tokens to be read. "" while that was never measured.
func (w *Window) Seconds(i *Item) string {
	speed := w.measured()
	seconds, ok := speed.imageSeconds(i.Tokens)
	if !i.Picture() || !ok {
		return ""
	}
	return i18n.T("about %s s", Short(seconds+float64(i.Tokens)*speed.Prompt))
}

// FirstWord is how long the question in the entry will take to its first word.
func (w *Window) FirstWord() string {
	speed := w.measured()
	if speed.Prompt == 0 || w.ContextMeter.Question == 0 {
		return ""
	}
	seconds := speed.Prompt * float64(w.ContextMeter.Question)
	for _, item := range w.Attachments.Items {
		if item.Picture() {
			took, _ := speed.imageSeconds(item.Tokens)
			seconds += took
		}
	}
	return i18n.T("about %s s to the first word", Short(seconds))
}
