package view

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"github.com/disintegration/imaging"

	"sirocco/app/view/i18n"
	"sirocco/model/chat"
	"sirocco/model/imageproc"
)

// Item is something in the attachments: a picture, or a text file.
type Item struct {
	Name string
	Text string // of a text file

	Info  imageproc.Info
	Note  string      // what the model will not see of the file
	Thumb image.Image // small; nil until it is made
	Turns int         // quarter turns to the right
	Side  int         // longest side the user allows, in pixels; 0: as large as the model takes

	Grid      imageproc.Grid
	SmallText bool // there are lines too fine for the reduction
	Tokens    int  // of a text: counted; of a picture: Grid.Tokens()
	Busy      bool // being turned or made smaller

	data      []byte // the file
	prepared  []byte // turned and made smaller; nil: data as it is
	finePrint finePrint
}

// Picture tells a picture from a text file.
func (i *Item) Picture() bool { return i.data != nil }

// thumbSide is the side of a thumbnail, in pixels of a screen of double density.
const thumbSide = 256

// plan says what the model will see of the picture under its rule.
func (i *Item) plan(rule imageproc.Rule) {
	if !i.Picture() {
		return
	}
	width, height := i.size()
	i.Grid = rule.Grid(width, height)
	i.Tokens = i.Grid.Tokens()
	i.SmallText = i.finePrint.lost(i.Reduction(rule))
}

// size is the picture's, upright and turned, after the user's own reduction.
func (i *Item) size() (width, height int) {
	width, height = i.Info.Width, i.Info.Height
	if i.Turns%2 == 1 {
		width, height = height, width
	}
	if longest := max(width, height); i.Side > 0 && longest > i.Side {
		width = max(1, width*i.Side/longest)
		height = max(1, height*i.Side/longest)
	}
	return width, height
}

// Reduction is how many times smaller than the file the model sees the picture:
// 1 when it is seen as it is.
func (i *Item) Reduction(rule imageproc.Rule) float64 {
	longest := float64(max(i.Info.Width, i.Info.Height))
	seen := longest
	if i.Side > 0 {
		seen = min(seen, float64(i.Side))
	}
	if rule.MaxSize > 0 {
		seen = min(seen, float64(rule.MaxSize))
	}
	return max(1, longest/max(1, seen))
}

// Caption is the line under the thumbnail: grid, tokens, what is cut down.
func (i *Item) Caption(rule imageproc.Rule) string {
	if !i.Picture() {
		return i18n.T("text · %s tokens", Number(i.Tokens))
	}
	caption := i18n.T("%d×%d · %s tokens", i.Grid.Columns, i.Grid.Rows, Number(i.Tokens))
	if i.Reduction(rule) > 1.005 {
		longest := max(i.Info.Width, i.Info.Height)
		caption += fmt.Sprintf(" · %d→%d px", longest, int(float64(longest)/i.Reduction(rule)+0.5))
	}
	return caption
}

// Image is what is sent: the file itself unless it was turned or made smaller.
func (i *Item) Image() *chat.Image {
	data := i.data
	if i.prepared != nil {
		data = i.prepared
	}
	return &chat.Image{Name: i.Name, Data: data}
}

// look decodes the picture once, for its thumbnail and its finest lines. Not
// for the window's goroutine.
func look(data []byte, turns int) (image.Image, finePrint, error) {
	picture, err := imageproc.Decode(data)
	if err != nil {
		return nil, finePrint{}, err
	}
	return rotate(picture.Preview(thumbSide), turns), measure(picture), nil
}

// prepare turns the picture and makes it smaller, and gives it as a file and as
// a thumbnail. Not for the window's goroutine.
func prepare(data []byte, turns, side int) ([]byte, image.Image, error) {
	out, err := shrunk(data, turns, side)
	if err != nil {
		return nil, nil, err
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&b, out); err != nil {
		return nil, nil, fmt.Errorf("preparing the picture: %w", err)
	}
	return b.Bytes(), imaging.Fit(out, thumbSide, thumbSide, imaging.Box), nil
}

// shrunk is a picture turned and made smaller; side 0 keeps its size.
func shrunk(data []byte, turns, side int) (*image.NRGBA, error) {
	picture, err := imageproc.Decode(data)
	if err != nil {
		return nil, err
	}
	if side <= 0 {
		side = max(picture.Width, picture.Height)
	}
	return rotate(picture.Preview(side), turns), nil
}

func rotate(img *image.NRGBA, turns int) *image.NRGBA {
	switch turns % 4 {
	case 1:
		return imaging.Rotate270(img)
	case 2:
		return imaging.Rotate180(img)
	case 3:
		return imaging.Rotate90(img)
	}
	return img
}
