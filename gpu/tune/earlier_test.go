package tune

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"sirocco/gpu"
	"sirocco/shaders"
)

// Shapes that version 0.1.0 measured are read field by field, and keeping them writes
// the same file. Under the kernels they were measured with they are found.
func TestEarlierShapes(t *testing.T) {
	path := filepath.Join("testdata", "v0.1.0", "kernels.json")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := read(path)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	e := all[0]
	if e.Tuning.Quantised.Vector != (gpu.Vector{Rows: 2, Lanes: 8, Slices: 1}) || e.Tuning.Attend.Quads != 2 || e.Tuning.Split != 32 || len(e.Measured) == 0 {
		t.Errorf("read as %+v", e)
	}
	again := filepath.Join(t.TempDir(), "kernels.json")
	if err := Save(again, e); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(again); err != nil || !bytes.Equal(before, after) {
		t.Errorf("%v; kept as\n%s", err, after)
	}
	e.Kernels = shaders.Version()
	if err := Save(again, e); err != nil {
		t.Fatal(err)
	}
	adapter := gpu.Adapter{Name: e.Adapter, Backend: e.Backend, Driver: e.Driver, Limits: gpu.Limits{WorkgroupMemory: 32 << 10, WorkgroupInvocations: 256, WorkgroupSize: [3]int{256, 256, 64}}}
	if found, ok := Find(again, adapter); !ok || found.Tuning != e.Tuning {
		t.Errorf("found %+v, %v", found, ok)
	}
}
