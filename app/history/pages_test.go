package history

import (
	"encoding/binary"
	"testing"
)

// A log that names pages far behind the end of the file leaves a gap, no panic.
func TestLogWithAGap(t *testing.T) {
	log := make([]byte, 32+24+4096)
	binary.BigEndian.PutUint32(log[32:], 1<<20-1)
	binary.BigEndian.PutUint32(log[36:], 1)
	p := &pages{size: 4096, newer: map[uint32][]byte{}}
	p.readLog(log)
	p.each(func(byte, found) { t.Error("a row was found in nothing") })
	if p.count() != 1<<20-1 {
		t.Errorf("%d pages", p.count())
	}
}
