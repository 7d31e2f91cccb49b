package model

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/model/chat"
	"sirocco/model/checkpoint"
)

// Loading makes no second copy of the weights in the host's memory: what the
// process takes besides the planned bytes, which on a software adapter are its
// own, stays far below the size of the model.
func TestLoadingKeepsNoCopy(t *testing.T) {
	info := gputest.Device(t).Info()
	path := filepath.Join(t.TempDir(), "model.gguf")
	if err := WriteSynthetic(path, Synthetic{Shape: "peer", Type: "q4_0"}, nil); err != nil {
		t.Fatal(err)
	}
	before := anonymous(t)
	peak, stop := watch(t)
	m := loadFile(t, context.Background(), path, nil)
	defer m.Close()
	stop()
	extra := peak.Load() - before
	if info.Kind == gpu.Software {
		extra -= m.plan.Bytes()
	}
	t.Logf("%d bytes at most besides the %d planned", extra, m.plan.Bytes())
	if size := m.stored.sum(func(tensorForm) bool { return true }); extra > size/2 {
		t.Errorf("loading %d bytes of weights took %d besides those planned", size, extra)
	}
}

// loadFile opens a GGUF file that has no vocabulary.
func loadFile(t *testing.T, ctx context.Context, path string, progress func(chat.Load)) *Model {
	t.Helper()
	c, err := checkpoint.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	m := &Model{config: c.Config()}
	if err := m.load(ctx, c, Options{Context: 256, Progress: progress}); err != nil {
		m.Close()
		t.Fatal(err)
	}
	return m
}

// watch notes the most anonymous memory that the process takes until stop.
func watch(t *testing.T) (peak *atomic.Int64, stop func()) {
	peak = new(atomic.Int64)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			peak.Store(max(peak.Load(), anonymous(t)))
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return peak, func() { close(done); <-ended }
}

// anonymous is the memory of the process that belongs to no file.
func anonymous(t *testing.T) (bytes int64) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Error(err)
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	if _, err := fmt.Sscan(rest, &bytes); err != nil {
		t.Error(err)
	}
	return bytes << 10
}

// A cancel is heard at any moment of loading, packed or not, and gives the
// device's memory back.
func TestCancelWhileLoading(t *testing.T) {
	gputest.Device(t)
	for _, kind := range []string{"none", "q4"} {
		for _, after := range []int{0, 1, 9, 40} {
			ctx, cancel := context.WithCancel(context.Background())
			heard := 0
			o := Options{Context: 256, Quantize: kind, Progress: func(chat.Load) {
				if heard++; heard == after {
					cancel()
				}
			}}
			if after == 0 {
				cancel()
			}
			m, err := Open(ctx, breeze, o)
			if !errors.Is(err, context.Canceled) || m != nil {
				t.Errorf("%s, cancelled after %d tensors: %v", kind, after, err)
			}
			if heard > after+3 { // a stack of three matrices is one transfer
				t.Errorf("%s: %d tensors came after a cancel", kind, heard-after)
			}
			cancel()
		}
	}
}
