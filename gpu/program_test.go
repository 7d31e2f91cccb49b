package gpu_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/shaders"
)

// burn counts in every invocation, as slowly as its parameter says.
var burn = shaders.Source{
	Name: "burn",
	Code: `
struct Params { rounds: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
	var a = y[id.x];
	for (var i = 0u; i < p.rounds; i = i + 1u) {
		a = a * 0.5 + 0.5;
	}
	y[id.x] = a + 1.0;
}`,
	Workgroup: [3]int{64, 1, 1},
	Bindings:  []shaders.BindingKind{shaders.Uniform, shaders.ReadWrite},
}

// burner records n dispatches over 64·groups invocations.
func burner(t testing.TB, d *gpu.Device, n, groups int, rounds uint32, flops int64) *gpu.Program {
	t.Helper()
	y := buffer(t, d, "y", make([]float32, 64*groups))
	k := kernel(t, d, burn)
	r := d.Record("burn")
	for range n {
		r.Cost(flops)
		r.Dispatch(k, []uint32{rounds}, [3]int{groups, 1, 1}, gpu.Binding{Buffer: y})
	}
	r.ReadBack(y, 0, 4)
	return finish(t, r)
}

func TestRunAllocatesNothing(t *testing.T) {
	d := gputest.Device(t)
	p := burner(t, d, 20, 1, 1, 0)
	b := buffer(t, d, "position", ramp(2))
	ctx, got, word := context.Background(), make([]byte, 4), make([]byte, 8)
	allocs := testing.AllocsPerRun(50, func() {
		if b.Write(0, word) != nil || p.Run(ctx, got) != nil || b.Read(word, 0) != nil {
			t.Fatal("a run failed")
		}
	})
	if allocs != 0 {
		t.Errorf("a write, a run and a read allocate %g times", allocs)
	}
}

// Steps of one program see what those before them wrote, across copies and
// submissions.
func TestStepsRunInOrder(t *testing.T) {
	d := gputest.Device(t)
	x, y := buffer(t, d, "x", []float32{1}), buffer(t, d, "y", []float32{0})
	k := kernel(t, d, axpy)
	r := d.Record("fibonacci")
	for range 10 { // y += x, then the two change places
		r.Dispatch(k, axpyParams(1, 1), [3]int{1, 1, 1}, gpu.Binding{Buffer: x}, gpu.Binding{Buffer: y})
		r.Dispatch(k, axpyParams(1, 1), [3]int{1, 1, 1}, gpu.Binding{Buffer: y}, gpu.Binding{Buffer: x})
	}
	r.Copy(y, 0, x, 0, 4)
	r.ReadBack(y, 0, 4)
	got := make([]byte, 4)
	if err := finish(t, r).Run(context.Background(), got); err != nil {
		t.Fatal(err)
	}
	gputest.Close(t, "fibonacci", decode(got), []float32{10946}, 0, 0)
}

// A program that looks long is cut into submissions, and no longer once its
// kernels turn out to be quick.
func TestSubmissionsFollowTheMeasuredPace(t *testing.T) {
	d := open(t, gpu.Options{})
	p := burner(t, d, 8, 1, 1, 1e12) // in truth a few hundred operations
	got := make([]byte, 4)
	var counts []uint64
	for range 20 {
		before := d.Submissions()
		if err := p.Run(context.Background(), got); err != nil {
			t.Fatal(err)
		}
		counts = append(counts, d.Submissions()-before)
	}
	if counts[0] < 2 || slices.Min(counts) > 1 {
		t.Errorf("submissions per run were %v, want several first and 1 in the end", counts)
	}
	if v := decode(got)[0]; v < 1 {
		t.Errorf("the last run left %g", v)
	}
}

// countdown is cancelled after it was asked n times.
type countdown struct {
	context.Context
	n int
}

func (c *countdown) Err() error {
	if c.n--; c.n < 0 {
		return context.Canceled
	}
	return nil
}

func TestCancel(t *testing.T) {
	d := open(t, gpu.Options{})
	p := burner(t, d, 10, 64, 20000, 1e12) // ten submissions of some milliseconds
	got := make([]byte, 4)
	before := d.Submissions()
	err := p.Run(&countdown{context.Background(), 4}, got)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "running burn") {
		t.Fatalf("got %v", err)
	}
	if n := d.Submissions() - before; n != 4 {
		t.Errorf("%d submissions were made, want one for each time the context was alive", n)
	}
	if !d.Idle() {
		t.Error("Run came back while the device was working")
	}
	before = d.Submissions()
	if err := p.Run(&countdown{context.Background(), 0}, got); !errors.Is(err, context.Canceled) || d.Submissions() != before {
		t.Errorf("a cancelled context still submitted: %v", err)
	}
}

func TestSubmitAndWait(t *testing.T) {
	d := gputest.Device(t)
	y := buffer(t, d, "y", make([]float32, 64))
	r := d.Record("twice")
	r.Dispatch(kernel(t, d, burn), []uint32{0}, [3]int{1, 1, 1}, gpu.Binding{Buffer: y})
	p := finish(t, r)
	for range 3 {
		if err := p.Submit(); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Wait(context.Background()); err != nil || !d.Idle() {
		t.Errorf("wait: %v", err)
	}
	if got := read(t, y)[0]; got != 3 {
		t.Errorf("three submissions counted to %g", got)
	}
	ctx, cancel := context.WithTimeout(context.Background(), -time.Second)
	defer cancel()
	if err := d.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wait with a dead context: %v", err)
	}
}

// Programs keep what they use: a buffer goes when both its owner and its program
// have let go.
func TestReleaseUnderAProgram(t *testing.T) {
	d := open(t, gpu.Options{})
	p := burner(t, d, 1, 4, 1, 0)
	other := buffer(t, d, "other", ramp(4))
	held := d.Allocated()
	other.Release()
	y := buffer(t, d, "y", make([]float32, 64))
	r := d.Record("kept")
	r.Dispatch(kernel(t, d, burn), []uint32{1}, [3]int{1, 1, 1}, gpu.Binding{Buffer: y})
	q := finish(t, r)
	y.Release()
	if err := q.Run(context.Background(), nil); err != nil {
		t.Error(err)
	}
	q.Release()
	if got := d.Allocated(); got != held-16 {
		t.Errorf("%d bytes in use, want %d", got, held-16)
	}
	if err := q.Run(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "was released") {
		t.Errorf("running a released program: %v", err)
	}
	if err := p.Run(context.Background(), make([]byte, 8)); err == nil || !strings.Contains(err.Error(), "it reads back 4 bytes") {
		t.Errorf("running with the wrong room: %v", err)
	}
}

func TestRecordingMistakes(t *testing.T) {
	d := gputest.Device(t)
	k := kernel(t, d, axpy)
	x, y := buffer(t, d, "x", ramp(64)), buffer(t, d, "y", ramp(64))
	gone := buffer(t, d, "gone", ramp(64))
	gone.Release()
	elsewhere := buffer(t, open(t, gpu.Options{}), "elsewhere", ramp(64))
	bx, by := gpu.Binding{Buffer: x}, gpu.Binding{Buffer: y}
	one := [3]int{1, 1, 1}
	for want, record := range map[string]func(r *gpu.Recorder){
		"kernel axpy: 65536 workgroups along y, the adapter allows 0 to 65535": func(r *gpu.Recorder) {
			r.Dispatch(k, axpyParams(1, 1), [3]int{1, 65536, 1}, bx, by)
		},
		"kernel axpy: -1 workgroups along x": func(r *gpu.Recorder) { r.Dispatch(k, axpyParams(1, 1), [3]int{-1, 1, 1}, bx, by) },
		"kernel axpy: got 0 words of parameters, and has parameters: true": func(r *gpu.Recorder) {
			r.Dispatch(k, nil, one, bx, by)
		},
		"kernel axpy: got 1 buffers, it binds 2":                         func(r *gpu.Recorder) { r.Dispatch(k, axpyParams(1, 1), one, bx) },
		"kernel axpy, buffer 1: it is not a buffer of this device":       func(r *gpu.Recorder) { r.Dispatch(k, axpyParams(1, 1), one, bx, gpu.Binding{}) },
		"kernel axpy, buffer 0: it is not a buffer of this device":       func(r *gpu.Recorder) { r.Dispatch(k, axpyParams(1, 1), one, gpu.Binding{Buffer: elsewhere}, by) },
		"kernel axpy, buffer 0: binding buffer gone: it was released":    func(r *gpu.Recorder) { r.Dispatch(k, axpyParams(1, 1), one, gpu.Binding{Buffer: gone}, by) },
		"kernel axpy: buffer x is both read (0) and written (1)":         func(r *gpu.Recorder) { r.Dispatch(k, axpyParams(1, 1), one, bx, bx) },
		"binding buffer x: 512 bytes at offset 0 are not inside its 256": func(r *gpu.Recorder) { r.Dispatch(k, axpyParams(1, 1), one, gpu.Binding{Buffer: x, Size: 512}, by) },
		"x: nothing left to bind at offset 256":                          func(r *gpu.Recorder) { r.Dispatch(k, axpyParams(1, 1), one, gpu.Binding{Buffer: x, Offset: 256}, by) },
		"x: offset 4 is not a multiple of":                               func(r *gpu.Recorder) { r.Dispatch(k, axpyParams(1, 1), one, gpu.Binding{Buffer: x, Offset: 4}, by) },
		"a dispatch needs a kernel of this device":                       func(r *gpu.Recorder) { r.Dispatch(nil, nil, one) },
		"copying to buffer y: 260 bytes at offset 0":                     func(r *gpu.Recorder) { r.Copy(y, 0, x, 0, 260) },
		"a copy needs two buffers of this device":                        func(r *gpu.Recorder) { r.Copy(x, 0, x, 4, 4) },
		"a program reads back once":                                      func(r *gpu.Recorder) { r.ReadBack(x, 0, 4); r.ReadBack(x, 0, 4) },
		"reading back needs a buffer of this device":                     func(r *gpu.Recorder) { r.ReadBack(x, 0, 3) },
	} {
		if record == nil {
			continue
		}
		r := d.Record("mistake")
		record(r)
		if _, err := r.Finish(); err == nil || !strings.Contains(err.Error(), "recording mistake: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

func TestReleaseWhileRecording(t *testing.T) {
	d := gputest.Device(t)
	y := buffer(t, d, "scratch", make([]float32, 64))
	r := d.Record("late")
	r.Dispatch(kernel(t, d, burn), []uint32{1}, [3]int{1, 1, 1}, gpu.Binding{Buffer: y})
	y.Release()
	if _, err := r.Finish(); err == nil || !strings.Contains(err.Error(), "recording late: buffer scratch was released") {
		t.Errorf("got %v", err)
	}
}

func TestARecordingCanBeRead(t *testing.T) {
	d := gputest.Device(t)
	x, y := buffer(t, d, "x", ramp(64)), buffer(t, d, "y", ramp(64))
	r := d.Record("readable")
	r.Dispatch(kernel(t, d, axpy), axpyParams(64, 1), [3]int{1, 2, 3}, gpu.Binding{Buffer: x}, gpu.Binding{Buffer: y})
	r.Copy(x, 0, y, 0, 16)
	r.ReadBack(x, 0, 8)
	if got, want := r.String(), "axpy 1×2×3 (x, y)\ncopy 16 bytes: y → x\nread back 8 bytes: x\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// One goroutine drives a device at a time; several that try take turns.
func TestGoroutinesTakeTurns(t *testing.T) {
	d := gputest.Device(t)
	var wg sync.WaitGroup
	for range 4 {
		p, b := burner(t, d, 3, 1, 1, 0), buffer(t, d, "b", ramp(4))
		wg.Go(func() {
			got := make([]byte, 4)
			for i := range 30 {
				err := errors.Join(b.Write(0, encode([]float32{float32(i)})), p.Run(context.Background(), got), b.Read(got, 0))
				if err != nil || decode(got)[0] != float32(i) {
					t.Errorf("turn %d: %v, %v", i, decode(got), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// A mistake only the library can see is found while the program is made.
func TestFinishValidates(t *testing.T) {
	d := gputest.Device(t)
	wide := shaders.Source{
		Name: "wide parameters", Workgroup: [3]int{1, 1, 1}, Bindings: []shaders.BindingKind{shaders.Uniform, shaders.ReadWrite},
		Code: `
struct Params { a: vec4<f32>, b: vec4<f32>, c: vec4<f32> }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1) fn main() { y[0] = p.c.x; }`,
	}
	r := d.Record("too few words")
	y := gpu.Binding{Buffer: buffer(t, d, "y", ramp(64))}
	r.Dispatch(kernel(t, d, burn), []uint32{1}, [3]int{1, 1, 1}, y)
	r.Dispatch(kernel(t, d, wide), []uint32{1}, [3]int{1, 1, 1}, y)
	_, err := r.Finish()
	if err == nil || !strings.Contains(err.Error(), "step 1, kernel wide parameters") || !strings.Contains(err.Error(), "size 16 where the shader expects 48") {
		t.Errorf("got %v", err)
	}
}

func TestAnEmptyProgramRuns(t *testing.T) {
	d := gputest.Device(t)
	r := d.Record("nothing")
	r.Dispatch(kernel(t, d, axpy), axpyParams(1, 1), [3]int{0, 1, 1},
		gpu.Binding{Buffer: buffer(t, d, "x", ramp(4))}, gpu.Binding{Buffer: buffer(t, d, "y", ramp(4))})
	if err := finish(t, r).Run(context.Background(), nil); err != nil {
		t.Error(err)
	}
}
