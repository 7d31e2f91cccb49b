package text

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/model/config"
)

// benchShape is a decoder of 217 million weights, 142 MB in Q4_0.
var benchShape = config.Text{
	Dim: 1024, Layers: 8, Heads: 8, KVHeads: 2, HeadDim: 128, FFN: 6656, Vocab: 32000,
	RopeTheta: 1e6, NormEps: 1e-5, MaxPositions: 8192,
}

// randomDecoder has weights of the given type that mean nothing but are of a sane size.
func randomDecoder(t testing.TB, c config.Text, w gpu.Weight, o Options) *Decoder {
	t.Helper()
	device := gputest.Device(t)
	rng := rand.New(rand.NewPCG(1, 2))
	matrix := func(n, k int) *gpu.Matrix {
		m, err := gpu.NewMatrix(device, "random", w, n, k)
		if err == nil {
			err = m.Upload(device, gpu.Rows{Data: randomRows(rng, w, n, k)})
		}
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	norm := func() gpu.Tensor {
		arena := device.Arena()
		x := arena.Tensor("norm", c.Dim)
		data := make([]byte, 0, 4*c.Dim)
		for range c.Dim {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(0.5+rng.Float32()))
		}
		if err := x.Buffer.Write(0, data); err != nil {
			t.Fatal(err)
		}
		return x
	}
	q, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	table := &tables{embedding: matrix(c.Vocab, c.Dim), norm: norm()}
	table.logits = table.embedding
	for range c.Layers {
		table.layers = append(table.layers, layer{
			attentionNorm: norm(), qkv: matrix(q+2*kv, c.Dim), output: matrix(c.Dim, q),
			ffnNorm: norm(), gateUp: matrix(2*c.FFN, c.Dim), down: matrix(c.Dim, c.FFN),
		})
	}
	d := empty(device, c)
	d.weights = table
	t.Cleanup(d.Close)
	if err := d.allocate(o); err != nil {
		t.Fatal(err)
	}
	return d
}

// randomRows are bytes of a file: values at random under f16 scales near 1/100.
func randomRows(rng *rand.Rand, w gpu.Weight, n, k int) []byte {
	raw := make([]byte, int64(n)*w.RowBytes(k))
	for i := 0; i < len(raw); i += 8 {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], rng.Uint64())
		copy(raw[i:], word[:])
	}
	block := int(w.RowBytes(w.Block()))
	for i := 0; i < len(raw); i += block {
		switch w {
		case gpu.Q4_0, gpu.Q8_0:
			binary.LittleEndian.PutUint16(raw[i:], 0x2000)
		case gpu.Q4_K:
			binary.LittleEndian.PutUint32(raw[i:], 0x0c000c00)
		case gpu.Q6_K:
			binary.LittleEndian.PutUint16(raw[i+208:], 0x0400)
		case gpu.BF16:
			binary.LittleEndian.PutUint16(raw[i:], 0x3c00|binary.LittleEndian.Uint16(raw[i:])&0x807f)
		}
	}
	return raw
}
