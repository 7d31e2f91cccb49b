//go:build !headless

package ui

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/view"
	"sirocco/app/view/i18n"
)

// codeBlock shows code with colours, its language and a button that copies it.
type codeBlock struct {
	object fyne.CanvasObject
	grid   *widget.TextGrid
	text   string
	lexer  chroma.Lexer
}

// colourful is the longest code that is coloured again while it grows.
const colourful = 8 << 10

func (w *window) newCode(b view.Block) *codeBlock {
	c := &codeBlock{grid: widget.NewTextGrid()}
	c.grid.Scroll = fyne.ScrollNone
	name := strings.ToLower(b.Language)
	if c.lexer = lexers.Get(name); c.lexer == nil {
		c.lexer = lexers.Fallback
	}
	c.lexer = chroma.Coalesce(c.lexer)
	label := caption(name)
	label.TextStyle.Monospace = true
	copyIt := w.iconButton(theme.ContentCopyIcon(), i18n.T("Copy the code"), func() { w.copy(c.text) })
	head := container.NewBorder(nil, nil, pad(label, 0, 0, 12, 0), copyIt)
	scroll := w.newSideScroll(pad(c.grid, 2, 12, 12, 12))
	c.object = container.NewStack(box(colorCode, 8), container.NewBorder(head, nil, nil, nil, scroll))
	c.update(b)
	return c
}

// update shows code that has grown.
func (c *codeBlock) update(b view.Block) {
	if c.text == b.Text && c.text != "" {
		return
	}
	c.text = b.Text
	shown := strings.ReplaceAll(b.Text, "\t", "    ")
	if len(shown) > colourful {
		c.grid.SetText(shown)
		return
	}
	tokens, err := chroma.Tokenise(c.lexer, nil, shown)
	if err != nil {
		c.grid.SetText(shown)
		return
	}
	c.grid.Rows = rowsOf(tokens)
	c.grid.Refresh()
}

// rowsOf cuts tokens at their line ends.
func rowsOf(tokens []chroma.Token) []widget.TextGridRow {
	rows := []widget.TextGridRow{{}}
	for _, token := range tokens {
		style := codeStyle(token.Type)
		for i, part := range strings.Split(token.Value, "\n") {
			if i > 0 {
				rows = append(rows, widget.TextGridRow{})
			}
			last := &rows[len(rows)-1]
			for _, r := range part {
				last.Cells = append(last.Cells, widget.TextGridCell{Rune: r, Style: style})
			}
		}
	}
	if n := len(rows); n > 1 && len(rows[n-1].Cells) == 0 {
		rows = rows[:n-1]
	}
	return rows
}

// codeStyle is the colour of a kind of token; most code is left as it is.
func codeStyle(t chroma.TokenType) widget.TextGridStyle {
	name := fyne.ThemeColorName("")
	switch {
	case t.InCategory(chroma.Keyword):
		name = colorKeyword
	case t.InSubCategory(chroma.LiteralString):
		name = colorString
	case t.InSubCategory(chroma.LiteralNumber):
		name = colorNumber
	case t.InCategory(chroma.Comment):
		name = colorMuted
	case t == chroma.NameFunction, t == chroma.NameBuiltin, t == chroma.NameClass, t == chroma.NameTag:
		name = colorName
	}
	if name == "" {
		return nil
	}
	return &widget.CustomTextGridStyle{FGColor: shade(name)}
}

// The colours of code.
const (
	colorKeyword fyne.ThemeColorName = "code-keyword"
	colorString  fyne.ThemeColorName = "code-string"
	colorNumber  fyne.ThemeColorName = "code-number"
	colorName    fyne.ThemeColorName = "code-name"
)
