package gpu_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

func TestAdapters(t *testing.T) {
	all, err := gpu.Adapters()
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range all {
		if a.Index != i || a.Name == "" || a.Backend == "" || a.Limits.MaxBinding < 1<<20 || a.Limits.MaxGroups < 65535 {
			t.Errorf("adapter %d: %+v", i, a)
		}
	}
}

func TestOpenWithAWrongName(t *testing.T) {
	_, err := gpu.Open(gpu.Options{Device: "voodoo2"})
	if err == nil || !strings.Contains(err.Error(), `no device matches "voodoo2"; this machine has 0: `) {
		t.Errorf("got %v", err)
	}
}

func TestPretendedLimits(t *testing.T) {
	d := open(t, gpu.Options{MaxBinding: 1 << 20, MaxBuffer: 1 << 21})
	if l := d.Limits(); l.MaxBinding != 1<<20 || l.MaxBuffer != 1<<21 {
		t.Errorf("limits are %+v", l)
	}
	_, err := d.NewBuffer("embedding", 3<<20)
	if err == nil || !strings.Contains(err.Error(), "buffer embedding needs 3.0 MiB") {
		t.Errorf("a buffer beyond the limit: %v", err)
	}
	x, y := buffer(t, d, "x", ramp(1<<19)), buffer(t, d, "y", ramp(1<<19))
	r := d.Record("wide")
	r.Dispatch(kernel(t, d, axpy), axpyParams(1, 1), [3]int{1, 1, 1}, gpu.Binding{Buffer: x}, gpu.Binding{Buffer: y})
	if _, err = r.Finish(); err == nil || !strings.Contains(err.Error(), "kernel axpy, buffer 0: x: a binding of 2.0 MiB, the adapter allows 1.0 MiB") {
		t.Errorf("a binding beyond the limit: %v", err)
	}
}

func TestClose(t *testing.T) {
	d := open(t, gpu.Options{})
	b := buffer(t, d, "b", ramp(10))
	p := finish(t, d.Record("nothing"))
	d.Close()
	d.Close()
	for what, err := range map[string]error{
		"write": b.Write(0, make([]byte, 4)),
		"read":  b.Read(make([]byte, 4), 0),
		"run":   p.Run(t.Context(), nil),
		"wait":  d.Wait(t.Context()),
	} {
		if !errors.Is(err, gpu.ErrClosed) {
			t.Errorf("%s on a closed device: %v", what, err)
		}
	}
	if _, err := d.NewBuffer("late", 4); !errors.Is(err, gpu.ErrClosed) {
		t.Errorf("a buffer on a closed device: %v", err)
	}
	if _, err := d.Kernel(axpy); !errors.Is(err, gpu.ErrClosed) {
		t.Errorf("a kernel on a closed device: %v", err)
	}
	if n := d.Allocated(); n != 0 {
		t.Errorf("%d bytes are left", n)
	}
}

// The driver list of a process is read once, so a machine without any is played
// by a process of its own.
func TestNoAdapterNamesTheInstallLine(t *testing.T) {
	if os.Getenv("SIROCCO_TEST_CHILD") != "" {
		_, err := gpu.Open(gpu.Options{})
		if !errors.Is(err, gpu.ErrNoAdapter) || !strings.Contains(err.Error(), gpu.NoAdapterHint("linux")) {
			t.Errorf("got %v", err)
		}
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), "SIROCCO_TEST_CHILD=1", "VK_ICD_FILENAMES=/nonexistent.json", "VK_DRIVER_FILES=/nonexistent.json")
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if hint := gpu.NoAdapterHint("linux"); !strings.Contains(hint, "apt-get install mesa-vulkan-drivers") {
		t.Errorf("the hint is %q", hint)
	}
}

// open gives a device of the test's own, the same adapter the shared one has.
func open(t testing.TB, o gpu.Options) *gpu.Device {
	t.Helper()
	o.Device = gputest.Device(t).Info().Name
	d, err := gpu.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}
