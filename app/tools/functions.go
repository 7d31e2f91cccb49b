package tools

import (
	"math"
	"math/big"
	"unicode"
)

// constants of the calculator.
var constants = map[string]float64{"pi": math.Pi, "e": math.E, "π": math.Pi}

// functions of one number that floating point works out.
var functions = map[string]func(float64) float64{
	"sqrt": math.Sqrt, "cbrt": math.Cbrt, "exp": math.Exp, "ln": math.Log, "log": math.Log10, "log10": math.Log10, "log2": math.Log2,
	"sin": math.Sin, "cos": math.Cos, "tan": math.Tan, "asin": math.Asin, "acos": math.Acos, "atan": math.Atan,
}

// rounding functions are exact.
var rounding = map[string]func(float64) float64{"floor": math.Floor, "ceil": math.Ceil, "round": math.Round}

// named reads a constant or a function with its arguments.
func (p *sum) named() *big.Rat {
	n := 0
	for n < len(p.rest) && (unicode.IsLetter(p.rest[n]) || unicode.IsDigit(p.rest[n])) {
		n++
	}
	name := string(p.rest[:n])
	p.rest = p.rest[n:]
	if c, ok := constants[name]; ok {
		return p.float(c)
	}
	if p.accept("(") == 0 {
		return p.fail("%q is not known", name)
	}
	arguments := []*big.Rat{p.terms()}
	for p.accept(",") != 0 {
		arguments = append(arguments, p.terms())
	}
	if p.accept(")") == 0 {
		return p.fail("the bracket of %s is not closed", name)
	}
	return p.apply(name, arguments)
}

// apply works out a function.
func (p *sum) apply(name string, a []*big.Rat) *big.Rat {
	switch {
	case name == "min" || name == "max":
		best := a[0]
		for _, v := range a[1:] {
			if (v.Cmp(best) < 0) == (name == "min") {
				best = v
			}
		}
		return best
	case len(a) != 1:
		return p.fail("%s takes one number", name)
	case name == "abs":
		return new(big.Rat).Abs(a[0])
	case rounding[name] != nil:
		return whole(a[0], rounding[name])
	case name == "sqrt" && exactRoot(a[0]) != nil:
		return exactRoot(a[0])
	case functions[name] != nil:
		x, _ := a[0].Float64()
		return p.float(functions[name](x))
	}
	return p.fail("%q is not known", name)
}

// whole rounds exactly: way says how a half between two whole numbers goes.
func whole(v *big.Rat, way func(float64) float64) *big.Rat {
	floor := new(big.Int)
	rest := new(big.Int)
	floor.DivMod(v.Num(), v.Denom(), rest)
	if rest.Sign() == 0 {
		return v
	}
	// Where the fraction lies: below, at or above a half, as a number to round.
	part := 0.25 * float64(2+new(big.Int).Lsh(rest, 1).Cmp(v.Denom()))
	if v.Sign() < 0 { // rounding of halves goes away from zero
		return new(big.Rat).SetInt(floor.Add(floor, big.NewInt(1+int64(way(part-1)))))
	}
	return new(big.Rat).SetInt(floor.Add(floor, big.NewInt(int64(way(part)))))
}

// exactRoot is the square root of a square of whole numbers or fractions.
func exactRoot(v *big.Rat) *big.Rat {
	if v.Sign() < 0 {
		return nil
	}
	n, d := new(big.Int).Sqrt(v.Num()), new(big.Int).Sqrt(v.Denom())
	root := new(big.Rat).SetFrac(n, d)
	if new(big.Rat).Mul(root, root).Cmp(v) != 0 {
		return nil
	}
	return root
}
