package view

import (
	"slices"

	"sirocco/app/crash"
	"sirocco/model/chat"
	"sirocco/model/imageproc"
)

// Attachments holds what goes along with the next question.
type Attachments struct {
	Items    []*Item
	Refusals []Refusal // of the last attempt, until dismissed
	Rule     imageproc.Rule

	queue   *UIQueue
	count   func(text string) int
	changed func()
	models  func(paths []string) // GGUF files that were dropped
}

// Add takes files and folders, read in the background.
func (t *Attachments) Add(paths []string) {
	crash.Go(func() {
		g := gather(paths)
		t.queue.Post(func() { t.accept(g) })
	})
}

// AddData takes a picture from the clipboard.
func (t *Attachments) AddData(name string, data []byte) {
	item, err := NewItem(name, data)
	if err != nil {
		t.Refusals = []Refusal{{Name: name, Reason: err.Error()}}
		t.changed()
		return
	}
	t.accept(gathered{items: []*Item{item}})
}

func (t *Attachments) accept(g gathered) {
	t.Refusals = g.refusals
	for _, item := range g.items {
		t.Items = append(t.Items, item)
		t.replan(item)
		t.inspect(item)
	}
	if len(g.models) > 0 {
		t.models(g.models)
	}
	t.changed()
}

// inspect makes the thumbnail in the background, and finds out there whether the
// whole file can be decoded.
func (t *Attachments) inspect(item *Item) {
	if !item.Picture() {
		return
	}
	data := item.data
	crash.Go(func() {
		thumb, lines, err := look(data, 0)
		t.queue.Post(func() {
			if err != nil {
				t.Remove(item)
				t.Refusals = append(t.Refusals, Refusal{Name: item.Name, Reason: err.Error()})
			}
			item.Thumb, item.finePrint = thumb, lines
			t.replan(item)
			t.changed()
		})
	})
}

func (t *Attachments) replan(item *Item) {
	item.plan(t.Rule)
	if !item.Picture() && t.count != nil {
		item.Tokens = t.count(item.Text)
	}
}

// SetRule is for another model, which may cut pictures up in another way.
func (t *Attachments) SetRule(rule imageproc.Rule, count func(string) int) {
	t.Rule, t.count = rule, count
	for _, item := range t.Items {
		t.replan(item)
	}
	t.changed()
}

// Remove takes an item out.
func (t *Attachments) Remove(item *Item) {
	t.Items = slices.DeleteFunc(t.Items, func(other *Item) bool { return other == item })
	t.changed()
}

// Move puts an item a number of places further.
func (t *Attachments) Move(item *Item, by int) {
	from := slices.Index(t.Items, item)
	to := from + by
	if from < 0 || to < 0 || to >= len(t.Items) {
		return
	}
	t.Items = slices.Insert(slices.Delete(t.Items, from, from+1), to, item)
	t.changed()
}

// Turn turns a picture a quarter to the right.
func (t *Attachments) Turn(item *Item) {
	item.Turns = (item.Turns + 1) % 4
	t.prepare(item)
}

// Resize allows a picture so many pixels along its longest side; 0 is no limit.
func (t *Attachments) Resize(item *Item, side int) {
	if side >= max(item.Info.Width, item.Info.Height) {
		side = 0
	}
	item.Side = side
	t.prepare(item)
}

// prepare makes the picture that will be sent, in the background. A newer request
// makes an older one's result worthless.
func (t *Attachments) prepare(item *Item) {
	t.replan(item)
	turns, side := item.Turns, item.Side
	item.Busy = turns != 0 || side != 0
	t.changed()
	crash.Go(func() {
		data, thumb, err := prepare(item.data, turns, side)
		if turns == 0 && side == 0 {
			data = nil
		}
		t.queue.Post(func() {
			if item.Turns == turns && item.Side == side && err == nil {
				item.prepared, item.Thumb, item.Busy = data, thumb, false
				t.changed()
			}
		})
	})
}

// Clear empties the attachments.
func (t *Attachments) Clear() {
	t.Items, t.Refusals = nil, nil
	t.changed()
}

// Dismiss forgets the refusals.
func (t *Attachments) Dismiss() {
	t.Refusals = nil
	t.changed()
}

// Tokens is what everything in the attachments costs.
func (t *Attachments) Tokens() (total int) {
	for _, item := range t.Items {
		total += item.Tokens
	}
	return total
}

// Busy tells whether a picture is still being turned or made smaller.
func (t *Attachments) Busy() bool {
	return slices.ContainsFunc(t.Items, func(i *Item) bool { return i.Busy })
}

// Parts is the attachments as parts of a question.
func (t *Attachments) Parts() (parts []chat.Part) {
	for _, item := range t.Items {
		if item.Picture() {
			parts = append(parts, chat.Part{Image: item.Image()})
		} else {
			parts = append(parts, chat.Part{Text: filePart(File{Name: item.Name, Text: item.Text})})
		}
	}
	return parts
}
