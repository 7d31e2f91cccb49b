//go:build unix

package model

import "golang.org/x/sys/unix"

// processorSeconds is how long all processors have worked for this process. On a
// software adapter that is the work itself; others on the machine disturb it
// less than the clock.
func processorSeconds() float64 {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}
