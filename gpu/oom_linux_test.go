package gpu_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

// An allocation that the driver itself refuses: a process of its own gets 5 GiB
// more of address space, which is where a software adapter allocates.
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
	limitAddressSpace(t, 5<<30)
	var held []*gpu.Buffer
	for {
		b, err := d.NewBuffer("weights", min(d.Limits().MaxBuffer, 2<<30-4096))
		var oom *gpu.OutOfMemory
		if errors.As(err, &oom) {
			break
		}
		if err != nil {
			t.Fatalf("after %d buffers: %v", len(held), err)
		}
		if len(held) > 8 { // this driver maps what it allocates as it is used
			t.Logf("no allocation is refused with %d buffers", len(held))
			break
		}
		held = append(held, b)
	}
	for _, b := range held {
		b.Release()
	}
	b := buffer(t, d, "afterwards", ramp(10)) // the device is as good as before
	gputest.Close(t, "afterwards", read(t, b), ramp(10), 0, 0)
}

// limitAddressSpace lets this process map so many bytes more than it has now.
func limitAddressSpace(t *testing.T, more uint64) {
	t.Helper()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var pages uint64
	if _, err := fmt.Sscan(string(statm), &pages); err != nil {
		t.Fatal(err)
	}
	limit := pages*uint64(os.Getpagesize()) + more
	if err := unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
		t.Fatal(err)
	}
}
