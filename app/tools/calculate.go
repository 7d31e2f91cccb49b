package tools

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"unicode"
)

// calculate works out an expression: exactly where it can (fractions of whole
// numbers), in floating point where functions leave no choice.
func calculate(expression string) (string, error) {
	if len(expression) > maxExpression {
		return "", fmt.Errorf("the expression has %d characters; at most %d are read", len(expression), maxExpression)
	}
	p := &sum{rest: []rune(strings.NewReplacer("×", "*", "·", "*", "÷", "/", "−", "-", "**", "^").Replace(expression))}
	value := p.terms()
	p.space()
	if p.err == nil && len(p.rest) > 0 {
		p.err = fmt.Errorf("%q was not expected", string(p.rest))
	}
	if p.err != nil {
		return "", fmt.Errorf("the expression %q cannot be worked out: %w", expression, p.err)
	}
	return written(value), nil
}

// Limits that keep every expression quick.
const (
	maxExpression = 1000
	maxPower      = 4096 // of an exact power or factorial
	maxBits       = 1 << 16
)

// written is a number as text: whole, as an exact decimal, or rounded to 15 digits.
func written(v *big.Rat) string {
	if v.IsInt() {
		return v.Num().String()
	}
	if digits, exact := v.FloatPrec(); exact && digits <= 30 {
		return v.FloatString(digits)
	}
	f, _ := v.Float64()
	return fmt.Sprintf("%.15g", f)
}

// sum reads an expression from left to right. After an error it reads on without
// meaning.
type sum struct {
	rest  []rune
	depth int
	err   error
}

func (p *sum) fail(format string, args ...any) *big.Rat {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
	p.rest = nil
	return new(big.Rat)
}

func (p *sum) space() {
	for len(p.rest) > 0 && unicode.IsSpace(p.rest[0]) {
		p.rest = p.rest[1:]
	}
}

// accept reads one of the characters, or gives 0.
func (p *sum) accept(any string) rune {
	p.space()
	if len(p.rest) == 0 || !strings.ContainsRune(any, p.rest[0]) {
		return 0
	}
	r := p.rest[0]
	p.rest = p.rest[1:]
	return r
}

// terms reads a + b - c.
func (p *sum) terms() *big.Rat {
	v := p.factors()
	for op := p.accept("+-"); op != 0; op = p.accept("+-") {
		if w := p.factors(); op == '+' {
			v = new(big.Rat).Add(v, w)
		} else {
			v = new(big.Rat).Sub(v, w)
		}
		p.bound(v)
	}
	return v
}

// factors reads a * b / c % d.
func (p *sum) factors() *big.Rat {
	v := p.signed()
	for op := p.accept("*/%"); op != 0; op = p.accept("*/%") {
		w := p.signed()
		switch {
		case op == '*':
			v = new(big.Rat).Mul(v, w)
		case w.Sign() == 0:
			return p.fail("division by zero")
		case op == '/':
			v = new(big.Rat).Quo(v, w)
		default:
			v = new(big.Rat).Sub(v, new(big.Rat).Mul(w, whole(new(big.Rat).Quo(v, w), math.Floor)))
		}
		p.bound(v)
	}
	return v
}

// signed reads -a, which binds less than a power: -2^2 is -4.
func (p *sum) signed() *big.Rat {
	if p.depth++; p.depth > 200 {
		return p.fail("it is nested too deeply")
	}
	defer func() { p.depth-- }()
	switch p.accept("+-") {
	case '-':
		return new(big.Rat).Neg(p.signed())
	case '+':
		return p.signed()
	}
	return p.power()
}

// power reads a!^b, to the right first.
func (p *sum) power() *big.Rat {
	v := p.atom()
	for p.accept("!") != 0 {
		n := v.Num().Int64()
		if !v.IsInt() || v.Sign() < 0 || !v.Num().IsInt64() || n > maxPower {
			return p.fail("a factorial is of a whole number from 0 to %d", maxPower)
		}
		v = new(big.Rat).SetInt(new(big.Int).MulRange(1, n))
	}
	if p.accept("^") == 0 {
		return v
	}
	return p.raise(v, p.signed())
}

// raise is v to the power of w.
func (p *sum) raise(v, w *big.Rat) *big.Rat {
	n := w.Num().Int64()
	if !w.IsInt() || !w.Num().IsInt64() || max(n, -n) > maxPower || (v.Num().BitLen()+v.Denom().BitLen())*int(max(n, -n)) > maxBits {
		x, _ := v.Float64()
		y, _ := w.Float64()
		return p.float(math.Pow(x, y))
	}
	if n < 0 {
		if v.Sign() == 0 {
			return p.fail("division by zero")
		}
		v, n = new(big.Rat).Inv(v), -n
	}
	power := big.NewInt(n)
	return new(big.Rat).SetFrac(new(big.Int).Exp(v.Num(), power, nil), new(big.Int).Exp(v.Denom(), power, nil))
}

// atom reads a number, a name, or something in brackets.
func (p *sum) atom() *big.Rat {
	if p.accept("(") != 0 {
		v := p.terms()
		if p.accept(")") == 0 {
			return p.fail("a bracket is not closed")
		}
		return v
	}
	p.space()
	switch {
	case len(p.rest) == 0:
		return p.fail("it ends where a number was expected")
	case unicode.IsLetter(p.rest[0]):
		return p.named()
	}
	return p.number()
}

// number reads 12, 0.5, 6.02e23.
func (p *sum) number() *big.Rat {
	n := 0
	for n < len(p.rest) {
		r := p.rest[n]
		exponent := n > 0 && (r == 'e' || r == 'E') && n+1 < len(p.rest) && (unicode.IsDigit(p.rest[n+1]) || strings.ContainsRune("+-", p.rest[n+1]) && n+2 < len(p.rest) && unicode.IsDigit(p.rest[n+2]))
		if exponent {
			n += 2
			continue
		}
		if r != '.' && (r < '0' || r > '9') {
			break
		}
		n++
	}
	text := string(p.rest[:n])
	v, ok := new(big.Rat), n > 0
	if ok && strings.ContainsAny(text, "eE") { // an exponent may be huge
		var f float64
		if _, err := fmt.Sscanf(text, "%g", &f); err != nil || math.IsInf(f, 0) {
			return p.fail("%q is no number that can be used", text)
		}
	}
	if ok {
		v, ok = v.SetString(text)
	}
	if !ok {
		return p.fail("%q was found where a number was expected", string(p.rest[:min(len(p.rest), 10)]))
	}
	p.rest = p.rest[n:]
	return v
}

// float is a result that floating point gave.
func (p *sum) float(f float64) *big.Rat {
	v := new(big.Rat)
	if v.SetFloat64(f) == nil {
		return p.fail("the result is not a number, or too large")
	}
	return v
}

// bound stops numbers that grow without end.
func (p *sum) bound(v *big.Rat) {
	if v.Num().BitLen()+v.Denom().BitLen() > maxBits {
		p.fail("%v", errTooLarge)
	}
}

var errTooLarge = errors.New("the numbers become too large")
