package gpu

import "golang.org/x/sys/unix"

// memory tells how many bytes an adapter has and about how many it may take:
// Apple's processors share all of the machine's memory with their graphics, and
// Metal recommends to stay below three quarters of it.
func memory(kind Kind, vendor, device uint32) (all, free int64) {
	size, err := unix.SysctlUint64("hw.memsize")
	if err != nil || kind == Discrete {
		return 0, 0
	}
	return int64(size), int64(size / 4 * 3)
}
