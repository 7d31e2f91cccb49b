package schema

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sirocco/model/schema/lang"
)

// compiler turns a document into nodes. One is used for one schema and thrown away.
type compiler struct {
	doc      *document
	table    []*subschema
	places   []location
	byPlace  map[string]id // pointer → table entry
	nodes    map[string]*node
	order    []*node
	expanded map[literal]shapes
	open     map[literal]bool // being expanded: meeting one again is a schema that refers to itself in place
	patterns map[string]patternResult
	joined   map[[2]*lang.Language]langResult
	met      map[[2]*lang.Language]langResult
	budget   int
	depth    int // of voidNode
	plain    bool
}

type patternResult struct {
	l   *lang.Language
	err error
}

type langResult struct {
	l   *lang.Language
	err error
}

// literal is a subschema or its complement.
type literal int32

func yes(s id) literal          { return literal(s << 1) }
func (l literal) not() literal  { return l ^ 1 }
func (l literal) id() id        { return id(l >> 1) }
func (l literal) negated() bool { return l&1 == 1 }

// node is the set of values that satisfy a conjunction of literals. Nodes with the same literals are one node.
type node struct {
	literals     []literal
	shapes       shapes
	filled       bool
	filling      bool
	hasLookahead bool   // voidNode is asking about it
	where        string // pointer of the first literal, for messages
}

// combinations bounds how many alternatives compiling may make in all: beyond it the schema is refused, not approximated.
const combinations = 60000

func newCompiler(doc *document) *compiler {
	return &compiler{doc: doc, byPlace: map[string]id{}, nodes: map[string]*node{}, expanded: map[literal]shapes{}, open: map[literal]bool{},
		patterns: map[string]patternResult{}, joined: map[[2]*lang.Language]langResult{}, met: map[[2]*lang.Language]langResult{}, budget: combinations}
}

// at is the table entry of a place; the schema there is read at its first use.
func (c *compiler) at(at location) id {
	if n, ok := c.byPlace[at.pointer]; ok {
		return n
	}
	n := c.add(nil, at)
	c.byPlace[at.pointer] = n
	return n
}

func (c *compiler) add(s *subschema, at location) id {
	c.table, c.places = append(c.table, s), append(c.places, at)
	return id(len(c.table) - 1)
}

func (c *compiler) sub(n id) (*subschema, error) {
	if c.table[n] == nil {
		s, err := c.read(c.places[n])
		if err != nil {
			return nil, err
		}
		c.table[n] = s
	}
	return c.table[n], nil
}

// constant is a table entry for a schema that we made ourselves: exactly the value v.
func (c *compiler) constant(v any, at location) id {
	return c.add(&subschema{at: at, own: everything(), enum: []any{v}}, at)
}

// nothing is a node without values.
func (c *compiler) nothing() *node {
	n := c.intern([]literal{falsehood})
	n.filled = true
	return n
}

// falsehood is the literal of no value; it has no table entry.
const falsehood literal = -2

func (c *compiler) of(ls ...literal) *node {
	out := slices.Clone(ls)
	slices.Sort(out)
	out = slices.Compact(out)
	for i, l := range out {
		if l == falsehood || i > 0 && out[i-1] == l.not() {
			return c.nothing()
		}
	}
	return c.intern(out)
}

func (c *compiler) intern(ls []literal) *node {
	key := make([]byte, 0, 64)
	for _, l := range ls {
		key = binary.LittleEndian.AppendUint32(key, uint32(l))
	}
	if n, ok := c.nodes[string(key)]; ok {
		return n
	}
	n := &node{literals: ls}
	if len(ls) > 0 && ls[0] >= 0 {
		n.where = c.places[ls[0].id()].pointer
	}
	c.nodes[string(key)] = n
	c.order = append(c.order, n)
	return n
}

// both is the node of what is in a and in b; nil stands for everything.
func (c *compiler) both(a, b *node) *node {
	if a == nil || a == b {
		return b
	}
	if b == nil {
		return a
	}
	return c.of(append(slices.Clone(a.literals), b.literals...)...)
}

// outside is the node of what is not in n; only for nodes of one literal, which is what schemas name.
func (c *compiler) outside(n *node) (*node, error) {
	switch {
	case n == nil:
		return c.nothing(), nil
	case n == c.nothing():
		return nil, nil
	case len(n.literals) == 1:
		return c.of(n.literals[0].not()), nil
	}
	// ¬(a ∧ b): a made-up schema that is allOf of them, negated
	s := &subschema{own: everything()}
	for _, l := range n.literals {
		if l.negated() {
			s.allOf = append(s.allOf, c.add(&subschema{own: everything(), not: []id{l.id()}}, location{pointer: n.where}))
		} else {
			s.allOf = append(s.allOf, l.id())
		}
	}
	return c.of(yes(c.add(s, location{pointer: n.where})).not()), nil
}

// fill works out the shapes of a node.
func (c *compiler) fill(n *node) error {
	if n == nil || n.filled {
		return nil
	}
	n.filling = true
	defer func() { n.filling = false }()
	s := everything()
	for _, l := range n.literals {
		x, err := c.expand(l)
		if err != nil {
			return err
		}
		if s, err = c.intersect(s, x); err != nil {
			return c.blame(err, n.where)
		}
	}
	n.shapes, n.filled = s, true
	return nil
}

// blame adds the place to an error of an operation that does not know it.
func (c *compiler) blame(err error, pointer string) error {
	if _, ok := err.(*Unsupported); ok {
		return err
	}
	return unsupported("", pointer, err.Error())
}

// expand is the set of values of a literal in normal form.
func (c *compiler) expand(l literal) (shapes, error) {
	if s, ok := c.expanded[l]; ok {
		return s, nil
	}
	if c.open[l] {
		return shapes{}, unsupported("$ref", c.places[l.id()].pointer, "refers to itself without a step into the value")
	}
	c.open[l] = true
	defer delete(c.open, l)
	sub, err := c.sub(l.id())
	if err != nil {
		return shapes{}, err
	}
	var s shapes
	if l.negated() {
		s, err = c.complementOf(sub)
	} else {
		s, err = c.assert(sub)
	}
	if err != nil {
		return shapes{}, c.blame(err, sub.at.pointer)
	}
	c.expanded[l] = s
	return s, nil
}

// assert is the set of values that satisfy s.
func (c *compiler) assert(s *subschema) (shapes, error) {
	out := s.own
	meet := func(x shapes, err error) error {
		if err == nil {
			out, err = c.intersect(out, x)
		}
		return err
	}
	if s.enum != nil {
		if err := meet(c.enumerated(s.enum, s.at)); err != nil {
			return out, err
		}
	}
	for _, n := range s.allOf {
		if err := meet(c.expand(yes(n))); err != nil {
			return out, err
		}
	}
	for _, n := range s.not {
		if err := meet(c.expand(yes(n).not())); err != nil {
			return out, err
		}
	}
	for _, x := range s.ifs {
		if err := meet(c.either(x)); err != nil {
			return out, err
		}
	}
	if s.anyOf != nil {
		if err := meet(c.some(s.anyOf, out)); err != nil {
			return out, err
		}
	}
	if s.oneOf != nil {
		if err := meet(c.exactlyOne(s.oneOf, out)); err != nil {
			return out, err
		}
	}
	return out, nil
}

// some is the union of what the alternatives leave of `within`.
func (c *compiler) some(list []id, within shapes) (shapes, error) {
	var out shapes
	for _, n := range list {
		x, err := c.expand(yes(n))
		if err != nil {
			return out, err
		}
		if x, err = c.intersect(within, x); err != nil {
			return out, err
		}
		if out, err = c.join(out, x); err != nil {
			return out, err
		}
	}
	return out, nil
}

// exactlyOne joins each alternative less those others that it meets; disjoint alternatives, the usual case, cost nothing more.
func (c *compiler) exactlyOne(list []id, within shapes) (shapes, error) {
	var out shapes
	parts := make([]shapes, len(list))
	for i, n := range list {
		x, err := c.expand(yes(n))
		if err != nil {
			return out, err
		}
		if parts[i], err = c.intersect(within, x); err != nil {
			return out, err
		}
	}
	for i := range list {
		x := parts[i]
		for j, n := range list {
			if i == j {
				continue
			}
			overlap, err := c.intersect(x, parts[j])
			if err != nil {
				return out, err
			}
			if c.void(overlap) {
				continue
			}
			other, err := c.expand(yes(n).not())
			if err != nil {
				return out, err
			}
			if x, err = c.intersect(x, other); err != nil {
				return out, err
			}
		}
		var err error
		if out, err = c.join(out, x); err != nil {
			return out, err
		}
	}
	return out, nil
}

// either is (if and then) or (not if and else).
func (c *compiler) either(x conditional) (shapes, error) {
	branch := func(test literal, then []id) (shapes, error) {
		s, err := c.expand(test)
		for _, n := range then {
			var t shapes
			if err == nil {
				t, err = c.expand(yes(n))
			}
			if err == nil {
				s, err = c.intersect(s, t)
			}
		}
		return s, err
	}
	a, err := branch(yes(x.test), x.then)
	if err != nil {
		return a, err
	}
	b, err := branch(yes(x.test).not(), x.else_)
	if err != nil {
		return b, err
	}
	return c.join(a, b)
}

// pattern compiles an expression once per schema.
func (c *compiler) pattern(v any) (*lang.Language, error) {
	expr, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("must be a string")
	}
	r, ok := c.patterns[expr]
	if !ok {
		r.l, r.err = lang.Pattern(expr)
		if r.err == nil && r.l.Len() == 1 && r.l.Total(0) && r.l.Accepts(0) {
			r.l = nil // every string: no constraint
		}
		c.patterns[expr] = r
	}
	return r.l, r.err
}

// manyDynamic says whether a dynamic reference could mean different places: with one target it is a plain reference.
func (c *compiler) manyDynamic(ref string) bool {
	if i := strings.LastIndexByte(ref, '#'); i >= 0 {
		if n := c.doc.dynamic[ref[i+1:]]; n > 1 {
			return true
		}
	}
	return ref == "#" && c.doc.recursive > 1
}

// decode parses the schema text, keeping numbers exact.
func decode(raw []byte) (any, error) {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("the schema is not JSON: %w", err)
	}
	if d.More() {
		return nil, fmt.Errorf("the schema is followed by more text")
	}
	return v, nil
}
