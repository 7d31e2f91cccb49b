package view

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// Number writes a whole number with its thousands apart: 32,768.
func Number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Short writes a measured number with as many digits as matter: 0.42, 3.8, 41.
func Short(x float64) string {
	switch {
	case x >= 9.95:
		return strconv.Itoa(int(math.Round(x)))
	case x >= 0.995:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}

// Size writes a number of bytes: 14.3 GB.
func Size(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.0f kB", math.Ceil(float64(n)/1e3))
}

// Loading says how far weights have been read, and how long it will take, or what
// is done before.
func Loading(l chat.Load, elapsed time.Duration) string {
	done, total := l.Done, l.Total
	if l.What == chat.LoadKernels {
		return i18n.T("Measuring which kernels suit this device, once: %d of %d", done, total)
	}
	if total <= 0 {
		return i18n.T("Loading the model…")
	}
	if elapsed < time.Second || done == 0 {
		return i18n.T("Loading the model: %s of %s", Size(done), Size(total))
	}
	left := elapsed.Seconds() * float64(total-done) / float64(done)
	return i18n.T("Loading the model: %s of %s, %s s left", Size(done), Size(total), Short(left))
}

// millions writes a number of parameters: 8.7 M, 24 B.
func millions(n int64) string {
	if n >= 1e9 {
		return Short(float64(n)/1e9) + " B"
	}
	return Short(float64(n)/1e6) + " M"
}
