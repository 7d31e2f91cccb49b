package gputest

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// listener is a test that keeps what Close says of it.
type listener struct {
	testing.TB
	said string
}

func (l *listener) Helper() {}

func (l *listener) Errorf(format string, args ...any) { l.said = fmt.Sprintf(format, args...) }

func TestClose(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		got, want []float32
		said      string // part of it; "" for silence
	}{
		{[]float32{1, 2}, []float32{1, 2}, ""},
		{[]float32{1.09, 100.9}, []float32{1, 100}, ""}, // 0.1 + 0.01·|want|
		{[]float32{1, 2.2, 4}, []float32{1, 2, 3}, "2 of 3 elements are off; the worst is [2] = 4, want 3"},
		{[]float32{nan}, []float32{nan}, ""},
		{[]float32{nan, 1}, []float32{1, 1}, "[0] = NaN, want 1"},
		{[]float32{1}, []float32{nan}, "[0] = 1, want NaN"},
		{[]float32{inf}, []float32{inf}, ""},
		{[]float32{inf}, []float32{3}, "[0] = +Inf, want 3"},
		{[]float32{3}, []float32{inf}, "[0] = 3, want +Inf"},
		{[]float32{1}, []float32{1, 2}, "got 1 elements, want 2"},
	} {
		l := &listener{TB: t}
		Close(l, "x", c.got, c.want, 0.1, 0.01)
		if (c.said == "") != (l.said == "") || !strings.Contains(l.said, c.said) {
			t.Errorf("Close(%v, %v) said %q, want %q", c.got, c.want, l.said, c.said)
		}
	}
	l := &listener{TB: t}
	if Close(l, "exact", []float32{0, -2}, []float32{0, 2}, 0, 0); !strings.Contains(l.said, "1 of 2") {
		t.Errorf("without tolerance: %q", l.said)
	}
}

func TestDeviceIsShared(t *testing.T) {
	if d := Device(t); d != Device(t) || d.Info().Name == "" {
		t.Error("two calls gave two devices")
	}
}
