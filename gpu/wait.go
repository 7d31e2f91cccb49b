package gpu

import "time"

// spin is how long waiting polls without sleeping: a read-back on a graphics card
// takes about this long, and a sleep could cost more than it.
const spin = 60 * time.Microsecond

// until polls until done reports true. After a short spin it sleeps, ever longer
// up to 200 microseconds: a software adapter computes on the very processor that
// would be spinning.
func (d *Device) until(done func() bool) {
	for w := d.waiting(); !done(); w.pause() {
		d.native.Poll()
	}
}

// waiting paces one wait.
type waiting struct {
	spinUntil time.Time
	sleep     time.Duration
}

func (d *Device) waiting() waiting {
	w := waiting{sleep: 20 * time.Microsecond}
	if d.info.Kind != Software {
		w.spinUntil = time.Now().Add(spin)
	}
	return w
}

func (w *waiting) pause() {
	if time.Now().Before(w.spinUntil) {
		return
	}
	time.Sleep(w.sleep)
	w.sleep = min(w.sleep*5/4, 200*time.Microsecond)
}

// idle returns when every submission is done.
func (d *Device) idle() {
	for w := d.waiting(); d.native.Poll() < d.native.Submitted(); w.pause() {
	}
}
