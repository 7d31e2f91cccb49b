//go:build !headless

package inspector

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/inspect"
)

// hues are the colours of origins: far apart, all of one weight.
var hues = map[string]color.NRGBA{
	"system":      {0x8B, 0x7B, 0xD6, 0x55},
	"tools":       {0xD6, 0x7B, 0xB4, 0x55},
	"user":        {0x4A, 0x9B, 0xE0, 0x50},
	"assistant":   {0xE0, 0x95, 0x4A, 0x58},
	"image":       {0x4F, 0xB5, 0x91, 0x58},
	"tool_result": {0x8F, 0xB0, 0x45, 0x60},
	"control":     {0x88, 0x88, 0x88, 0x70},
}

// hue is the colour of an origin.
func hue(kind string) color.NRGBA {
	if c, ok := hues[kind]; ok {
		return c
	}
	return hues["control"]
}

// bars are the colours of the timeline.
var bars = map[string]color.NRGBA{
	inspect.RowPrompt:   {0x7A, 0x93, 0xB8, 0xFF},
	inspect.RowPicture:  {0x4F, 0xB5, 0x91, 0xFF},
	inspect.RowPrefill:  {0x7A, 0x93, 0xB8, 0xFF},
	inspect.RowApproval: {0xB9, 0xA9, 0x6A, 0xFF},
	inspect.RowRun:      {0x6D, 0x9F, 0x71, 0xFF},
	inspect.RowWords:    {0xD0, 0x86, 0x4A, 0xFF},
	inspect.RowCall:     {0xC9, 0x5F, 0x14, 0xFF},
}

// surprise is a token's background: none where the model was sure, orange where
// it was not.
func surprise(logprob float64) color.NRGBA {
	return color.NRGBA{0xE0, 0x7D, 0x26, uint8(200 * (1 - math.Exp(min(logprob, 0))))}
}

// muted is a line that may be overlooked.
func muted(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Importance = widget.LowImportance
	return l
}

// bold is a heading within a pane.
func bold(text string) *widget.Label {
	return widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
}

// swatch is a small square of a colour, for legends.
func swatch(c color.Color) fyne.CanvasObject {
	r := canvas.NewRectangle(c)
	r.CornerRadius = 3
	r.SetMinSize(fyne.NewSize(14, 14))
	return container.NewCenter(r)
}

// pad leaves a margin around something.
func pad(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(8, 8, 12, 12), o)
}

// mono is a text in the monospace face.
func mono(text string) *canvas.Text {
	t := canvas.NewText(text, theme.Color(theme.ColorNameForeground))
	t.TextStyle.Monospace = true
	t.TextSize = theme.Size(theme.SizeNameCaptionText) + 1
	return t
}

// code is a text that is edited as written: JSON, results.
func code() *widget.Entry {
	e := widget.NewMultiLineEntry()
	e.TextStyle = fyne.TextStyle{Monospace: true}
	e.Wrapping = fyne.TextWrapBreak
	return e
}

// button is a button that is grey with its reason as text when it cannot be used.
func button(text string, icon fyne.Resource, do func()) *widget.Button {
	return widget.NewButtonWithIcon(text, icon, do)
}

// probability is that of a log-probability.
func probability(logprob float64) float64 { return math.Exp(min(logprob, 0)) }

// fixed gives something a width.
func fixed(width float32, o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewGridWrap(fyne.NewSize(width, o.MinSize().Height), o)
}

// meter is a thin bar that is filled to a share.
type meter struct{ share float32 }

func newMeter(share float64) fyne.CanvasObject {
	track, bar := canvas.NewRectangle(theme.Color(theme.ColorNameHover)), canvas.NewRectangle(theme.Color(theme.ColorNamePrimary))
	track.CornerRadius, bar.CornerRadius = 2, 2
	return container.New(&meter{float32(share)}, track, bar)
}

// MinSize is that of a line.
func (m *meter) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(40, 4) }

// Layout fills the track to the share.
func (m *meter) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(size)
	objects[1].Resize(fyne.NewSize(max(2, size.Width*m.share), size.Height))
}
