//go:build linux || windows

package gpu

import "sirocco/gpu/internal/heaps"

// heapMemory asks Vulkan. Drivers that do not tell what is free are taken to have
// nine tenths of it: a screen takes some.
func heapMemory(vendor, device uint32) (all, free int64) {
	all, free = heaps.Of(vendor, device)
	if free == 0 {
		free = all / 10 * 9
	}
	return all, free
}
