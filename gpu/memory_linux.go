package gpu

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// memory tells how many bytes an adapter has. WebGPU does not say, so this asks
// the kernel: AMD's driver publishes the memory of its cards, and integrated and
// software adapters have the machine's. Other cards stay unknown (0).
func memory(kind Kind, vendor, device uint32) int64 {
	if kind == Software || kind == Integrated {
		var info unix.Sysinfo_t
		if unix.Sysinfo(&info) != nil {
			return 0
		}
		return int64(uint64(info.Totalram) * uint64(info.Unit))
	}
	return cardMemory("/sys/class/drm", vendor, device)
}

// cardMemory looks for the PCI card under a folder laid out like /sys/class/drm.
func cardMemory(folder string, vendor, device uint32) int64 {
	cards, _ := filepath.Glob(filepath.Join(folder, "card*", "device")) // the pattern is well formed
	for _, card := range cards {
		if word(card, "vendor") != fmt.Sprintf("0x%04x", vendor) || word(card, "device") != fmt.Sprintf("0x%04x", device) {
			continue
		}
		if size, err := strconv.ParseInt(word(card, "mem_info_vram_total"), 10, 64); err == nil {
			return size
		}
	}
	return 0
}

func word(folder, file string) string {
	data, err := os.ReadFile(filepath.Join(folder, file))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
