package main

import (
	"crypto/sha256"
	"time"
)

// allowed is how long a callback may keep the window's thread on a processor of pace 1,
// in milliseconds.
const allowed = 50

// The piece of work by which a processor is judged, and how long it took where the
// limit was set.
const (
	workload = 4 << 20
	usual    = 12 * time.Millisecond
)

// pace is how many times slower this processor is now than where the limit was set: the
// best of a few tries, and never less than 1.
func pace() float64 {
	data := make([]byte, workload)
	best := time.Hour
	for range 7 {
		began := time.Now()
		sha256.Sum256(data)
		best = min(best, time.Since(began))
	}
	return max(1, float64(best)/float64(usual))
}
