package gpu

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// memory tells how many bytes an adapter has and how many of them nobody uses.
// WebGPU does not say, so this asks the kernel: AMD's driver publishes the memory
// of its cards, and integrated and software adapters have the machine's. Of other
// cards Vulkan knows; what it does not stays unknown (0).
func memory(kind Kind, vendor, device uint32) (all, free int64) {
	if kind != Software && kind != Integrated {
		if all, free = cardMemory("/sys/class/drm", vendor, device); all > 0 {
			return all, free
		}
		return heapMemory(vendor, device)
	}
	file, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, 0
	}
	return machineMemory(string(file))
}

// machineMemory reads the text of /proc/meminfo. Free is what programs can have
// without any other being swapped out.
func machineMemory(text string) (all, free int64) {
	for line := range strings.Lines(text) {
		var size int64
		if n, _ := fmt.Sscanf(line, "MemTotal: %d kB", &size); n == 1 {
			all = size << 10
		}
		if n, _ := fmt.Sscanf(line, "MemAvailable: %d kB", &size); n == 1 {
			free = size << 10
		}
	}
	return all, free
}

// cardMemory looks for the PCI card under a folder laid out like /sys/class/drm.
func cardMemory(folder string, vendor, device uint32) (all, free int64) {
	cards, _ := filepath.Glob(filepath.Join(folder, "card*", "device")) // the pattern is well formed
	for _, card := range cards {
		if word(card, "vendor") != fmt.Sprintf("0x%04x", vendor) || word(card, "device") != fmt.Sprintf("0x%04x", device) {
			continue
		}
		size, err := strconv.ParseInt(word(card, "mem_info_vram_total"), 10, 64)
		if err != nil {
			continue
		}
		used, err := strconv.ParseInt(word(card, "mem_info_vram_used"), 10, 64)
		if err != nil || used > size {
			used = size / 10 // what a screen takes
		}
		return size, size - used
	}
	return 0, 0
}

func word(folder, file string) string {
	data, err := os.ReadFile(filepath.Join(folder, file))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
