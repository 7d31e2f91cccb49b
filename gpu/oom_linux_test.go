package gpu_test

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

// An allocation that the driver itself refuses: a process of its own gets 9 GiB
// of address space and a software adapter, which allocates from that.
func TestDriverOutOfMemory(t *testing.T) {
	if os.Getenv("SIROCCO_TEST_CHILD") == "" {
		child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		child.Env = append(os.Environ(), "SIROCCO_TEST_CHILD=1")
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	if gputest.Device(t).Info().Kind != gpu.Software {
		return // a card's memory cannot be limited from here
	}
	d := open(t, gpu.Options{MaxMemory: 1 << 50})
	if err := unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: 9 << 30, Max: 9 << 30}); err != nil {
		t.Fatal(err)
	}
	var held []*gpu.Buffer
	for {
		b, err := d.NewBuffer("weights", min(d.Limits().MaxBuffer, 2<<30-4096))
		var oom *gpu.OutOfMemory
		if errors.As(err, &oom) {
			break
		}
		if err != nil || len(held) > 8 {
			t.Fatalf("after %d buffers: %v", len(held), err)
		}
		held = append(held, b)
	}
	for _, b := range held {
		b.Release()
	}
	b := buffer(t, d, "afterwards", ramp(10)) // the device is as good as before
	gputest.Close(t, "afterwards", read(t, b), ramp(10), 0, 0)
}
