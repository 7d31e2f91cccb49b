package gpu_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

func TestWriteReadCopy(t *testing.T) {
	d := gputest.Device(t)
	a, b := buffer(t, d, "a", ramp(100)), buffer(t, d, "b", make([]float32, 100))
	if err := a.Write(8, encode([]float32{-1})); err != nil {
		t.Fatal(err)
	}
	r := d.Record("copy")
	r.Copy(b, 40, a, 0, 12)
	if err := finish(t, r).Run(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	want := make([]float32, 100)
	copy(want[10:], []float32{0, 1, -1})
	gputest.Close(t, "b", read(t, b), want, 0, 0)

	odd := make([]byte, 7) // a read may end inside a word
	if err := a.Read(odd, 4); err != nil || !bytes.Equal(odd, encode([]float32{1, -1})[:7]) {
		t.Errorf("read %v, %v", odd, err)
	}
}

func TestNewBuffersAreZero(t *testing.T) {
	b, err := gputest.Device(t).NewBuffer("fresh", 4001)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	if b.Size() != 4004 {
		t.Errorf("4001 bytes became %d", b.Size())
	}
	gputest.Close(t, "fresh", read(t, b), make([]float32, 1001), 0, 0)
}

func TestBufferMistakes(t *testing.T) {
	d := gputest.Device(t)
	b := buffer(t, d, "kv cache", ramp(4))
	released := buffer(t, d, "old", ramp(4))
	released.Release()
	released.Release()
	_, zero := d.NewBuffer("empty", 0)
	for want, err := range map[string]error{
		"writing to buffer kv cache: 8 bytes at offset 12 are not inside its 16": b.Write(12, make([]byte, 8)),
		"writing to buffer kv cache: 4 bytes at offset -4 are not inside its 16": b.Write(-4, make([]byte, 4)),
		"writing to buffer kv cache: 3 bytes are not a multiple of 4":            b.Write(0, make([]byte, 3)),
		"writing to buffer kv cache: offset 2 is not a multiple of 4":            b.Write(2, make([]byte, 4)),
		"reading buffer kv cache: 20 bytes at offset 0 are not inside its 16":    b.Read(make([]byte, 20), 0),
		"writing to buffer old: it was released":                                 released.Write(0, make([]byte, 4)),
		"buffer empty: a size of 0 bytes makes no sense":                         zero,
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

// The binding's own MapAsync dies at the first collection between a request and
// its answer; this is what the shim is for.
func TestReadBacksSurviveGarbageCollection(t *testing.T) {
	d := gputest.Device(t)
	b := buffer(t, d, "b", ramp(16))
	r := d.Record("read")
	r.ReadBack(b, 0, 64)
	p := finish(t, r)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 100 {
			runtime.GC()
		}
	}()
	got := make([]byte, 64)
	for i := range 2000 {
		if err := b.Write(0, encode([]float32{float32(i)})); err != nil {
			t.Fatal(err)
		}
		if err := p.Run(context.Background(), got); err != nil {
			t.Fatal(err)
		}
		if decode(got)[0] != float32(i) {
			t.Fatalf("read-back %d gave %g", i, decode(got)[0])
		}
		if i%50 == 0 {
			runtime.GC()
		}
	}
	<-done
}

func TestOutOfMemory(t *testing.T) {
	d := open(t, gpu.Options{MaxMemory: 1 << 20})
	held := buffer(t, d, "held", ramp(1<<16))
	before := d.Allocated()
	_, err := d.NewBuffer("layers.3.feed_forward.w1", 1<<20)
	var oom *gpu.OutOfMemory
	if !errors.As(err, &oom) || oom.Label != "layers.3.feed_forward.w1" || oom.Size != 1<<20 || oom.Allocated != before {
		t.Fatalf("got %#v", err)
	}
	if !strings.Contains(err.Error(), "has no room for layers.3.feed_forward.w1 (1.0 MiB; 256.0 KiB in use already)") {
		t.Errorf("the message is %q", err)
	}
	held.Release()
	if b, err := d.NewBuffer("again", 1<<20); err != nil {
		t.Errorf("after a release: %v", err)
	} else {
		b.Release()
	}
	if n := d.Allocated(); n != 0 {
		t.Errorf("%d bytes are left", n)
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{17: "17 bytes", 1536: "1.5 KiB", 3 << 30: "3.0 GiB", 5 << 50: "5120.0 TiB"} {
		if got := gpu.Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %s, want %s", n, got, want)
		}
	}
}
