//go:build !linux

package cli

import "time"

// threadTime is the wall's: here the system does not tell a thread's own.
func threadTime() time.Duration { return wallTime() }
