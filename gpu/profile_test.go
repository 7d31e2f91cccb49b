package gpu_test

import (
	"context"
	"testing"
	"time"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

func TestProfile(t *testing.T) {
	if !gputest.Device(t).Info().Timestamps {
		_, err := gpu.Open(gpu.Options{Device: gputest.Device(t).Info().Name, Profile: true})
		if err == nil {
			t.Error("timing was promised by an adapter without timestamps")
		}
		return
	}
	d := open(t, gpu.Options{Profile: true})
	p := burner(t, d, 5, 64, 10000, 0)
	got := make([]byte, 4)
	begin := time.Now()
	for range 2 {
		if err := p.Run(context.Background(), got); err != nil {
			t.Fatal(err)
		}
	}
	wall := time.Since(begin).Seconds()
	times := d.Profile()
	if len(times) != 2 || times[0].Name != "burn" || times[0].Calls != 10 || times[1].Name != "copy" || times[1].Calls != 2 {
		t.Fatalf("got %+v", times)
	}
	if s := times[0].Seconds; s <= 0 || s > 1.05*wall {
		t.Errorf("the kernels took %.4f s of %.4f s", s, wall)
	}
	if again := d.Profile(); len(again) != 0 {
		t.Errorf("asked again at once: %+v", again)
	}
	if decode(got)[0] < 1 {
		t.Errorf("the program computed %v", decode(got))
	}
}

func TestNoProfileUnlessAsked(t *testing.T) {
	if times := gputest.Device(t).Profile(); times != nil {
		t.Errorf("got %+v", times)
	}
}

// Timing can be switched on for a part of a run.
func TestProfilingSwitches(t *testing.T) {
	d, err := gpu.Open(gpu.Options{Profilable: true})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if !d.Info().Timestamps {
		if d.SetProfiling(true) {
			t.Error("kernels are timed on an adapter without timestamps")
		}
		return
	}
	p := burner(t, d, 3, 1, 1, 1)
	got := make([]byte, 4)
	for _, on := range []bool{false, true, false} {
		if d.SetProfiling(on) != on {
			t.Fatalf("timing did not become %t", on)
		}
		if err := p.Run(context.Background(), got); err != nil {
			t.Fatal(err)
		}
		if timed := len(d.Profile()) > 0; timed != on {
			t.Errorf("timing is %t and kernels were timed: %t", on, timed)
		}
	}
}
