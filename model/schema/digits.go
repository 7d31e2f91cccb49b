package schema

import (
	"math/big"
	"strconv"
	"strings"
)

// digits is the text of a number so far. It is shared by all ways to read it and never changes.
type digits struct {
	phase    phase
	negative bool
	mantissa *big.Int // all digits read, the point left out
	decimals int      // how many of them stand after the point
	down     bool     // the exponent is negative
	power    string   // the exponent's digits as typed
	opinions []opinion
}

// next is the text with one more byte, nil when no number goes on that way.
func (d *digits) next(b byte) *digits {
	out := digits{mantissa: new(big.Int)}
	if d == nil {
		out.phase = firstPhase(b)
	} else {
		out = *d
		out.phase, out.opinions = nextPhase(d.phase, b), nil
	}
	switch out.phase {
	case notNumber:
		return nil
	case minus:
		out.negative = true
	case zero, whole, fraction:
		m := new(big.Int).Mul(out.mantissa, big.NewInt(10))
		out.mantissa = m.Add(m, big.NewInt(int64(b-'0')))
		if out.phase == fraction {
			out.decimals++
		}
	case sign:
		out.down = b == '-'
	case exponent:
		out.power += string(rune(b))
		if len(strings.TrimLeft(out.power, "0")) > 3 {
			return nil
		}
	}
	return &out
}

// value is the number, for a complete text.
func (d *digits) value() *big.Rat {
	e, _ := strconv.Atoi("0" + d.power)
	if d.down {
		e = -e
	}
	x := scaled(d.mantissa, e-d.decimals)
	if d.negative {
		x.Neg(x)
	}
	return x
}

// scaled is m·10^e.
func scaled(m *big.Int, e int) *big.Rat {
	p := ten(max(e, -e))
	if e < 0 {
		return new(big.Rat).SetFrac(m, p)
	}
	return new(big.Rat).SetInt(new(big.Int).Mul(p, m))
}

// tens are the powers that come up all the time.
var tens = func() (list [64]*big.Int) {
	for i := range list {
		list[i] = new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(i)), nil)
	}
	return list
}()

// ten is 10^e, not to be written to.
func ten(e int) *big.Int {
	if e < len(tens) {
		return tens[e]
	}
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(e)), nil)
}

// opinion is what has been worked out about a text and a set: the same two meet again in every way to read what is around them.
type opinion struct {
	of               *numeral
	viable, complete verdict
}

type verdict int8

const (
	unasked verdict = iota
	refused
	agreed
)

func (d *digits) opinion(n *numeral) *opinion {
	for i := range d.opinions {
		if d.opinions[i].of == n {
			return &d.opinions[i]
		}
	}
	d.opinions = append(d.opinions, opinion{of: n})
	return &d.opinions[len(d.opinions)-1]
}

// or works the verdict out when it is asked for first.
func (v *verdict) or(find func() bool) bool {
	if *v == unasked {
		*v = refused
		if find() {
			*v = agreed
		}
	}
	return *v == agreed
}
