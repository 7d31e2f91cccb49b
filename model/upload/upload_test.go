package upload

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/model/chat"
	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/weightstest"
)

// A file that is cut short while its weights are being read ends the loading
// with a sentence, not the process with a fault; the device goes on.
func TestFileCutShortWhileLoading(t *testing.T) {
	device := gputest.Device(t)
	dir, cfg := t.TempDir(), weightstest.Small()
	cfg.Text.FFN = 4096
	if err := weightstest.Folder(dir, cfg, weightstest.Options{}); err != nil {
		t.Fatal(err)
	}
	opened, err := checkpoint.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	file := opened.Info().Files[0]
	if err := os.Truncate(file, 8192); err != nil {
		t.Fatal(err)
	}
	loader := New(context.Background(), device, opened, nil)
	_, err = loader.Matrix("layers.1.feed_forward.w2.weight")
	if err == nil || !strings.Contains(err.Error(), file) {
		t.Fatalf("loading from a file cut short gave %v, want a sentence that names %s", err, file)
	}
	t.Log(err)
	matrix, err := gpu.NewMatrix(device, "another", gpu.F32, 8, 8)
	if err != nil {
		t.Fatal(err)
	}
	defer matrix.Release()
	if err := matrix.Upload(device, gpu.Rows{Data: make([]byte, 8*8*4)}); err != nil {
		t.Errorf("the next upload failed: %v", err)
	}
}

// Progress counts the bytes of the tensors, and a cancel is heard between them.
func TestProgressAndCancel(t *testing.T) {
	device := gputest.Device(t)
	dir := t.TempDir()
	if err := weightstest.Folder(dir, weightstest.Small(), weightstest.Options{}); err != nil {
		t.Fatal(err)
	}
	opened, err := checkpoint.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	var last chat.Load
	ctx, cancel := context.WithCancel(context.Background())
	loader := New(ctx, device, opened, func(l chat.Load) { last = l })
	norm, err := loader.Vector("norm.weight")
	if err != nil {
		t.Fatal(err)
	}
	defer norm.Buffer.Release()
	if tensor, _ := opened.Tensor("norm.weight"); last.Done != int64(len(tensor.Data)) || last.Total < last.Done {
		t.Errorf("after %d bytes the progress is %+v", len(tensor.Data), last)
	}
	cancel()
	if _, err := loader.Matrix("tok_embeddings.weight"); err != context.Canceled {
		t.Errorf("after a cancel loading gave %v", err)
	}
}

// Halves widen exactly, subnormals and infinities included.
func TestFloat32WidensHalves(t *testing.T) {
	for bits, want := range map[uint16]float64{
		0x0000: 0, 0x8000: math.Copysign(0, -1), 0x0001: math.Pow(2, -24), 0x03ff: 1023 * math.Pow(2, -24),
		0x0400: math.Pow(2, -14), 0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x7c00: math.Inf(1), 0xfc00: math.Inf(-1),
	} {
		got, err := Float32(checkpoint.Tensor{Type: checkpoint.F16, Data: binary.LittleEndian.AppendUint16(nil, bits)})
		if err != nil {
			t.Fatal(err)
		}
		if math.Float64bits(float64(got[0])) != math.Float64bits(want) {
			t.Errorf("half %#04x is %v, want %v", bits, got[0], want)
		}
	}
}
