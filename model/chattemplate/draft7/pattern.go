package draft7

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// checkPattern says whether Python's re.compile takes an expression. It follows
// the grammar of Python 3.11: groups by number and name, look-around (behind only
// with a fixed width), conditionals, atomic groups, possessive repeats, inline
// flags. Nothing is compiled.
func checkPattern(expression string) error {
	p := &patternParser{text: []rune(expression), names: map[string]int{}, groups: []*width{nil}}
	p.advance()
	_, err := p.alternatives(0, false)
	switch {
	case p.broken:
		return errors.New("a backslash ends it")
	case err != nil:
		return err
	case p.next != "":
		return errors.New("a parenthesis is closed that was not opened")
	case p.highest >= len(p.groups):
		return fmt.Errorf("group %d does not exist", p.highest)
	}
	return nil
}

const (
	maxRepeat  = 1<<32 - 1
	maxGroups  = 1<<30 - 1
	maxNesting = 200
	// maxWidth is more than any width that matters; sums stop there.
	maxWidth = 1 << 40
)

// width is how many characters a piece can match, least and most.
type width struct{ least, most int64 }

func (w width) plus(v width) width {
	return width{min(w.least+v.least, maxWidth), min(w.most+v.most, maxWidth)}
}

func (w width) or(v width) width { return width{min(w.least, v.least), max(w.most, v.most)} }

func (w width) times(low, high int64) width {
	times := func(a, b int64) int64 {
		if a != 0 && b > maxWidth/a {
			return maxWidth
		}
		return a * b
	}
	return width{times(w.least, low), times(w.most, high)}
}

// piece is what the last item of a sequence was, which decides whether it can be
// repeated.
type piece int

const (
	nothing piece = iota
	place         // ^ $ \b and the like
	repeated
	item
)

type patternParser struct {
	text    []rune
	at      int    // behind next
	next    string // one character, or a backslash and one; "" at the end
	broken  bool   // the text ends with a backslash
	verbose bool   // the global flag x was given
	names   map[string]int
	groups  []*width // nil while open; group 0 is never closed
	highest int      // the highest group number a conditional named
	behind  int      // number of groups when the outermost look-behind began, or 0
}

// advance reads the next token.
func (p *patternParser) advance() {
	p.next = ""
	if p.at >= len(p.text) {
		return
	}
	n := 1
	if p.text[p.at] == '\\' {
		n = 2
	}
	if p.at+n > len(p.text) {
		p.broken, p.at = true, len(p.text)
		return
	}
	p.next = string(p.text[p.at : p.at+n])
	p.at += n
}

// take returns the next token and moves on.
func (p *patternParser) take() string {
	token := p.next
	p.advance()
	return token
}

func (p *patternParser) match(token string) bool {
	if p.next != token || token == "" {
		return false
	}
	p.advance()
	return true
}

// until takes everything up to a closing token, which a name needs.
func (p *patternParser) until(end string) (string, error) {
	var name strings.Builder
	for {
		switch token := p.take(); {
		case token == "":
			return "", fmt.Errorf("a name is not ended by %s", end)
		case token == end && name.Len() == 0:
			return "", errors.New("a name is missing")
		case token == end:
			return name.String(), nil
		default:
			name.WriteString(token)
		}
	}
}

// run takes up to n tokens that are single characters of set.
func (p *patternParser) run(n int, set string) string {
	var s strings.Builder
	for i := 0; i < n && p.next != "" && strings.Contains(set, p.next); i++ {
		s.WriteString(p.take())
	}
	return s.String()
}

// alternatives reads a|b|c, up to a closing parenthesis or the end.
func (p *patternParser) alternatives(depth int, verbose bool) (width, error) {
	if depth > maxNesting {
		return width{}, fmt.Errorf("it is nested more than %d deep", maxNesting)
	}
	w, err := p.sequence(depth, verbose, depth == 0)
	for err == nil && p.match("|") {
		if depth == 0 {
			verbose = p.verbose
		}
		var other width
		other, err = p.sequence(depth, verbose, false)
		w = w.or(other)
	}
	return w, err
}

const blanks = " \t\n\r\v\f"

// sequence reads items one after the other. Global flags may only begin the first.
func (p *patternParser) sequence(depth int, verbose, first bool) (width, error) {
	var total width
	s := sequenceState{depth: depth, verbose: verbose, first: first}
	for p.next != "" && p.next != "|" && p.next != ")" {
		token := p.take()
		if s.verbose && strings.Contains(blanks, token) {
			continue
		}
		if s.verbose && token == "#" {
			for t := p.take(); t != "" && t != "\n"; t = p.take() {
			}
			continue
		}
		w, kind, err := p.item(token, &s)
		if err != nil {
			return total, err
		}
		if kind == repeated {
			total, s.lastWidth = s.before.plus(w), w
		} else if kind != nothing {
			s.before, s.lastWidth = total, w
			total = total.plus(w)
		}
		if kind != nothing {
			s.last = kind
		}
	}
	return total, nil
}

// sequenceState is what an item must know of the sequence it stands in.
type sequenceState struct {
	depth     int
	verbose   bool
	first     bool
	last      piece // kind of the item before
	before    width // of everything before that item
	lastWidth width
}

// item reads one item that begins with token; kind nothing means that it left none
// behind.
func (p *patternParser) item(token string, s *sequenceState) (width, piece, error) {
	one := width{1, 1}
	switch token[0] {
	case '\\':
		return p.escape(token)
	case '[':
		return one, item, p.class()
	case '.':
		return one, item, nil
	case '^', '$':
		return width{}, place, nil
	case '(':
		return p.group(s)
	case '?', '*', '+', '{':
		return p.repeat(token, s)
	}
	return one, item, nil
}

// repeat reads a quantifier. A brace that is none stands for itself.
func (p *patternParser) repeat(token string, s *sequenceState) (width, piece, error) {
	low, high := int64(0), int64(maxRepeat)
	switch token {
	case "?":
		high = 1
	case "+":
		low = 1
	case "{":
		ok, err := p.bounds(&low, &high)
		if err != nil || !ok {
			return width{1, 1}, item, err
		}
	}
	if s.last == nothing || s.last == place {
		return width{}, nothing, fmt.Errorf("there is nothing for %s to repeat", token)
	}
	if s.last == repeated {
		return width{}, nothing, errors.New("a repeat is repeated")
	}
	if !p.match("?") {
		p.match("+")
	}
	w := s.lastWidth.times(low, high)
	if high == maxRepeat && s.lastWidth.most > 0 {
		w.most = maxWidth
	}
	return w, repeated, nil
}

// bounds reads {n}, {n,}, {,m} or {n,m} behind the brace; false when it is none.
func (p *patternParser) bounds(low, high *int64) (bool, error) {
	const digits = "0123456789"
	start := p.at - len([]rune(p.next))
	if p.next == "}" {
		return false, nil
	}
	lo := p.run(len(p.text), digits)
	hi := lo
	if p.match(",") {
		hi = p.run(len(p.text), digits)
	}
	if !p.match("}") {
		p.at = start
		p.advance()
		return false, nil
	}
	for _, bound := range []struct {
		digits string
		to     *int64
	}{{lo, low}, {hi, high}} {
		if bound.digits == "" {
			continue
		}
		if *bound.to = decimal(bound.digits); *bound.to >= maxRepeat {
			return false, errors.New("a repeat count is too large")
		}
	}
	if hi != "" && *high < *low {
		return false, errors.New("a repeat has its bounds the wrong way round")
	}
	return true, nil
}

// decimal reads digits; numbers beyond maxRepeat all become maxRepeat.
func decimal(digits string) int64 {
	var n int64
	for _, c := range digits {
		n = min(n*10+int64(c-'0'), maxRepeat)
	}
	return n
}

// identifier reports whether a name can name a group.
func identifier(name string) bool {
	for i, r := range name {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			return false
		}
	}
	return name != ""
}
