//go:build !headless

package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"sirocco/app/view"
)

// appTheme is the theme: warm greys, one orange used for what matters now (send,
// the cursor of a growing answer, the selected row) and a 4-pixel grid.
type appTheme struct {
	fyne.Theme
	choice string  // view.ThemeLight, ThemeDark or ThemeSystem
	scale  float32 // of the text
}

func newAppTheme(s *view.Settings) *appTheme {
	return &appTheme{Theme: theme.DefaultTheme(), choice: s.Theme, scale: float32(s.TextScale) / 100}
}

// Our own colours beside the toolkit's.
const (
	colorSide   fyne.ThemeColorName = "side"   // the side list
	colorBubble fyne.ThemeColorName = "bubble" // a question
	colorCode   fyne.ThemeColorName = "code"   // a code block
	colorMuted  fyne.ThemeColorName = "muted"  // what may be overlooked
	colorBand   fyne.ThemeColorName = "band"   // the miniature's band, notices
	colorSoft   fyne.ThemeColorName = "soft"   // the selected row
)

// Our own sizes.
const (
	sizeSmall fyne.ThemeSizeName = "small" // captions
)

// shades are the colours in light and dark.
var shades = map[fyne.ThemeColorName][2]color.Color{
	theme.ColorNameBackground:          {hex(0xFBFAF8), hex(0x1B1A18)},
	theme.ColorNameForeground:          {hex(0x22201D), hex(0xEAE6DF)},
	theme.ColorNamePrimary:             {hex(0xC95F14), hex(0xEE8B3E)},
	theme.ColorNameForegroundOnPrimary: {hex(0xFFFFFF), hex(0x1B1A18)},
	theme.ColorNameHyperlink:           {hex(0x9A4A10), hex(0xF0A268)},
	theme.ColorNameInputBackground:     {hex(0xFFFFFF), hex(0x262422)},
	theme.ColorNameInputBorder:         {hex(0xB4ACA0), hex(0x625C55)},
	theme.ColorNameSeparator:           {hex(0xE7E3DC), hex(0x34312D)},
	theme.ColorNameButton:              {hex(0xEFECE6), hex(0x302D2A)},
	theme.ColorNameDisabledButton:      {hex(0xEFECE6), hex(0x2A2825)},
	theme.ColorNameDisabled:            {hex(0xA8A29A), hex(0x6B665F)},
	theme.ColorNamePlaceHolder:         {hex(0x8B857C), hex(0x8F8980)},
	theme.ColorNameHover:               {alpha(0x22201D, 0x0E), alpha(0xEAE6DF, 0x12)},
	theme.ColorNamePressed:             {alpha(0x22201D, 0x1C), alpha(0xEAE6DF, 0x22)},
	theme.ColorNameFocus:               {alpha(0xC95F14, 0x38), alpha(0xEE8B3E, 0x48)},
	theme.ColorNameSelection:           {alpha(0xC95F14, 0x30), alpha(0xEE8B3E, 0x48)},
	theme.ColorNameScrollBar:           {alpha(0x22201D, 0x55), alpha(0xEAE6DF, 0x50)},
	theme.ColorNameScrollBarBackground: {alpha(0, 0), alpha(0, 0)},
	theme.ColorNameMenuBackground:      {hex(0xFFFFFF), hex(0x2A2825)},
	theme.ColorNameOverlayBackground:   {hex(0xFFFFFF), hex(0x262422)},
	theme.ColorNameHeaderBackground:    {hex(0xF3F0EB), hex(0x232120)},
	theme.ColorNameError:               {hex(0xB3261E), hex(0xF2857C)},
	theme.ColorNameWarning:             {hex(0x8A5A00), hex(0xE9B949)},
	colorSide:                          {hex(0xF4F1EC), hex(0x222120)},
	colorBubble:                        {hex(0xF0ECE5), hex(0x2B2926)},
	colorCode:                          {hex(0xF3F0EA), hex(0x232220)},
	colorMuted:                         {hex(0x756F66), hex(0x9C958B)},
	colorBand:                          {hex(0xF8EFE3), hex(0x2E2820)},
	colorSoft:                          {hex(0xE9E4DB), hex(0x34312C)},
	colorKeyword:                       {hex(0x8A3FA0), hex(0xC79BD8)},
	colorString:                        {hex(0x2F6F3E), hex(0x9CC48A)},
	colorNumber:                        {hex(0x1F5F99), hex(0x8AB8E0)},
	colorName:                          {hex(0x1B5E7A), hex(0x86C5D8)},
}

func hex(rgb uint32) color.Color { return alpha(rgb, 0xFF) }

func alpha(rgb uint32, a uint8) color.Color {
	return color.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: a}
}

// Color is a colour in the chosen variant.
func (l *appTheme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch l.choice {
	case view.ThemeLight:
		variant = theme.VariantLight
	case view.ThemeDark:
		variant = theme.VariantDark
	}
	if pair, ok := shades[name]; ok {
		if variant == theme.VariantDark {
			return pair[1]
		}
		return pair[0]
	}
	return l.Theme.Color(name, variant)
}

// Size is a size of the grid; those of text follow the user's scale.
func (l *appTheme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return 14 * l.scale
	case sizeSmall, theme.SizeNameCaptionText:
		return 12 * l.scale
	case theme.SizeNameSubHeadingText:
		return 16 * l.scale
	case theme.SizeNameHeadingText:
		return 20 * l.scale
	case theme.SizeNameInlineIcon:
		return 18 * max(1, l.scale*0.85)
	case theme.SizeNameScrollBar:
		return 8
	case theme.SizeNameScrollBarSmall:
		return 4
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius, theme.SizeNameButtonRadius:
		return 8
	case theme.SizeNameLineSpacing:
		return 5 * l.scale
	}
	return l.Theme.Size(name)
}

// shade is a colour of the theme in use.
func shade(name fyne.ThemeColorName) color.Color { return theme.Color(name) }

// size is a size of the theme in use.
func size(name fyne.ThemeSizeName) float32 { return theme.Size(name) }
