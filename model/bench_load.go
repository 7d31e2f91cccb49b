package model

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	mmap "github.com/edsrzf/mmap-go"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/ggml"
)

// Reading is what loading a checkpoint is held against, measured in the same run. Times are in seconds, CPU those of all processors
// together.
type Reading struct {
	Bytes   int64   `json:"bytes"`  // of all tensors
	Seconds float64 `json:"read_s"` // all processors read the mapped files, which the system's memory holds
	CPU     float64 `json:"read_cpu_s"`
	// Copy is the same with every byte copied to memory that was never used: what loading to a device that has its memory from the
	// system can reach at best. Of more than 1 GiB that much is copied, and the rest reckoned.
	Copy    float64 `json:"copy_s"`
	CopyCPU float64 `json:"copy_cpu_s"`
	Maxima  float64 `json:"maxima_s,omitempty"` // all processors find the maximum of every 32 values of 16 bits
	Cold    float64 `json:"cold_s,omitempty"`   // one goroutine reads the files from the disk, one after the other
}

// limit is the time that loading is compared with: where weights are packed on the way, the slower of the disk and of looking at every
// block, else the disk where it is read, else reading.
func (r *Reading) limit() float64 {
	if limit := max(r.Cold, r.Maxima); limit > 0 {
		return limit
	}
	return r.Seconds
}

// ReadOptions say what to measure besides.
type ReadOptions struct {
	MMProj   string
	Quantise bool // loading will pack the weights
	Cold     bool // take the files out of the system's memory, and leave them so
}

// ReadFiles measures a checkpoint's files. They are mapped anew before each measurement, as they are for loading.
func ReadFiles(ctx context.Context, path string, o ReadOptions) (*Reading, error) {
	r := &Reading{}
	if err := r.measure(ctx, path, o); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return r, nil
}

func (r *Reading) measure(ctx context.Context, path string, o ReadOptions) error {
	files, err := filesOf(path, o.MMProj)
	if err == nil && o.Cold {
		r.Cold, err = readCold(ctx, files)
	}
	if err != nil {
		return err
	}
	pass := func(do func(first int64, data []byte)) (seconds, cpu float64, err error) {
		c, err := checkpoint.OpenWith(path, checkpoint.Options{MMProj: o.MMProj})
		if err != nil {
			return 0, 0, err
		}
		defer c.Close()
		started, worked := time.Now(), processorSeconds()
		r.Bytes, err = eachPiece(ctx, c, do)
		return time.Since(started).Seconds(), processorSeconds() - worked, err
	}
	for range 2 { // the first brings them into the system's memory
		if r.Seconds, r.CPU, err = pass(func(_ int64, data []byte) { statOf(data) }); err != nil {
			return err
		}
	}
	if o.Quantise {
		if r.Maxima, _, err = pass(func(_ int64, data []byte) { statFunc.Store(uint64(ggml.Furthest(data))) }); err != nil {
			return err
		}
	}
	if err := r.copies(pass); err != nil || !o.Cold {
		return err
	}
	return forget(files)
}

// copies measures Copy.
func (r *Reading) copies(pass func(do func(int64, []byte)) (float64, float64, error)) error {
	size := min(r.Bytes, 1<<30)
	memory, err := mmap.MapRegion(nil, int(size), mmap.RDWR, mmap.ANON, 0)
	if err != nil {
		return fmt.Errorf("asking for %d bytes of memory: %w", size, err)
	}
	seconds, cpu, err := pass(func(first int64, data []byte) {
		if first < size {
			copy(memory[first:], data)
		}
	})
	share := float64(size) / float64(r.Bytes)
	r.Copy, r.CopyCPU = seconds/share, cpu/share
	if failed := memory.Unmap(); err == nil {
		err = failed
	}
	return err
}

func filesOf(path, mmproj string) ([]string, error) {
	c, err := checkpoint.OpenWith(path, checkpoint.Options{MMProj: mmproj})
	if err != nil {
		return nil, err
	}
	return c.Info().Files, c.Close()
}

// readCold takes the files out of the system's memory and times reading them.
func readCold(ctx context.Context, files []string) (seconds float64, err error) {
	if err := forget(files); err != nil {
		return 0, err
	}
	buffer := make([]byte, 4<<20)
	started := time.Now()
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return 0, err
		}
		for err == nil && ctx.Err() == nil {
			_, err = file.Read(buffer)
		}
		file.Close()
		if err != nil && err != io.EOF {
			return 0, err
		}
	}
	return time.Since(started).Seconds(), ctx.Err()
}

// eachPiece lets all processors do something with the data of every tensor, in pieces; first is how many bytes come before.
func eachPiece(ctx context.Context, c *checkpoint.Checkpoint, do func(first int64, data []byte)) (bytes int64, err error) {
	const most = 4 << 20
	type piece struct {
		first int64
		data  []byte
	}
	work := make(chan piece)
	var wait sync.WaitGroup
	var failed atomic.Pointer[error]
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for p := range work {
				if err := c.Guard(func() error { do(p.first, p.data); return nil }); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	for _, name := range c.Names() {
		t, _ := c.Tensor(name)
		for data := t.Data; len(data) > 0 && ctx.Err() == nil; {
			n := min(most, len(data))
			work <- piece{bytes, data[:n]}
			data, bytes = data[n:], bytes+int64(n)
		}
	}
	close(work)
	wait.Wait()
	if e := failed.Load(); e != nil {
		return 0, *e
	}
	return bytes, ctx.Err()
}

var statFunc atomic.Uint64 // keeps the compiler from leaving the reading out

func statOf(data []byte) {
	sum := uint64(0)
	for ; len(data) >= 8; data = data[8:] {
		sum ^= binary.LittleEndian.Uint64(data)
	}
	statFunc.Store(sum)
}

// Read adds to the line about loading how much faster the files can be read; nil
// for a model that has none.
func (r *BenchReport) Read(reading *Reading) {
	if reading == nil {
		return
	}
	for i := range r.Measurements {
		if m := &r.Measurements[i]; m.Name == "load" {
			m.Reading, m.CPU = reading, r.worked
			share := reading.limit() / math.Max(r.uploaded.Seconds(), 1e-9)
			m.Fraction = &share
		}
	}
}
