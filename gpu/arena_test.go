package gpu_test

import (
	"errors"
	"testing"

	"sirocco/gpu"
)

func TestArena(t *testing.T) {
	d := open(t, gpu.Options{MaxMemory: 1 << 20})
	a := d.Arena()
	x, y := a.Tensor("x", 16, 8), a.Buffer("state", 12)
	if a.Err() != nil || x.Len() != 128 || x.Buffer.Size() != 512 || y.Size() != 12 || a.Bytes() != 524 {
		t.Fatalf("x %+v, state %+v, %d bytes, %v", x, y, a.Bytes(), a.Err())
	}
	if b := x.Binding(); b.Buffer != x.Buffer || b.Size != 512 {
		t.Errorf("x binds as %+v", b)
	}
	var oom *gpu.OutOfMemory
	if a.Tensor("huge", 1<<20); !errors.As(a.Err(), &oom) || oom.Label != "huge" {
		t.Errorf("got %v", a.Err())
	}
	if a.Buffer("after", 4) != nil {
		t.Error("an arena that failed went on")
	}
	a.Release()
	if n := d.Allocated(); n != 0 {
		t.Errorf("%d bytes are left", n)
	}
}
