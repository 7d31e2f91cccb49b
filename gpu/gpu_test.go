package gpu_test

import (
	"context"
	"encoding/binary"
	"math"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/shaders"
)

// axpy is y = a·x + y over n float32.
var axpy = shaders.Source{
	Name: "axpy",
	Code: `
struct Params { n: u32, a: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
	if (id.x < p.n) {
		y[id.x] = p.a * x[id.x] + y[id.x];
	}
}`,
	Workgroup: [3]int{64, 1, 1},
	Bindings:  []shaders.BindingKind{shaders.Uniform, shaders.Read, shaders.ReadWrite},
}

func axpyParams(n int, a float32) []uint32 { return []uint32{uint32(n), math.Float32bits(a)} }

// kernel and buffer end the test where the device does not give them.
func kernel(t testing.TB, d *gpu.Device, src shaders.Source) *gpu.Kernel {
	t.Helper()
	k, err := d.Kernel(src)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func buffer(t testing.TB, d *gpu.Device, label string, values []float32) *gpu.Buffer {
	t.Helper()
	b, err := d.NewBuffer(label, int64(4*len(values)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Release)
	if err := b.Write(0, encode(values)); err != nil {
		t.Fatal(err)
	}
	return b
}

func finish(t testing.TB, r *gpu.Recorder) *gpu.Program {
	t.Helper()
	p, err := r.Finish()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Release)
	return p
}

func read(t testing.TB, b *gpu.Buffer) []float32 {
	t.Helper()
	data := make([]byte, b.Size())
	if err := b.Read(data, 0); err != nil {
		t.Fatal(err)
	}
	return decode(data)
}

func encode(values []float32) []byte {
	var data []byte
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return data
}

func decode(data []byte) []float32 {
	values := make([]float32, len(data)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return values
}

func ramp(n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(i)
	}
	return values
}

// The shape of everything else: buffers, a kernel, a recording, a run.
func TestRunAKernel(t *testing.T) {
	d := gputest.Device(t)
	const n = 1000
	x, y := buffer(t, d, "x", ramp(n)), buffer(t, d, "y", ramp(n))
	r := d.Record("axpy")
	r.Dispatch(kernel(t, d, axpy), axpyParams(n, 2), [3]int{(n + 63) / 64, 1, 1}, gpu.Binding{Buffer: x}, gpu.Binding{Buffer: y})
	r.ReadBack(y, 0, 4*n)
	p := finish(t, r)

	got := make([]byte, 4*n)
	for run := 1; run <= 3; run++ { // a program is replayed as it is
		if err := p.Run(context.Background(), got); err != nil {
			t.Fatal(err)
		}
		want := ramp(n)
		for i := range want {
			want[i] *= float32(1 + 2*run)
		}
		gputest.Close(t, "y", decode(got), want, 0, 0)
	}
}
