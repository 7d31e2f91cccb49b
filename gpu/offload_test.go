package gpu_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
)

// Matrices of different types that lie in memory of the host take turns in a slot,
// as often as a program is run. What they take there was known before.
func TestSlots(t *testing.T) {
	d, err := gpu.Open(gpu.Options{MaxBinding: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	const k = 512
	shapes := []gpu.Stack{
		{K: k, Runs: []gpu.Run{{Type: gpu.Q8_0, Rows: 300}}}, // in two parts
		{K: k, Runs: []gpu.Run{{Type: gpu.F16, Rows: 40}, {Type: gpu.Q8_0, Rows: 10}}},
		{K: k, Runs: []gpu.Run{{Type: gpu.BF16, Rows: 97}}},
	}
	var hosted []*gpu.Matrix
	var files [][]byte
	for _, s := range shapes {
		m, err := gpu.NewHostStack(d, "hosted", k, s.Runs...)
		if err != nil {
			t.Fatal(err)
		}
		var rows []gpu.Rows
		var file []byte
		for _, run := range s.Runs {
			data := fileRows(run.Type, run.Rows, k)
			rows, file = append(rows, gpu.Rows{Data: data}), append(file, data...)
		}
		for range 2 { // it may be filled again
			if err := m.Upload(d, rows...); err != nil {
				t.Fatal(err)
			}
		}
		hosted, files = append(hosted, m), append(files, file)
	}
	before, of := d.Allocated()-d.Staged(), d.Offloaded()
	slots, err := gpu.NewOffloadBuffers(d, "slot", hosted)
	if err != nil {
		t.Fatal(err)
	}
	if took, want := d.Allocated()-d.Staged()-before, gpu.OffloadBufferBytes(d.Limits(), shapes); took != want || of == 0 || d.Offloaded() != of {
		t.Errorf("the slot takes %d bytes, SlotBytes says %d; %d of the host, before %d", took, want, d.Offloaded(), of)
	}
	for range 2 {
		for i := range hosted {
			r := d.Record("copy")
			r.CopyMatrix(slots[i], hosted[i])
			p, err := r.Finish()
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Run(context.Background(), nil); err != nil {
				t.Fatal(err)
			}
			p.Release()
			if !bytes.Equal(unpack(t, slots[i]), files[i]) {
				t.Errorf("matrix %d is not in its slot", i)
			}
		}
	}
	for i := range hosted {
		hosted[i].Release()
		slots[i].Release()
	}
	if d.Offloaded() != 0 || d.Allocated()-d.Staged() != before {
		t.Errorf("after all was released %d bytes of the host are held, and %d of the device", d.Offloaded(), d.Allocated()-d.Staged()-before)
	}
}

// A host buffer is no memory that kernels know, and is full when the host is.
func TestHostBufferRefuses(t *testing.T) {
	d := gputest.Device(t)
	b, err := d.NewHostBuffer("host", 1024)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	if err := b.Write(512, make([]byte, 1024)); err == nil || !strings.Contains(err.Error(), "not inside") {
		t.Errorf("writing behind its end: %v", err)
	}
	r := d.Record("wrong")
	r.Dispatch(kernel(t, d, burn), []uint32{1}, [3]int{1, 1, 1}, gpu.Binding{Buffer: b})
	if _, err := r.Finish(); err == nil || !strings.Contains(err.Error(), "memory of the host") {
		t.Errorf("a kernel that binds it: %v", err)
	}
	r = d.Record("wrong")
	to, err := d.NewBuffer("to", 4096)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Release()
	r.Copy(b, 0, to, 0, 4)
	if _, err := r.Finish(); err == nil || !strings.Contains(err.Error(), "memory of the host") {
		t.Errorf("a program that writes to it: %v", err)
	}
}
