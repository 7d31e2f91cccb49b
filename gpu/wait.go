package gpu

import "time"

const (
	// spin is how long waiting polls without sleeping: a read-back takes about this
	// long, and a sleep would cost more. Longer, it would take the processor away
	// from a software adapter.
	spin     = 60 * time.Microsecond
	shortest = 20 * time.Microsecond
	maxWait  = 200 * time.Microsecond
)

// waiting paces the polls of one wait. It never blocks in the driver: the waiting
// call of wgpu-native gives up after five seconds and reports success.
type waiting struct{ since time.Time }

func newWaiting() waiting { return waiting{time.Now()} }

// pause sleeps for a hundredth of the time waited so far, so that the end is
// noticed about one per cent late.
func (w *waiting) pause() {
	waited := time.Since(w.since)
	if waited < spin {
		return
	}
	time.Sleep(min(max(waited/100, shortest), maxWait))
}

// await returns when the submission with this number is done, or never will be.
func (d *Device) await(number uint64) {
	for w := newWaiting(); d.native.Poll() < number && !d.native.Lost(); w.pause() {
	}
}

// idle returns when every submission is done.
func (d *Device) idle() { d.await(d.native.Submitted()) }
