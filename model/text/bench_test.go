//go:build unix

package text

import (
	"context"
	"fmt"
	"syscall"
	"testing"

	"sirocco/gpu"
)

var benchTypes = []gpu.Weight{gpu.Q4_0, gpu.Q4_K}

func BenchmarkStep(b *testing.B) {
	for _, w := range benchTypes {
		b.Run(string(w), func(b *testing.B) {
			d := randomDecoder(b, benchShape, w, Options{Context: 4096})
			ids := make([]int32, 8)
			if err := d.Prefill(context.Background(), ids, nil, func(int) error { return nil }); err != nil {
				b.Fatal(err)
			}
			step := func() {
				if err := d.Step(context.Background(), 17); err != nil {
					b.Fatal(err)
				}
			}
			step()
			perCPU(b, func() {
				for range b.N {
					step()
				}
			})
		})
	}
}

func BenchmarkPrompt(b *testing.B) {
	for _, w := range benchTypes {
		for _, n := range []int{128} {
			b.Run(fmt.Sprint(w, "/", n), func(b *testing.B) {
				d := randomDecoder(b, benchShape, w, Options{Context: 4096})
				ids := make([]int32, n)
				read := func() {
					d.Truncate(0)
					if err := d.Prefill(context.Background(), ids, nil, func(int) error { return nil }); err != nil {
						b.Fatal(err)
					}
				}
				read()
				perCPU(b, func() {
					for range b.N {
						read()
					}
				})
				b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "tokens/s")
			})
		}
	}
}

// perCPU times do by the processor time of the whole process, too: on software Vulkan the kernels run in it, and other programs
// that compete for the processors do not count.
func perCPU(b *testing.B, do func()) {
	begin := cpuSeconds()
	b.ResetTimer()
	do()
	b.StopTimer()
	b.ReportMetric((cpuSeconds()-begin)/float64(b.N)*1e3, "cpu-ms/op")
}

func cpuSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// BenchmarkTogether is a pass for several conversations; tokens/s counts those of all.
func BenchmarkTogether(b *testing.B) {
	for _, n := range []int{1, 2, 4, 8} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := randomDecoder(b, benchShape, gpu.Q4_0, Options{Context: 512, Slots: n})
			var parts []*Sequence
			for _, slot := range append([]*Decoder{d}, d.Others()...) {
				parts = append(parts, &Sequence{Decoder: slot, IDs: []int32{17}})
			}
			pass := func() {
				for _, p := range parts {
					p.Decoder.Truncate(100)
				}
				if err := DecodeBatch(context.Background(), parts); err != nil {
					b.Fatal(err)
				}
			}
			pass()
			perCPU(b, func() {
				for range b.N {
					pass()
				}
			})
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}
