package tools

import (
	"fmt"
	"strings"

	"sirocco/model/chat"
	"sirocco/model/imageproc"
)

// shape makes of a tool's output what the model gets: text that fits, pictures
// that can be seen, and a word about everything else. The answer has so many
// calls, which share the limits.
func (t *turn) shape(out Output, calls int) chat.Result {
	r := chat.Result{Status: chat.RunDone}
	text, notUTF8 := valid(out.Text)
	text, tooLong := cut(text, max(smallest, t.limits.Text/calls))
	pictures, unseen := t.attachPictures(out.Pictures, max(1, t.limits.Pictures/calls))
	r.Pictures = pictures
	for _, note := range append([]string{notUTF8, tooLong}, append(out.Notes, unseen...)...) {
		if note != "" {
			r.Notes = append(r.Notes, note)
		}
	}
	if out.Failed {
		r.Status, text = chat.RunFailed, "error: "+text
	}
	r.Text = describe(text, r.Pictures, append(out.Notes, unseen...), notUTF8)
	return r
}

// describe is a result's text for the model: what the tool said, and what it cannot
// show. What was cut says so where it was cut.
func describe(text string, pictures []chat.Image, notes []string, notUTF8 string) string {
	var out strings.Builder
	out.WriteString(text)
	if strings.TrimSpace(text) == "" && len(pictures) == 0 {
		out.WriteString("(the tool returned nothing)")
	}
	for _, note := range append(notes, notUTF8) {
		if note != "" {
			fmt.Fprintf(&out, "\n[%s]", note)
		}
	}
	switch n := len(pictures); {
	case n == 1:
		out.WriteString("\n[1 picture: shown after the results]")
	case n > 1:
		fmt.Fprintf(&out, "\n[%d pictures: shown after the results]", n)
	}
	return strings.TrimPrefix(out.String(), "\n")
}

// attachPictures keeps the pictures that the model can see. They are decoded here once, so
// that a damaged file does not spoil the whole conversation.
func (t *turn) attachPictures(pictures []chat.Image, most int) (seen []chat.Image, notes []string) {
	for i, p := range pictures {
		problem := t.unseen(p, i, most)
		if problem == "" {
			seen = append(seen, p)
			continue
		}
		notes = append(notes, fmt.Sprintf("%s is left out: %s", p.Name, problem))
	}
	return seen, notes
}

// unseen says why the model cannot see a picture.
func (t *turn) unseen(p chat.Image, i, most int) string {
	switch {
	case !t.Engine.About().Model.Vision:
		return "this model cannot see"
	case i >= most:
		return fmt.Sprintf("at most %d are shown", most)
	case len(p.Data) > t.limits.PictureBytes:
		return fmt.Sprintf("its file has %s, at most %s are read", size(len(p.Data)), size(t.limits.PictureBytes))
	}
	if _, err := imageproc.Decode(p.Data); err != nil {
		return err.Error()
	}
	return ""
}
