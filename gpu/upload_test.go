package gpu_test

import (
	"encoding/binary"
	"errors"
	"sync"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

// counting fills pieces with the numbers of the words they hold.
func counting() func(dst []byte) error {
	next := uint32(0)
	return func(dst []byte) error {
		for ; len(dst) > 0; dst = dst[4:] {
			binary.LittleEndian.PutUint32(dst, next)
			next++
		}
		return nil
	}
}

func checkCounting(t *testing.T, b *gpu.Buffer, offset int64) {
	t.Helper()
	data := make([]byte, b.Size())
	if err := b.Read(data, 0); err != nil {
		t.Fatal(err)
	}
	for i := range int64(len(data)) / 4 {
		want := uint32(max(i-offset/4, 0))
		if got := binary.LittleEndian.Uint32(data[4*i:]); got != want {
			t.Fatalf("%s: word %d is %d, want %d", b.Label(), i, got, want)
		}
	}
}

func TestUploadInPieces(t *testing.T) {
	d := gputest.Device(t)
	const size, offset = 70<<20 + 12, 16 // nine pieces through three staging buffers
	b, err := d.NewBuffer("weights", size+offset)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	if err := d.Upload(b, offset, size, counting()); err != nil {
		t.Fatal(err)
	}
	checkCounting(t, b, offset)
}

func TestUploadsFromSeveralGoroutines(t *testing.T) {
	d := gputest.Device(t)
	var all []*gpu.Buffer
	var wg sync.WaitGroup
	for range 5 {
		b, err := d.NewBuffer("weights", 12<<20)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Release()
		all = append(all, b)
		wg.Go(func() {
			if err := d.Upload(b, 0, b.Size(), counting()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, b := range all {
		checkCounting(t, b, 0)
	}
}

func TestUploadErrors(t *testing.T) {
	d := gputest.Device(t)
	b := buffer(t, d, "b", ramp(4))
	torn := errors.New("the file is torn")
	for range 10 { // more often than there are staging buffers
		if err := d.Upload(b, 0, 16, func([]byte) error { return torn }); !errors.Is(err, torn) {
			t.Fatalf("got %v", err)
		}
	}
	gputest.Close(t, "b", read(t, b), ramp(4), 0, 0)
	for size, offset := range map[int64]int64{20: 0, 6: 0, 4: 2} {
		if err := d.Upload(b, offset, size, counting()); err == nil {
			t.Errorf("%d bytes at %d went into a buffer of 16", size, offset)
		}
	}
	large := make([]byte, 3<<20) // goes the same way
	big := buffer(t, d, "big", make([]float32, 1<<20))
	large[len(large)-1] = 64
	if err := big.Write(1<<20, large); err != nil {
		t.Fatal(err)
	}
	if got := read(t, big); got[1<<20-1] != 2 || got[1<<20-2] != 0 {
		t.Errorf("a large write ended in %v", got[1<<20-2:])
	}
}
