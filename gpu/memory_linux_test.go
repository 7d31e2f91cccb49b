package gpu

import (
	"os"
	"path/filepath"
	"testing"
)

// A card of AMD's driver as /sys shows it, beside one that tells nothing.
func TestCardMemory(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"card0/device/vendor": "0x10de\n", "card0/device/device": "0x2684\n",
		"card1/device/vendor": "0x1002\n", "card1/device/device": "0x744c\n",
		"card1/device/mem_info_vram_total": "25753026560\n", "card1/device/mem_info_vram_used": "753026560\n",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if all, free := cardMemory(folder, 0x1002, 0x744c); all != 25753026560 || free != 25000000000 {
		t.Errorf("the Radeon has %d bytes, %d free", all, free)
	}
	if all, free := cardMemory(folder, 0x10de, 0x2684); all != 0 || free != 0 {
		t.Errorf("the GeForce has %d bytes, %d free, want 0 for unknown", all, free)
	}
	if all, free := memory(Software, 0, 0); free <= 0 || free > all {
		t.Errorf("this machine has %d bytes, %d free", all, free)
	}
}

// What no file under /sys tells, Vulkan does: of software Vulkan too, if it is asked.
func TestHeapMemory(t *testing.T) {
	for name, id := range map[string][2]uint32{"lavapipe": {0x10005, 0}, "SwiftShader": {0x1ae0, 0xc0de}} {
		if all, free := heapMemory(id[0], id[1]); all < 0 || free < 0 || free > all || (all > 0) != (free > 0) { // nothing of one that is not here
			t.Errorf("%s has %d bytes, %d free", name, all, free)
		}
	}
	if all, free := memory(Discrete, 0xabcdef, 1); all != 0 || free != 0 {
		t.Errorf("a card that does not exist has %d bytes, %d free", all, free)
	}
}
