package schema

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// phase is the place inside the text of a number.
type phase int32

const (
	minus    phase = iota // after the sign
	zero                  // after a leading 0
	whole                 // inside the integer part
	point                 // after the decimal point
	fraction              // after a decimal
	letter                // after e or E
	sign                  // after the exponent's sign
	exponent              // after a digit of the exponent
	notNumber
)

// firstPhase and nextPhase are the grammar of RFC 8259's numbers.
func firstPhase(b byte) phase {
	switch {
	case b == '-':
		return minus
	case b == '0':
		return zero
	case b >= '1' && b <= '9':
		return whole
	}
	return notNumber
}

func nextPhase(p phase, b byte) phase {
	digit := b >= '0' && b <= '9'
	switch {
	case p == minus:
		if b == '-' {
			return notNumber
		}
		return firstPhase(b)
	case p == whole && digit:
		return whole
	case (p == zero || p == whole) && b == '.':
		return point
	case (p == point || p == fraction) && digit:
		return fraction
	case (p == zero || p == whole || p == fraction) && b|0x20 == 'e':
		return letter
	case p == letter && (b == '+' || b == '-'):
		return sign
	case (p == letter || p == sign || p == exponent) && digit:
		return exponent
	}
	return notNumber
}

func (p phase) complete() bool { return p == zero || p == whole || p == fraction || p == exponent }

// maxExponent bounds the exponent of a number with constraints; a number without any may have any exponent.
const maxExponent = 999

// numeral is a set of numbers ready to be walked digit by digit. Its two halves are both sets of numbers >= 0.
type numeral struct {
	all  bool // every number: the text's grammar is all there is to it
	half [2]number
	some [2]bool // the half is not empty
	set  number
}

func newNumeral(n number) *numeral {
	out := &numeral{all: n.isAny(), set: n}
	nought := new(big.Rat)
	for i, x := range []number{n, n.mirrored()} {
		out.half[i] = x.and(number{lo: nought})
		out.some[i] = !out.half[i].empty()
	}
	return out
}

// mirrored is the set of -x for all x in n.
func (n number) mirrored() number {
	neg := func(x *big.Rat) *big.Rat {
		if x == nil {
			return nil
		}
		return new(big.Rat).Neg(x)
	}
	list := func(xs []*big.Rat) []*big.Rat {
		var out []*big.Rat
		for _, x := range xs {
			out = append(out, neg(x))
		}
		return out
	}
	out := number{lo: neg(n.hi), hi: neg(n.lo), openLo: n.openHi, openHi: n.openLo, mult: n.mult, unlike: n.unlike, except: list(n.except), plain: n.plain}
	if n.only != nil {
		out.only = append([]*big.Rat{}, list(n.only)...)
	}
	return out
}

// complete says whether the text may end here.
func (n *numeral) complete(d *digits) bool {
	return d.phase.complete() && d.opinion(n).complete.or(func() bool { return n.set.has(d.value()) })
}

// viable says whether some way to go on with the text ends in the set.
func (n *numeral) viable(d *digits) bool {
	return d.opinion(n).viable.or(func() bool { return n.leadsOn(d) })
}

func (n *numeral) leadsOn(d *digits) bool {
	i := 0
	if d.negative {
		i = 1
	}
	switch half := n.half[i]; {
	case !n.some[i]:
		return false
	case d.phase == minus:
		return true
	case half.plain:
		return d.plainLeads(half)
	case d.phase >= letter:
		return d.powerLeads(half)
	case d.mantissa.Sign() == 0:
		return true // zeros so far: any number may follow with the help of an exponent
	default:
		return d.leads(half)
	}
}

// plainLeads says whether more digits alone lead into s.
func (d *digits) plainLeads(s number) bool {
	if d.phase == zero {
		return s.has(new(big.Rat))
	}
	if d.phase != whole {
		return false
	}
	if s.only != nil {
		text := d.mantissa.String()
		return slices.ContainsFunc(s.only, func(x *big.Rat) bool { return x.IsInt() && strings.HasPrefix(x.Num().String(), text) })
	}
	next := new(big.Int).Add(d.mantissa, big.NewInt(1))
	for j := range maxExponent {
		from, to := scaled(d.mantissa, j), scaled(next, j)
		if s.hi != nil && from.Cmp(s.hi) > 0 {
			return false
		}
		bounded := s
		if bounded.hi == nil {
			bounded.hi, bounded.openHi = to, true
		}
		if overlaps(bounded, s.lo, from, to) {
			return true
		}
	}
	return false
}

// leads says whether for some k a member of s lies in [m, m+1)·10^k, m being the digits so far and greater than 0.
func (d *digits) leads(s number) bool {
	next := new(big.Int).Add(d.mantissa, big.NewInt(1))
	if s.only != nil {
		for _, x := range s.only {
			if k := magnitude(x) - magnitude(new(big.Rat).SetInt(d.mantissa)); x.Sign() > 0 && between(x, d.mantissa, next, k-1, k+1) {
				return true
			}
		}
		return false
	}
	if s.hi == nil {
		return true
	}
	if s.hi.Sign() == 0 {
		return false
	}
	least := s.lo
	if s.mult != nil && least.Cmp(s.mult) < 0 {
		least = s.mult
	}
	if least.Sign() == 0 {
		return true
	}
	width := magnitude(new(big.Rat).SetInt(d.mantissa))
	for k := magnitude(s.hi) - width + 1; k >= magnitude(least)-width-1; k-- {
		if overlaps(s, least, scaled(d.mantissa, k), scaled(next, k)) {
			return true
		}
	}
	return false
}

func between(x *big.Rat, lo, hi *big.Int, first, last int) bool {
	for k := first; k <= last; k++ {
		if x.Cmp(scaled(lo, k)) >= 0 && x.Cmp(scaled(hi, k)) < 0 {
			return true
		}
	}
	return false
}

// overlaps says whether a member of s, none of which is below least, lies in [from, to).
func overlaps(s number, least, from, to *big.Rat) bool {
	lo, hi := least, s.hi
	if from.Cmp(lo) > 0 {
		lo = from
	}
	if to.Cmp(hi) <= 0 {
		hi = to
	}
	switch c := lo.Cmp(hi); {
	case c > 0:
		return false
	case c == 0:
		return lo.Cmp(to) < 0 && s.has(lo)
	case s.mult == nil:
		return true
	}
	x, ok := s.member(lo, hi)
	return ok && x.Cmp(to) < 0
}

// magnitude is the number of digits before the point, less than 1 for small numbers, right to within one.
func magnitude(x *big.Rat) int {
	return len(x.Num().Text(10)) - len(x.Denom().Text(10)) + 1
}

// powerLeads says whether some exponent that begins as typed puts the mantissa into s.
func (d *digits) powerLeads(s number) bool {
	if d.mantissa.Sign() == 0 {
		return s.has(new(big.Rat))
	}
	top, bottom := maxExponent, -maxExponent
	shift := d.decimals - magnitude(new(big.Rat).SetInt(d.mantissa))
	if s.hi != nil {
		top = min(top, magnitude(s.hi)+shift+2)
	}
	least := s.lo
	if s.mult != nil && (least == nil || least.Cmp(s.mult) < 0) {
		least = s.mult
	}
	if least != nil && least.Sign() > 0 {
		bottom = max(bottom, magnitude(least)+shift-2)
	}
	if bottom > top || s.mult != nil && !divides(s.mult, d.mantissa) {
		return false
	}
	for n := 0; n <= 2*maxExponent+1; n++ { // 0, 1, -1, 2, …: small exponents are quick and mostly answer the question
		e := (n + 1) / 2
		if n%2 == 0 {
			e = -e
		}
		if e >= bottom && e <= top && d.mayBecome(e) && s.has(scaled(d.mantissa, e-d.decimals)) {
			return true
		}
	}
	return false
}

// divides says whether m times some power of ten is a multiple of step: whatever in step is neither a 2 nor a 5 must be in m.
func divides(step *big.Rat, m *big.Int) bool {
	return new(big.Int).Rem(m, odd(step)).Sign() == 0
}

// odd is the numerator of x without its factors 2 and 5.
func odd(x *big.Rat) *big.Int {
	a, rest := new(big.Int).Set(x.Num()), new(big.Int)
	for _, p := range []*big.Int{big.NewInt(2), big.NewInt(5)} {
		for {
			q, r := new(big.Int).QuoRem(a, p, rest)
			if r.Sign() != 0 {
				break
			}
			a = q
		}
	}
	return a
}

// mayBecome says whether the exponent typed so far can still become e.
func (d *digits) mayBecome(e int) bool {
	if d.phase == letter {
		return true
	}
	if d.down && e > 0 || !d.down && e < 0 {
		return false
	}
	typed := strings.TrimLeft(d.power, "0")
	text := strconv.Itoa(max(e, -e))
	return d.power == "" || typed == "" || strings.HasPrefix(text, typed)
}

// digitsLeft estimates how much a text that is not in the set still needs: plain digits where some lead there, else an exponent.
func (n *numeral) digitsLeft(d *digits) int {
	switch d.phase {
	case minus, point:
		return 30
	case letter:
		return 3
	case sign, exponent:
		return 2
	}
	half := n.half[0]
	if d.negative {
		half = n.half[1]
	}
	if half.only != nil || half.mult == nil || d.mantissa.Sign() == 0 {
		return 4
	}
	next := new(big.Int).Add(d.mantissa, big.NewInt(1))
	for j := 1; j < 20 && d.phase == whole; j++ {
		from, to := scaled(d.mantissa, j), scaled(next, j)
		s := half
		if s.hi == nil {
			s.hi = to
		}
		if overlaps(s, s.lo, from, to) {
			return j
		}
	}
	step := new(big.Rat).SetInt(odd(half.mult))
	for j := range 20 { // digits until an exponent can make it a multiple
		if from := scaled(d.mantissa, j); overlaps(number{mult: step, lo: from, hi: scaled(next, j)}, from, from, scaled(next, j)) {
			return j + 4
		}
	}
	return 24
}
