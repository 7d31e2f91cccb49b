package view

import (
	"image"

	"sirocco/app/crash"
	"sirocco/model/chat"
	"sirocco/model/imageproc"
)

// Thumb is a small picture for the conversation.
type Thumb struct {
	Image         image.Image
	Width, Height int // of the whole picture
}

// Aspect is how many times wider than high it is.
func (t Thumb) Aspect() float32 {
	if t.Height == 0 {
		return 1
	}
	return float32(t.Width) / float32(t.Height)
}

// decoding lets two pictures be decoded at a time, whatever is scrolled past.
var decoding = make(chan struct{}, 2)

// Thumb makes a picture's thumbnail in the background and hands it over in the
// window's goroutine. A picture that cannot be read any more gives none.
func (w *Window) Thumb(p *chat.Image, done func(Thumb)) {
	if t, ok := w.thumbs[p]; ok {
		done(t)
		return
	}
	w.decode(p, 2*thumbSide, func(t Thumb) {
		if len(w.thumbs) > 200 {
			clear(w.thumbs)
		}
		w.thumbs[p] = t
		done(t)
	})
}

// Full decodes a picture for a view of its own, at most so many pixels a side.
func (w *Window) Full(p *chat.Image, side int, done func(Thumb)) { w.decode(p, side, done) }

func (w *Window) decode(p *chat.Image, side int, done func(Thumb)) {
	crash.Go(func() {
		decoding <- struct{}{}
		defer func() { <-decoding }()
		picture, err := imageproc.Decode(p.Data)
		if err != nil {
			return
		}
		t := Thumb{Image: picture.Preview(side), Width: picture.Width, Height: picture.Height}
		w.UIQueue.Post(func() { done(t) })
	})
}
