package lang

import (
	"fmt"
	"strconv"
	"strings"
)

// Look-ahead in the middle of an expression. What an element may match depends on all that follows it, so the expression is
// compiled from its end to its beginning: follow(node, rest) is the language of the strings that node and then rest match.
// A look-ahead is then an intersection with rest. Expressions without one take the direct way in regex.go.

// node is a part of an expression. Exactly one of its kinds applies.
type node struct {
	raw  string  // an expression without look-ahead or anchors
	alts []*node // alternatives
	seq  []*node // one after the other
	look *node   // (?=look), or (?!look)
	not  bool
	mark byte // '^' or '$'

	min, max int // how often; most is -1 for no limit
}

// maxUnrolled bounds the repetitions of a part that holds a look-ahead.
const maxUnrolled = 16

// hasLook says whether an expression holds a look-ahead outside of brackets.
func hasLook(expr string) bool {
	inClass := false
	for i := 0; i < len(expr); i++ {
		switch c := expr[i]; {
		case c == '\\':
			i++
		case inClass:
			inClass = c != ']'
		case c == '[':
			inClass = true
		case c == '(':
			if strings.HasPrefix(expr[i:], "(?=") || strings.HasPrefix(expr[i:], "(?!") {
				return true
			}
		}
	}
	return false
}

// patternWithLook is Pattern for expressions that hold a look-ahead.
func patternWithLook(expr string) (*Language, error) {
	p := &lookParser{in: expr}
	root, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	if p.pos < len(p.in) {
		return nil, fmt.Errorf("has a bracket that is never opened")
	}
	var ways []*Language
	for _, alt := range root.alts {
		way, err := fromAnywhere(alt)
		if err != nil {
			return nil, err
		}
		ways = append(ways, way)
	}
	return Or(ways...)
}

// anything is the language of all strings.
func anything() *Language { return newLanguage([][]edge{{{0, 0}}}, []int32{0}) }

// nothing is the language of the empty string alone.
func nothing() *Language { return newLanguage([][]edge{{{0, Dead}}}, []int32{0}) }

// fromAnywhere lets an alternative begin at any character unless it is anchored.
func fromAnywhere(alt *node) (*Language, error) {
	if len(alt.seq) > 0 && alt.seq[0].mark == '^' {
		return step(&node{seq: alt.seq[1:], min: 1, max: 1}, anything())
	}
	way, err := step(alt, anything())
	if err != nil {
		return nil, err
	}
	return concat(anything(), way)
}

// step is the language of the strings that n matches from their start, and rest what is left of them.
func step(n *node, rest *Language) (*Language, error) {
	if n.min == 1 && n.max == 1 {
		return once(n, rest)
	}
	if n.max < 0 || n.max > maxUnrolled {
		return nil, fmt.Errorf("uses look-around inside a repetition, which a token mask cannot follow")
	}
	ways := []*Language{}
	if n.min == 0 {
		ways = append(ways, rest)
	}
	for times := 1; times <= n.max; times++ {
		var err error
		if rest, err = once(n, rest); err != nil {
			return nil, err
		}
		if times >= n.min {
			ways = append(ways, rest)
		}
	}
	return Or(ways...)
}

// once is follow for a single repetition.
func once(n *node, rest *Language) (*Language, error) {
	switch {
	case n.look != nil:
		ahead, err := step(n.look, anything())
		if err != nil {
			return nil, err
		}
		if n.not {
			ahead = Not(ahead)
		}
		return And(ahead, rest)
	case n.mark == '$':
		return And(nothing(), rest)
	case n.mark == '^':
		return nil, fmt.Errorf("has a ^ beside look-around that is not at its start")
	case n.raw != "":
		l, err := fullMatch(n.raw)
		if err != nil {
			return nil, err
		}
		return concat(l, rest)
	case n.alts != nil:
		var ways []*Language
		for _, alt := range n.alts {
			way, err := step(alt, rest)
			if err != nil {
				return nil, err
			}
			ways = append(ways, way)
		}
		return Or(ways...)
	}
	for i := len(n.seq) - 1; i >= 0; i-- {
		var err error
		if rest, err = step(n.seq[i], rest); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// fullMatch is the language of the strings that an expression matches from end to end.
func fullMatch(expr string) (*Language, error) {
	goExpr, err := translate(expr)
	if err != nil {
		return nil, err
	}
	return compile("^(?:" + goExpr + ")$")
}

// lookParser takes an ECMA-262 expression apart, as far as look-ahead and anchors make that necessary.
type lookParser struct {
	in  string
	pos int
}

func (p *lookParser) alternatives() (*node, error) {
	out := &node{min: 1, max: 1}
	for {
		seq, err := p.sequence()
		if err != nil {
			return nil, err
		}
		out.alts = append(out.alts, seq)
		if p.pos >= len(p.in) || p.in[p.pos] != '|' {
			return out, nil
		}
		p.pos++
	}
}

func (p *lookParser) sequence() (*node, error) {
	out := &node{min: 1, max: 1}
	for p.pos < len(p.in) && p.in[p.pos] != '|' && p.in[p.pos] != ')' {
		n, err := p.element()
		if err != nil {
			return nil, err
		}
		if last := len(out.seq) - 1; last >= 0 && n.raw != "" && out.seq[last].raw != "" {
			out.seq[last].raw += n.raw
			continue
		}
		out.seq = append(out.seq, n)
	}
	return out, nil
}

// element reads an atom and how often it comes. One without look-ahead and anchors stays as it is written.
func (p *lookParser) element() (*node, error) {
	start := p.pos
	n, err := p.atom()
	if err != nil {
		return nil, err
	}
	if n.look != nil || n.mark != 0 {
		return n, nil
	}
	if err := p.quantifier(n); err != nil {
		return nil, err
	}
	if n.plain() {
		return &node{raw: p.in[start:p.pos], min: 1, max: 1}, nil
	}
	return n, nil
}

// plain says whether a node holds neither look-ahead nor anchors.
func (n *node) plain() bool {
	if n.look != nil || n.mark != 0 {
		return false
	}
	for _, part := range append(append([]*node{}, n.alts...), n.seq...) {
		if !part.plain() {
			return false
		}
	}
	return true
}

func (p *lookParser) atom() (*node, error) {
	rest := p.in[p.pos:]
	n := &node{min: 1, max: 1}
	switch {
	case rest[0] == '^' || rest[0] == '$':
		p.pos++
		n.mark = rest[0]
		return n, nil
	case strings.HasPrefix(rest, `\b`) || strings.HasPrefix(rest, `\B`):
		return nil, fmt.Errorf("uses a word boundary beside look-around, which a token mask cannot follow")
	case strings.HasPrefix(rest, "(?<=") || strings.HasPrefix(rest, "(?<!"):
		return nil, fmt.Errorf("uses look-around (%.4s), which a token mask cannot follow", rest)
	case rest[0] == '(':
		return p.group(rest)
	case rest[0] == '[':
		return n, p.bracket()
	case rest[0] == '\\':
		return n, p.escaped(rest)
	}
	p.pos++
	for p.pos < len(p.in) && p.in[p.pos]&0xC0 == 0x80 { // the rest of a character
		p.pos++
	}
	return n, nil
}

func (p *lookParser) group(rest string) (*node, error) {
	opening := "("
	switch {
	case strings.HasPrefix(rest, "(?=") || strings.HasPrefix(rest, "(?!") || strings.HasPrefix(rest, "(?:"):
		opening = rest[:3]
	case strings.HasPrefix(rest, "(?<"):
		opening = rest[:strings.IndexByte(rest+">", '>')+1]
	}
	p.pos += min(len(opening), len(rest))
	inner, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	if p.pos >= len(p.in) {
		return nil, fmt.Errorf("has a bracket that is never closed")
	}
	p.pos++
	if opening == "(?=" || opening == "(?!" {
		return &node{look: inner, not: opening == "(?!", min: 1, max: 1}, nil
	}
	return inner, nil
}

// bracket passes over a class of characters.
func (p *lookParser) bracket() error {
	for i := p.pos + 1; i < len(p.in); i++ {
		switch p.in[i] {
		case '\\':
			i++
		case ']':
			p.pos = i + 1
			return nil
		}
	}
	return fmt.Errorf("has a bracket that is never closed")
}

// escaped passes over a backslash and what belongs to it.
func (p *lookParser) escaped(rest string) error {
	if len(rest) < 2 {
		return fmt.Errorf("ends in a backslash")
	}
	n := 2
	switch {
	case strings.IndexByte("pPu", rest[1]) >= 0 && strings.HasPrefix(rest[2:], "{"):
		n = strings.IndexByte(rest+"}", '}') + 1
	case rest[1] == 'u':
		n = 6
	case rest[1] == 'x':
		n = 4
	case rest[1] == 'c':
		n = 3
	case rest[1] >= 0x80:
		return fmt.Errorf("uses the escape %.2q, which ECMA-262 does not define", rest)
	}
	p.pos += min(n, len(rest))
	return nil
}

// quantifier reads how often a node comes.
func (p *lookParser) quantifier(n *node) error {
	if p.pos >= len(p.in) {
		return nil
	}
	switch p.in[p.pos] {
	case '?':
		n.min, n.max = 0, 1
	case '*':
		n.min, n.max = 0, -1
	case '+':
		n.min, n.max = 1, -1
	case '{':
		end := strings.IndexByte(p.in[p.pos:], '}')
		if end < 0 || !counts(p.in[p.pos+1:p.pos+end], n) {
			return nil // a brace that stands for itself
		}
		p.pos += end
	default:
		return nil
	}
	p.pos++
	if p.pos < len(p.in) && p.in[p.pos] == '?' { // lazy: the same language
		p.pos++
	}
	return nil
}

// counts reads the inside of {2}, {2,} or {2,5}.
func counts(text string, n *node) bool {
	low, high, ranged := strings.Cut(text, ",")
	least, err := strconv.Atoi(low)
	if err != nil {
		return false
	}
	most := least
	if ranged {
		if most = -1; high != "" {
			if most, err = strconv.Atoi(high); err != nil {
				return false
			}
		}
	}
	n.min, n.max = least, most
	return true
}
