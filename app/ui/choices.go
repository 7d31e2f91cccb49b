//go:build !headless

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/crash"
)

// The toolkit gives keys to what has the focus and to nothing else. These are its
// controls with one more key: Escape does what it does everywhere in the window.

// check is a box to tick.
type check struct {
	widget.Check
	w *window
}

func (w *window) newCheck(text string, on bool, changed func(bool)) *check {
	c := &check{w: w}
	c.Text, c.Checked, c.OnChanged = text, on, func(on bool) { crash.Call(func() { changed(on) }) }
	c.ExtendBaseWidget(c)
	return c
}

// TypedKey closes what is open with Escape.
func (c *check) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		c.w.escape()
	}
}

// picker is a choice among named values.
type picker struct {
	widget.Select
	w    *window
	name string // of what is chosen
}

func (w *window) pick(names, values []string, now string, chosen func(string)) *picker {
	p := &picker{w: w}
	p.Options = names
	p.ExtendBaseWidget(p)
	for i, v := range values {
		if v == now {
			p.SetSelectedIndex(i)
		}
	}
	p.OnChanged = func(string) {
		if i := p.SelectedIndex(); i >= 0 {
			crash.Call(func() { chosen(values[i]) })
		}
	}
	return p
}

// shown is the picker as it is put into the window: on a button's ground, for it has
// no border that would tell it from the page.
func (p *picker) shown() fyne.CanvasObject {
	return container.NewThemeOverride(p, &pickerLook{p.w.theme})
}

// pickerLook draws a picker's ground as a button's.
type pickerLook struct{ *appTheme }

// Color makes the ground of inputs that of buttons.
func (l *pickerLook) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) colorOf {
	if name == theme.ColorNameInputBackground {
		name = theme.ColorNameButton
	}
	return l.appTheme.Color(name, variant)
}

// TypedKey closes what is open with Escape.
func (p *picker) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		p.w.escape()
		return
	}
	p.Select.TypedKey(k)
}

// slider is a slider whose track is seen on a light ground too.
type slider struct {
	widget.Slider
	w *window
}

func (w *window) newSlider(from, to, step, now float64) *slider {
	s := &slider{w: w}
	s.Min, s.Max, s.Step, s.Value = from, to, step, now
	s.ExtendBaseWidget(s)
	return s
}

// shown is the slider as it is put into the window.
func (s *slider) shown() fyne.CanvasObject {
	return container.NewThemeOverride(s, &trackLook{s.w.theme})
}

// TypedKey closes what is open with Escape.
func (s *slider) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		s.w.escape()
		return
	}
	s.Slider.TypedKey(k)
}

// trackLook draws a slider's track in the colour of separators.
type trackLook struct{ *appTheme }

// Color makes the ground of inputs, of which tracks are made, visible.
func (l *trackLook) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) colorOf {
	if name == theme.ColorNameInputBackground {
		name = theme.ColorNameInputBorder
	}
	return l.appTheme.Color(name, variant)
}
