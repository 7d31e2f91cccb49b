package model

import (
	"math"
	"testing"
)

// The bounds of a median are the order statistics that tables of the sign test list.
func TestBoundsOfAMedian(t *testing.T) {
	for _, c := range []struct{ n, low, high int }{{1, 0, 0}, {3, 0, 2}, {6, 0, 5}, {20, 5, 14}, {100, 39, 60}, {2000, 955, 1044}} {
		if low, high := between(c.n); low != c.low || high != c.high {
			t.Errorf("of %d values number %d and %d bound the median; want %d and %d", c.n, low, high, c.low, c.high)
		}
	}
}

// A cost is what the second of each pair took more; where nothing was measured there
// is none.
func TestCostOfPairs(t *testing.T) {
	without, with := make([]float64, 41), make([]float64, 41)
	for i := range without {
		without[i] = 1 + float64(i)/10                   // the machine becomes slower
		with[i] = without[i] * (1 + float64(i-20)/10000) // −0.2 % to +0.2 %
	}
	c := costOf([2][]float64{without, with})
	if c.Pairs != 41 || math.Abs(c.Median) > 1e-9 || c.Low > -0.0005 || c.Low < -0.0009 || math.Abs(c.Low+c.High) > 1e-9 {
		t.Errorf("the cost is %+v", c)
	}
	if c := costOf([2][]float64{{0, 0}, {0, 0}}); c != nil {
		t.Errorf("where no processor's time is known it costs %+v", c)
	}
}
