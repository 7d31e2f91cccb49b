package gpu_test

import (
	"context"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

// What a token costs before any arithmetic: 200 dispatches of next to nothing, of
// one workgroup each, and one read-back.
func BenchmarkRun200(b *testing.B) {
	p := burner(b, gputest.Device(b), 200, 1, 1, 1)
	got := make([]byte, 4)
	for b.Loop() {
		if err := p.Run(context.Background(), got); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFinish200(b *testing.B) {
	d := gputest.Device(b)
	y := buffer(b, d, "y", make([]float32, 64))
	k := kernel(b, d, burn)
	for b.Loop() {
		r := d.Record("burn")
		for range 200 {
			r.Dispatch(k, []uint32{1}, [3]int{1, 1, 1}, gpu.Binding{Buffer: y})
		}
		p, err := r.Finish()
		if err != nil {
			b.Fatal(err)
		}
		p.Release()
	}
}

func BenchmarkReadBack(b *testing.B) {
	d := gputest.Device(b)
	buf, word := buffer(b, d, "b", ramp(4)), make([]byte, 4)
	for b.Loop() {
		if err := buf.Read(word, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrite8(b *testing.B) {
	d := gputest.Device(b)
	buf, word := buffer(b, d, "b", ramp(4)), make([]byte, 8)
	for i := 0; b.Loop(); i++ {
		if err := buf.Write(0, word); err != nil {
			b.Fatal(err)
		}
		if i%100 == 99 { // as in use, a submission takes the writes away
			if err := buf.Read(word, 0); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkUpload64M(b *testing.B) {
	d := gputest.Device(b)
	buf, err := d.NewBuffer("weights", 64<<20)
	if err != nil {
		b.Fatal(err)
	}
	defer buf.Release()
	file := make([]byte, 64<<20)
	b.SetBytes(64 << 20)
	for b.Loop() {
		if err := buf.Write(0, file); err != nil {
			b.Fatal(err)
		}
	}
}
