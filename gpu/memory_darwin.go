package gpu

import "golang.org/x/sys/unix"

// memory tells how many bytes an adapter has: Apple's processors share all of
// the machine's memory with their graphics.
func memory(kind Kind, vendor, device uint32) int64 {
	size, err := unix.SysctlUint64("hw.memsize")
	if err != nil || kind == Discrete {
		return 0
	}
	return int64(size)
}
