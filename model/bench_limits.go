package model

import (
	"context"
	"fmt"
	"time"

	"sirocco/gpu"
	"sirocco/gpu/op"
)

// measureLimits finds what the device can do at best: how fast a kernel copies
// memory, read and written bytes together, and how fast it multiplies and adds
// in registers. The best of five runs counts.
func measureLimits(ctx context.Context, d *gpu.Device) (l BenchLimits, err error) {
	arena := d.Arena()
	defer arena.Release()
	size := copySize(d)
	from, to := arena.Tensor("copied", size/4), arena.Tensor("copy", size/4)
	sums := arena.Tensor("sums", sumCount(d))
	if err := arena.Err(); err != nil {
		return l, fmt.Errorf("measuring the device: %w", err)
	}
	bytes, err := fastest(ctx, d, func(r *gpu.Recorder) int64 {
		op.Copy(r, to, from)
		return 2 * int64(size)
	})
	if err != nil {
		return l, err
	}
	flops, err := fastest(ctx, d, func(r *gpu.Recorder) int64 { return op.FMA(r, sums, 512, 0.995, 0.25) })
	return BenchLimits{CopyGB: bytes / 1e9, FMAGFlops: flops / 1e9}, err
}

// copySize is far beyond any cache, and small where memory is the machine's own.
func copySize(d *gpu.Device) int {
	if d.Info().Kind == gpu.Software {
		return 64 << 20
	}
	return int(min(256<<20, d.Limits().MaxBinding))
}

func sumCount(d *gpu.Device) int {
	if d.Info().Kind == gpu.Software {
		return 1 << 12
	}
	return 1 << 20
}

// fastest is the best speed of a step in its own unit a second. Steps are put in
// one program until that takes long enough to be timed.
func fastest(ctx context.Context, d *gpu.Device, step func(*gpu.Recorder) int64) (best float64, err error) {
	const enough = 100 * time.Millisecond
	for count, runs := 1, 0; runs < 5; {
		amount, took, err := timed(ctx, d, count, step)
		if err != nil {
			return 0, fmt.Errorf("measuring the device: %w", err)
		}
		if took < enough && count < 1<<12 {
			count *= 2
			continue
		}
		best = max(best, float64(amount)/took.Seconds())
		runs++
	}
	return best, nil
}

// timed runs a step count times as one program.
func timed(ctx context.Context, d *gpu.Device, count int, step func(*gpu.Recorder) int64) (amount int64, took time.Duration, err error) {
	recorder := d.Record("measuring the device")
	for range count {
		amount += step(recorder)
	}
	program, err := recorder.Finish()
	if err != nil {
		return 0, 0, err
	}
	defer program.Release()
	started := time.Now()
	err = program.Run(ctx, nil)
	return amount, time.Since(started), err
}
