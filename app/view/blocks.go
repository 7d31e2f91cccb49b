package view

import "strings"

// BlockKind names a piece of a formatted answer.
type BlockKind int

// The kinds of block.
const (
	Paragraph BlockKind = iota
	Heading
	ListItem // of a list
	Code
	Table
	Rule
)

// Block is a piece of a formatted answer that is laid out by itself.
type Block struct {
	Kind   BlockKind
	Level  int    // Heading: 1..6; ListItem: depth from 0
	Quote  int    // how many quotation bars stand before it
	Marker string // ListItem: "•", "3.", "✓"
	Spans  []Span // Paragraph, Heading, ListItem
	// Code: the text and the language named after the fence.
	Text, Language string
	Rows           [][]Cell // Table: the first row is the head
	RTL            bool     // reads from right to left
}

// Cell is a field of a table.
type Cell struct {
	Spans []Span
	Align Align
}

// Align is where a table's column stands.
type Align int

// The alignments.
const (
	AlignStart Align = iota
	AlignCentre
	AlignEnd
)

// Span is a run of text in one style.
type Span struct {
	Text                       string
	Bold, Italic, Strike, Code bool
	Link                       string // address, or ""
}

// Plain is the text of spans without their styles.
func Plain(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Stream formats an answer that is still growing. A block that is finished is
// never looked at again: what costs time with every piece is the last one only.
type Stream struct {
	finished []Block
	tail     string // Markdown that is not finished
	scanned  int    // tail[:scanned] are whole lines that were looked at
	fence    string // the marks that close the code block tail is in, or ""
	blank    bool   // the last whole line was empty
}

// Append adds a piece of Markdown and reports how many blocks are finished.
func (s *Stream) Append(piece string) int {
	s.tail += piece
	for {
		end := strings.IndexByte(s.tail[s.scanned:], '\n')
		if end < 0 {
			return len(s.finished)
		}
		s.line(s.scanned, s.scanned+end+1)
	}
}

// line looks at one whole line of the tail and cuts where a block has ended.
func (s *Stream) line(start, end int) {
	line := strings.TrimRight(s.tail[start:end], "\r\n")
	s.scanned = end
	bare := strings.TrimLeft(line, " ")
	switch {
	case s.fence != "":
		if strings.HasPrefix(bare, s.fence) && strings.Trim(bare, s.fence[:1]+" \t") == "" {
			s.fence = ""
			if len(bare) == len(line) {
				s.cut(end)
			}
		}
	case s.blank && line != "" && line[0] != ' ' && line[0] != '\t':
		s.cut(start)
		s.scanned = end - start
		s.open(bare)
	default:
		s.open(bare)
	}
	s.blank = s.fence == "" && strings.TrimSpace(line) == ""
}

// open notes that a line begins a code block.
func (s *Stream) open(line string) {
	for _, mark := range []string{"`", "~"} {
		n := len(line) - len(strings.TrimLeft(line, mark))
		if n >= 3 && !strings.Contains(line[n:], "`") {
			s.fence = strings.Repeat(mark, n)
		}
	}
}

// cut moves tail[:at] to the finished blocks.
func (s *Stream) cut(at int) {
	s.finished = append(s.finished, Parse(s.tail[:at])...)
	s.tail, s.scanned = s.tail[at:], 0
}

// Finished are the blocks that will not change any more; the slice only grows.
func (s *Stream) Finished() []Block { return s.finished }

// Growing are the blocks at the end, parsed anew at each call.
func (s *Stream) Growing() []Block {
	if strings.TrimSpace(s.tail) == "" {
		return nil
	}
	return Parse(s.tail)
}

// End finishes the last block.
func (s *Stream) End() {
	if strings.TrimSpace(s.tail) != "" {
		s.cut(len(s.tail))
	}
	s.tail, s.scanned, s.fence, s.blank = "", 0, "", false
}
