package model

import (
	"math"
	"testing"

	"sirocco/gpu/gputest"
)

// Every line has its sizes and figures, and the memory of a context is a straight
// line through them.
func TestGrowth(t *testing.T) {
	gputest.Device(t)
	report, err := MeasureGrowth(t.Context(), GrowthPlan{
		Shape: "tiny", Lengths: []int{16, 32, 64}, Depths: []int{64, 0}, Contexts: []int{256, 512, 1024}, Sides: []int{28, 56, 112}, Generate: 1,
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[string][]int{
		"device memory": {256, 512, 1024}, "prefill": {16, 32, 64}, "a token": {0, 64}, "picture": {4, 16, 64}, "device memory of a picture": {4, 16, 64},
	}
	for _, line := range report.Lines {
		want := sizes[line.Name]
		if len(line.Points) != len(want) {
			t.Fatalf("%s: %d points, want %d", line.Name, len(line.Points), len(want))
		}
		for i, p := range line.Points {
			if p.Size != want[i] || p.Value <= 0 {
				t.Errorf("%s: %+v", line.Name, p)
			}
		}
		if line.Name == "device memory" && line.Worst > 0.02 {
			t.Errorf("memory grows otherwise than the context: %+v", line)
		}
		delete(sizes, line.Name)
	}
	if len(sizes) > 0 {
		t.Errorf("missing: %v", sizes)
	}
}

// Points on a parabola give back its coefficients.
func TestFitted(t *testing.T) {
	want := []float64{3, 0.5, 1e-4}
	x := []float64{1, 10, 100, 1000, 8000}
	y := make([]float64, len(x))
	for i := range x {
		y[i] = polynomial(want, x[i])
	}
	for i, got := range fitted(x, y, 2) {
		if math.Abs(got/want[i]-1) > 1e-6 {
			t.Errorf("coefficient %d is %g, want %g", i, got, want[i])
		}
	}
}
