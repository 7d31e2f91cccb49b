// Package gputest gives tests a graphics device and compares what comes from it.
// A test without a device fails with the line that installs one: it never skips.
package gputest

import (
	"math"
	"os"
	"sync"
	"testing"

	"sirocco/gpu"
)

var shared = sync.OnceValues(func() (*gpu.Device, error) {
	return gpu.Open(gpu.Options{Device: os.Getenv("SIROCCO_DEVICE")})
})

// Device returns the one device all tests of a process share: the best there is,
// software included, or the one SIROCCO_DEVICE names. It must not be closed.
func Device(t testing.TB) *gpu.Device {
	t.Helper()
	d, err := shared()
	if err != nil {
		t.Fatalf("this test needs a graphics device, of software if need be: %v", err)
	}
	return d
}

// Close fails the test unless every element of got is within absTol plus relTol
// times the size of want's. It reports the element that is furthest out.
func Close(t testing.TB, name string, got, want []float32, absTol, relTol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d elements, want %d", name, len(got), len(want))
		return
	}
	worst, excess, bad := 0, 0.0, 0
	for i := range want {
		e := distance(got[i], want[i])
		if e != 0 {
			e /= absTol + relTol*math.Abs(float64(want[i]))
		}
		if math.IsNaN(e) {
			e = math.Inf(1)
		}
		if e > 1 {
			bad++
		}
		if e > excess {
			worst, excess = i, e
		}
	}
	if bad > 0 {
		t.Errorf("%s: %d of %d elements are off; the worst is [%d] = %g, want %g (%.3g times the tolerance)",
			name, bad, len(want), worst, got[worst], want[worst], excess)
	}
}

// distance is NaN where only one is a NaN, or infinite: no tolerance covers that.
func distance(a, b float32) float64 {
	switch {
	case a == b || (a != a && b != b):
		return 0
	case a != a || b != b || math.IsInf(float64(b), 0):
		return math.NaN()
	}
	return math.Abs(float64(a) - float64(b))
}
