package op

import (
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/shaders/ref"
)

// What the measures of a device compute is right: a kernel that skipped its work would be infinitely fast.
func TestMeasures(t *testing.T) {
	x, want := random(1, 300), make([]float32, 300)
	ref.Copy(want, x)
	y := upload(t, nil, 300)
	run(t, func(r *gpu.Recorder) { Copy(r, y, upload(t, x, 300)) })
	gputest.Close(t, "copy", download(t, y), want, 0, 0)

	ref.FMA(want, 25, 0.995, 0.25)
	y = upload(t, nil, 300)
	run(t, func(r *gpu.Recorder) {
		if flops := FMA(r, y, 25, 0.995, 0.25); flops != 256*25*300 {
			t.Errorf("%d operations are counted", flops)
		}
	})
	gputest.Close(t, "fma", download(t, y), want, 0, 400*eps)
}
