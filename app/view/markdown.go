package view

import (
	"html"
	"strconv"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// reader parses GitHub's Markdown. It is made on first use.
var reader = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.GFM))
})

// Parse turns Markdown into blocks. Nothing is ever fetched: a picture in the
// text becomes a link, HTML stays the text it is.
func Parse(markdown string) []Block {
	markdown = readableFormulas(markdown)
	source := []byte(markdown)
	p := &parser{source: source}
	p.children(reader().Parser().Parse(text.NewReader(source)), place{})
	if len(p.blocks) == 0 && strings.TrimSpace(markdown) != "" { // a link's definition alone
		p.add(Block{Kind: Paragraph, Spans: []Span{{Text: strings.TrimSpace(markdown)}}}, place{})
	}
	return p.blocks
}

type parser struct {
	source []byte
	blocks []Block
}

// place is where in the tree a block stands.
type place struct {
	quote, depth int
	marker       string // of the list item whose first block comes next
	inItem       bool
}

func (p *parser) children(parent ast.Node, c place) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		p.block(n, c)
		c.marker = ""
	}
}

func (p *parser) block(n ast.Node, c place) {
	switch n := n.(type) {
	case *ast.Heading:
		p.add(Block{Kind: Heading, Level: n.Level, Spans: p.spans(n)}, c)
	case *ast.Paragraph, *ast.TextBlock:
		p.paragraph(n, c)
	case *ast.FencedCodeBlock:
		p.add(Block{Kind: Code, Language: string(n.Language(p.source)), Text: p.lines(n)}, c)
	case *ast.CodeBlock:
		p.add(Block{Kind: Code, Text: p.lines(n)}, c)
	case *ast.HTMLBlock:
		p.add(Block{Kind: Paragraph, Spans: []Span{{Text: strings.TrimRight(p.lines(n), "\n"), Code: true}}}, c)
	case *ast.ThematicBreak:
		p.add(Block{Kind: Rule}, c)
	case *ast.Blockquote:
		c.quote++
		p.children(n, c)
	case *ast.List:
		p.list(n, c)
	case *east.Table:
		p.table(n, c)
	default:
		p.children(n, c)
	}
}

// paragraph is text of its own or in a list item, where the first carries the
// marker and the others stand below it.
func (p *parser) paragraph(n ast.Node, c place) {
	b := Block{Kind: Paragraph, Spans: p.spans(n)}
	if box, ok := n.FirstChild().(*east.TaskCheckBox); ok {
		c.marker = "☐"
		if box.IsChecked {
			c.marker = "✓"
		}
	}
	if c.inItem {
		b.Kind, b.Level, b.Marker = ListItem, c.depth-1, c.marker
	}
	p.add(b, c)
}

func (p *parser) list(list *ast.List, c place) {
	c.depth++
	c.inItem = true
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		c.marker = "•"
		if list.IsOrdered() {
			c.marker = strconv.Itoa(number) + "."
			number++
		}
		if item.FirstChild() == nil { // "3." may be a whole answer
			p.add(Block{Kind: Paragraph, Spans: []Span{{Text: strings.TrimRight(c.marker, ".•") + string(list.Marker)}}}, c)
		}
		p.children(item, c)
	}
}

func (p *parser) table(table *east.Table, c place) {
	b := Block{Kind: Table}
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []Cell
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			align := AlignStart
			if i := len(cells); i < len(table.Alignments) {
				align = alignment(table.Alignments[i])
			}
			cells = append(cells, Cell{Spans: p.spans(cell), Align: align})
		}
		b.Rows = append(b.Rows, cells)
	}
	p.add(b, c)
}

func alignment(a east.Alignment) Align {
	switch a {
	case east.AlignRight:
		return AlignEnd
	case east.AlignCenter:
		return AlignCentre
	}
	return AlignStart
}

func (p *parser) add(b Block, c place) {
	b.Quote = c.quote
	b.RTL = RightToLeft(Plain(b.Spans))
	p.blocks = append(p.blocks, b)
}

// lines is the text of a block that is kept as written.
func (p *parser) lines(n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		b.Write(line.Value(p.source))
	}
	return strings.TrimRight(b.String(), "\n")
}

// spans are the runs of text below a node.
func (p *parser) spans(n ast.Node) []Span {
	var out []Span
	p.inline(n, Span{}, &out)
	return out
}

func (p *parser) inline(parent ast.Node, style Span, out *[]Span) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		s := style
		switch n := n.(type) {
		case *ast.Text:
			p.words(n, s, out)
		case *ast.String:
			s.Text = string(n.Value)
			push(out, s)
		case *ast.CodeSpan:
			s.Code = true
			p.inline(n, s, out)
		case *ast.Emphasis:
			s.Bold, s.Italic = s.Bold || n.Level > 1, s.Italic || n.Level == 1
			p.inline(n, s, out)
		case *east.Strikethrough:
			s.Strike = true
			p.inline(n, s, out)
		case *ast.Link:
			s.Link = string(n.Destination)
			p.inline(n, s, out)
		case *ast.Image:
			s.Link = string(n.Destination)
			p.inline(n, s, out)
		case *ast.AutoLink:
			s.Link, s.Text = string(n.URL(p.source)), string(n.Label(p.source))
			push(out, s)
		case *ast.RawHTML:
			p.rawHTML(n, s, out)
		default:
			p.inline(n, s, out)
		}
	}
}

// words is plain text with its line's end.
func (p *parser) words(n *ast.Text, s Span, out *[]Span) {
	s.Text = string(n.Value(p.source))
	if !s.Code {
		s.Text = html.UnescapeString(s.Text)
	}
	switch {
	case n.HardLineBreak():
		s.Text += "\n"
	case n.SoftLineBreak():
		s.Text += " "
	}
	push(out, s)
}

// rawHTML is shown as it is written, but for the line break models like.
func (p *parser) rawHTML(n *ast.RawHTML, s Span, out *[]Span) {
	for i := range n.Segments.Len() {
		segment := n.Segments.At(i)
		s.Text += string(segment.Value(p.source))
	}
	switch strings.ToLower(strings.ReplaceAll(s.Text, " ", "")) {
	case "<br>", "<br/>":
		s.Text = "\n"
	}
	push(out, s)
}

// push adds a span, to the one before it when the style is the same.
func push(out *[]Span, s Span) {
	if s.Text == "" {
		return
	}
	if n := len(*out); n > 0 {
		last := &(*out)[n-1]
		text := last.Text
		if last.Text = s.Text; *last == s {
			last.Text = text + s.Text
			return
		}
		last.Text = text
	}
	*out = append(*out, s)
}
