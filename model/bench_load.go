package model

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"sirocco/model/weights"
)

// Reading is how long the weights of a checkpoint take to be read by all
// processors, without anything being done with them.
type Reading struct {
	Bytes   int64
	Seconds float64
}

// ReadFiles reads every tensor of a checkpoint twice, as it is mapped, and
// reports the second time: the files are in the system's memory then, and
// loading them has nothing to wait for.
func ReadFiles(ctx context.Context, path, mmproj string) (*Reading, error) {
	c, err := weights.OpenWith(path, weights.Options{MMProj: mmproj})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var r Reading
	for range 2 {
		started := time.Now()
		if r.Bytes, err = readAll(ctx, c); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		r.Seconds = time.Since(started).Seconds()
	}
	return &r, nil
}

// readAll looks at every word of every tensor, in pieces that the processors
// share.
func readAll(ctx context.Context, c *weights.Checkpoint) (bytes int64, err error) {
	const piece = 4 << 20
	work := make(chan []byte)
	var wait sync.WaitGroup
	var failed atomic.Pointer[error]
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for data := range work {
				if err := c.Guard(func() error { look(data); return nil }); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	for _, name := range c.Names() {
		t, _ := c.Tensor(name)
		bytes += int64(len(t.Data))
		for data := t.Data; len(data) > 0 && ctx.Err() == nil; {
			n := min(piece, len(data))
			work <- data[:n]
			data = data[n:]
		}
	}
	close(work)
	wait.Wait()
	if e := failed.Load(); e != nil {
		return 0, *e
	}
	return bytes, ctx.Err()
}

var looked atomic.Uint64 // keeps the compiler from leaving the reading out

func look(data []byte) {
	sum := uint64(0)
	for ; len(data) >= 8; data = data[8:] {
		sum ^= binary.LittleEndian.Uint64(data)
	}
	looked.Store(sum)
}

// Read adds to the line about loading how much faster the files can be read; nil
// for a model that has none.
func (r *BenchReport) Read(reading *Reading) {
	if reading == nil {
		return
	}
	for i := range r.Measurements {
		if m := &r.Measurements[i]; m.Name == "load" {
			m.Bytes, m.ReadSeconds = reading.Bytes, reading.Seconds
			share := reading.Seconds / r.uploaded.Seconds()
			m.Fraction = &share
		}
	}
}
