package sample

import "math"

// The exponential of every logit is taken twice per token, 131,072 of them with
// the full vocabulary, so it is worth a table: e^x = 2^(n/2048) · e^r with a
// whole n and |r| ≤ ln2/4096, where three terms of the series leave 1e-12.

const (
	steps    = 2048
	perUnit  = steps / math.Ln2
	stepSize = math.Ln2 / steps
)

var powers = func() (t [steps]float64) { // 2^(i/steps)
	for i := range t {
		t[i] = math.Exp2(float64(i) / steps)
	}
	return t
}()

// exp is e^x for x ≤ 0; below -700 it is 0. It is short enough to be inlined.
func exp(x float64) float64 {
	if x < -700 {
		return 0
	}
	const round = 3 << 51 // has no room for fractions: adding it rounds, its low bits are n
	shifted := x*perUnit + round
	n := math.Float64bits(shifted)
	r := x - (shifted-round)*stepSize
	scaled := math.Float64bits(powers[n%steps]) + n>>11<<52
	return math.Float64frombits(scaled) * (1 + r*(1+r*0.5))
}
