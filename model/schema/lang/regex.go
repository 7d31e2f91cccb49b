package lang

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// Pattern is the language of the strings in which the ECMA-262 expression matches somewhere, as the keyword `pattern` means it.
// The error is a sentence about what cannot be said exactly (back references, look-behind, look-ahead inside a repetition) or is malformed.
func Pattern(expr string) (*Language, error) {
	if ahead, rest, negative, ok := leadingLook(expr); ok {
		return withLookahead(ahead, rest, negative)
	}
	if hasLook(expr) {
		return patternWithLook(expr)
	}
	goExpr, err := translate(expr)
	if err != nil {
		return nil, err
	}
	return compile(goExpr)
}

// leadingLook splits ^(?!ahead)rest and ^(?=ahead)rest; only where no alternative at the top level escapes the anchor.
func leadingLook(expr string) (ahead, rest string, negative, ok bool) {
	negative = strings.HasPrefix(expr, "^(?!")
	if !negative && !strings.HasPrefix(expr, "^(?=") {
		return "", "", false, false
	}
	depth, inClass, end := 0, false, 0
	for i := 1; i < len(expr); i++ {
		switch c := expr[i]; {
		case c == '\\':
			i++
		case inClass:
			inClass = c != ']'
		case c == '[':
			inClass = true
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 && end == 0 {
				end = i
			}
		case c == '|' && depth == 0:
			return "", "", false, false
		}
	}
	if end == 0 {
		return "", "", false, false
	}
	return "^(?:" + expr[4:end] + ")", "^" + strings.TrimPrefix(expr[end+1:], "^"), negative, true
}

// withLookahead is the language of the strings that match rest and also match ahead, or do not.
func withLookahead(ahead, rest string, negative bool) (*Language, error) {
	a, err := Pattern(ahead)
	if err != nil {
		return nil, err
	}
	r, err := Pattern(rest)
	if err != nil {
		return nil, err
	}
	if negative {
		a = Not(a)
	}
	return And(a, r)
}

// compile builds the automaton of a Go expression by the subset construction over its program.
func compile(expr string) (*Language, error) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("is not a regular expression we can read: %w", err)
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, fmt.Errorf("is not a regular expression we can read: %w", err)
	}
	b := &subset{prog: prog, number: map[string]int32{}, onList: make([]uint32, len(prog.Inst))}
	for _, in := range prog.Inst {
		if in.Op == syntax.InstEmptyWidth {
			b.looks |= syntax.EmptyOp(in.Arg)
		}
	}
	b.state(position{before: -1})
	for q := 0; q < len(b.positions); q++ {
		if len(b.positions) > maxStates {
			return nil, ErrTooComplex
		}
		row := b.row(b.positions[q])
		b.rows = append(b.rows, row)
	}
	return newLanguage(b.rows, b.label), nil
}

// position is a set of places in the program, before the empty-width checks between the last character and the next.
type position struct {
	pcs    []uint32
	before rune // a stand-in for the last character: -1 none, 'a' word, '\n' line, ' ' other
	done   bool // the expression has matched: anything may follow
}

// subset is the automaton under construction.
type subset struct {
	prog      *syntax.Prog
	looks     syntax.EmptyOp // the empty-width checks that occur at all
	number    map[string]int32
	positions []position
	label     []int32
	rows      [][]edge

	onList []uint32 // generation in which a place was last put on the list
	gen    uint32
	list   []uint32
	key    []byte
}

const words = syntax.EmptyWordBoundary | syntax.EmptyNoWordBoundary
const lines = syntax.EmptyBeginLine | syntax.EmptyEndLine

// kind reduces a character to what the empty-width checks of this program can tell apart.
func (b *subset) kind(r rune) rune {
	switch {
	case b.looks&words != 0 && syntax.IsWordChar(r):
		return 'a'
	case b.looks&lines != 0 && r == '\n':
		return '\n'
	}
	return ' '
}

func (b *subset) state(p position) int32 {
	b.key = append(b.key[:0], byte(p.before), byte(yes(p.done)))
	for _, pc := range p.pcs {
		b.key = append(b.key, byte(pc), byte(pc>>8), byte(pc>>16))
	}
	if n, ok := b.number[string(b.key)]; ok {
		return n
	}
	n := int32(len(b.positions))
	b.number[string(b.key)] = n
	p.pcs = slices.Clone(p.pcs)
	b.positions = append(b.positions, p)
	accepts := p.done
	if !p.done {
		_, accepts = b.closure(p, -1)
	}
	b.label = append(b.label, yes(accepts))
	return n
}

// closure follows everything that reads no character, given the kind of the next one; matched says whether the end was reached.
func (b *subset) closure(p position, next rune) (reading []uint32, matched bool) {
	b.gen++
	flags := syntax.EmptyOpContext(p.before, next)
	b.list = append(append(b.list[:0], p.pcs...), uint32(b.prog.Start)) // an expression may begin to match anywhere
	for len(b.list) > 0 {
		pc := b.list[len(b.list)-1]
		b.list = b.list[:len(b.list)-1]
		if b.onList[pc] == b.gen {
			continue
		}
		b.onList[pc] = b.gen
		switch in := &b.prog.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			b.list = append(b.list, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			b.list = append(b.list, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^flags == 0 {
				b.list = append(b.list, in.Out)
			}
		case syntax.InstMatch:
			return nil, true
		case syntax.InstFail:
		default:
			reading = append(reading, pc)
		}
	}
	slices.Sort(reading)
	return reading, false
}

// row is the transition function of a position: characters are cut where any instruction or check changes its mind.
func (b *subset) row(p position) []edge {
	if p.done {
		return []edge{{0, b.state(p)}}
	}
	type step struct {
		reading []uint32
		matched bool
	}
	steps := map[rune]step{}
	cuts := []rune{0}
	for _, kind := range b.kinds() {
		reading, matched := b.closure(p, kind)
		steps[kind] = step{reading, matched}
		for _, pc := range reading {
			cuts = appendCuts(cuts, &b.prog.Inst[pc])
		}
	}
	if b.looks&words != 0 {
		cuts = append(cuts, '0', '9'+1, 'A', 'Z'+1, '_', '_'+1, 'a', 'z'+1)
	}
	if b.looks&lines != 0 {
		cuts = append(cuts, '\n', '\n'+1)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []edge
	var pcs []uint32
	for _, r := range cuts {
		kind := b.kind(r)
		s := steps[kind]
		pcs = pcs[:0]
		for _, pc := range s.reading {
			if in := &b.prog.Inst[pc]; in.MatchRune(r) {
				pcs = append(pcs, in.Out)
			}
		}
		slices.Sort(pcs)
		next := position{pcs: slices.Compact(pcs), before: kind, done: s.matched}
		if s.matched {
			next = position{done: true}
		}
		to := b.state(next)
		if n := len(out); n == 0 || out[n-1].to != to {
			out = append(out, edge{r, to})
		}
	}
	return out
}

func (b *subset) kinds() []rune {
	kinds := []rune{' '}
	if b.looks&words != 0 {
		kinds = append(kinds, 'a')
	}
	if b.looks&lines != 0 {
		kinds = append(kinds, '\n')
	}
	return kinds
}

// appendCuts adds the characters at which a reading instruction begins or ends to match.
func appendCuts(cuts []rune, in *syntax.Inst) []rune {
	switch in.Op {
	case syntax.InstRuneAny:
	case syntax.InstRuneAnyNotNL:
		cuts = append(cuts, '\n', '\n'+1)
	default:
		if len(in.Rune) == 1 {
			r0 := in.Rune[0]
			cuts = append(cuts, r0, r0+1)
			if syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
				for r := unicode.SimpleFold(r0); r != r0; r = unicode.SimpleFold(r) {
					cuts = append(cuts, r, r+1)
				}
			}
			break
		}
		for i := 0; i+1 < len(in.Rune); i += 2 {
			cuts = append(cuts, in.Rune[i], in.Rune[i+1]+1)
		}
	}
	return cuts
}
