package model

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"sirocco/model/chat"
	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/ggml"
	"sirocco/model/config"
)

// OpenSynthetic puts random weights of a shape on the device, so that speed can
// be measured without any checkpoint. Nothing of their size ever exists on the
// host. The model has no tokenizer: it can be measured and cannot be asked.
func OpenSynthetic(ctx context.Context, s Synthetic, o Options) (*Model, error) {
	started := time.Now()
	if o.Quantize != "" && o.Quantize != "none" {
		return nil, fmt.Errorf("made-up weights are stored as their type says (%s); there is nothing to quantise", s.Type)
	}
	made, err := newSynthetic(s)
	if err != nil {
		return nil, err
	}
	m := &Model{config: made.config}
	if err := m.load(ctx, made, o); err != nil {
		m.Close()
		return nil, err
	}
	adapter := m.device.Info()
	m.about = chat.About{
		Model: chat.ModelInfo{
			Name: made.config.Name + " " + s.Type, Parameters: made.info.Parameters, Format: "synthetic", Context: m.text.Context(), Vision: true,
		},
		Device: chat.DeviceInfo{Name: m.plan.devices(), Backend: adapter.Backend, Kind: adapter.Kind.String()},
	}
	m.loaded = time.Since(started)
	return m, nil
}

// synthetic is a source of made-up tensors: norms of ones, and matrices whose
// rows repeat those of a few megabytes of random blocks.
type synthetic struct {
	config  config.Config
	info    checkpoint.Info
	tensors map[string]checkpoint.Tensor
	pools   map[checkpoint.Type][]byte
}

// poolBytes is how much random data there is of a type: more than the caches of
// a processor hold would be pointless, since the device holds its own copy.
const poolBytes = 4 << 20

func newSynthetic(s Synthetic) (*synthetic, error) {
	c, err := s.Config()
	if err != nil {
		return nil, err
	}
	kind, ok := ggml.Named(strings.ToUpper(s.Type))
	if _, made := noise[kind]; !ok || !made {
		return nil, fmt.Errorf("there are no synthetic weights of type %q; there are q4_0, q4_k, q6_k, q8_0, f16 and bf16", s.Type)
	}
	m := &synthetic{config: c, tensors: map[string]checkpoint.Tensor{}, pools: map[checkpoint.Type][]byte{}}
	m.info = checkpoint.Info{Folder: c.Name, Format: "synthetic"}
	for _, need := range checkpoint.Required(c) {
		m.add(need, kind)
	}
	return m, nil
}

// add makes a tensor up. The tower is F16 beside quantised text, as in the files
// people have.
func (m *synthetic) add(need checkpoint.Need, kind ggml.Type) {
	t := checkpoint.Tensor{Name: need.Name, Shape: need.Shape}
	columns := t.Elements() / need.Shape[0]
	switch {
	case len(need.Shape) == 1:
		kind = ggml.F32
	case !isText(need.Name) && !kind.Plain():
		kind = ggml.F16
	}
	values, size := kind.Block()
	t.Type = checkpoint.Type(kind.String())
	m.info.Parameters += int64(t.Elements())
	m.info.Bytes += int64(t.Elements() / values * size)
	if kind == ggml.F32 {
		t.Data = ones(need.Shape[0])
	} else {
		row := columns / values * size
		pool := m.pool(kind)
		t.Data = pool[:min(len(pool)/row, need.Shape[0])*row]
	}
	m.tensors[t.Name] = t
}

// pool is the random data of a type, made when first asked for.
func (m *synthetic) pool(kind ggml.Type) []byte {
	name := checkpoint.Type(kind.String())
	if m.pools[name] == nil {
		m.pools[name] = randomBlocks(kind, poolBytes)
	}
	return m.pools[name]
}

// Tensor finds a made-up tensor.
func (m *synthetic) Tensor(name string) (checkpoint.Tensor, bool) {
	t, ok := m.tensors[name]
	return t, ok
}

// Guard has nothing to guard against.
func (m *synthetic) Guard(read func() error) error { return read() }

// Info describes the made-up checkpoint.
func (m *synthetic) Info() checkpoint.Info { return m.info }

func ones(n int) []byte {
	data := make([]byte, 0, 4*n)
	for range n {
		data = binary.LittleEndian.AppendUint32(data, 0x3f800000)
	}
	return data
}

// half is where a block has a number of 16 bits and what it may be: any bit of
// the mask is random, the others are as given.
type half struct {
	at         int
	bits, mask uint16
}

// noise says how a random block becomes weights of about 0.02, as in a real
// model: everything but the halves may be any bits.
var noise = map[ggml.Type][]half{
	ggml.Q4_0: {{0, 0x1c00, 0x03ff}},                      // scale 2^-8 to 2^-7
	ggml.Q8_0: {{0, 0x0c00, 0x03ff}},                      // 2^-12 to 2^-11
	ggml.Q4_K: {{0, 0x0800, 0x03ff}, {2, 0x1400, 0x03ff}}, // 2^-13; minimum 2^-10
	ggml.Q6_K: {{208, 0x0100, 0x00ff}},                    // 2^-16
	ggml.F16:  {{0, 0x2000, 0x87ff}},                      // ± 2^-7 to 2^-5
	ggml.BF16: {{0, 0x3c00, 0x80ff}},                      // ± 2^-7 to 2^-5
}

// randomBlocks fills about size bytes with whole blocks, the same every time.
func randomBlocks(kind ggml.Type, size int) []byte {
	_, block := kind.Block()
	random := rand.NewChaCha8([32]byte{})
	data := make([]byte, size/block*block)
	random.Read(data) // never fails
	for at := 0; at < len(data); at += block {
		for _, h := range noise[kind] {
			bits := binary.LittleEndian.Uint16(data[at+h.at:])
			binary.LittleEndian.PutUint16(data[at+h.at:], bits&h.mask|h.bits)
		}
	}
	return data
}
