//go:build linux

package heaps

import "testing"

// lavapipe, which the tests of this repository need anyway, has Mesa's numbers
// and the machine's memory; a card that is not there has none.
func TestSoftwareHeap(t *testing.T) {
	all, free := Of(0x10005, 0)
	if all < 1<<28 || free < 0 || free > all {
		t.Errorf("software Vulkan has %d bytes, %d of them free", all, free)
	}
	t.Logf("%d bytes, %d of them free", all, free)
	if all, free := Of(0xabcdef, 1); all != 0 || free != 0 {
		t.Errorf("a card that does not exist has %d bytes, %d of them free", all, free)
	}
}
