package gguf_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"sirocco/model/checkpoint/gguf"
	"sirocco/model/checkpoint/weightstest"
)

// sample is a small file with every kind of value that real files have.
func sample() []byte {
	return weightstest.EncodeGGUF([]weightstest.Pair{
		{Key: "general.architecture", Value: "llama"}, {Key: "general.alignment", Value: uint32(32)},
		{Key: "llama.block_count", Value: uint64(2)}, {Key: "llama.rope.freq_base", Value: float32(1e9)},
		{Key: "flag", Value: true}, {Key: "tokenizer.ggml.tokens", Value: []string{"a", "", "Ġb"}}, {Key: "types", Value: []int32{1, -3}},
	}, []weightstest.Tensor{
		{Name: "norm", Type: "F32", Shape: []int{4}, Data: make([]byte, 16)},
		{Name: "matrix", Type: "Q8_0", Shape: []int{3, 64}, Data: make([]byte, 3*2*34)},
	})
}

func read(file []byte) (*gguf.File, error) { return gguf.Read(bytes.NewReader(file), int64(len(file))) }

func TestRead(t *testing.T) {
	file := sample()
	f, err := read(file)
	if err != nil {
		t.Fatal(err)
	}
	if f.Version != 3 || f.Architecture() != "llama" || len(f.Tensors) != 2 || !f.Has("matrix") || f.Has("vector") {
		t.Errorf("got %+v", f)
	}
	m := f.Tensors[1]
	if m.Name != "matrix" || m.Type.String() != "Q8_0" || !slices.Equal(m.Shape, []int{3, 64}) || m.End-m.Begin != 204 || m.Begin%32 != 0 || m.Begin != f.Tensors[0].Begin+32 {
		t.Errorf("got %+v after %+v", m, f.Tensors[0])
	}
	get := func(key string) gguf.Value {
		value, ok := f.Get(key)
		if !ok {
			t.Errorf("%s is not there", key)
		}
		return value
	}
	if n, ok := get("llama.block_count").Int(); n != 2 || !ok {
		t.Errorf("block_count %d", n)
	}
	if x, ok := get("llama.rope.freq_base").Float(); x != 1e9 || !ok {
		t.Errorf("freq_base %v", x)
	}
	if b, ok := get("flag").Bool(); !b || !ok {
		t.Error("flag is not set")
	}
	if texts, ok := get("tokenizer.ggml.tokens").Texts(); !slices.Equal(texts, []string{"a", "", "Ġb"}) || !ok {
		t.Errorf("tokens %q", texts)
	}
	var types []int64
	for v := range get("types").All() {
		n, _ := v.Int()
		types = append(types, n)
	}
	if !slices.Equal(types, []int64{1, -3}) {
		t.Errorf("types %v", types)
	}
	for key, want := range map[string]string{"types": "a list of 2", "flag": "true", "general.architecture": `"llama"`, "llama.block_count": "2"} {
		if got := get(key).String(); got != want {
			t.Errorf("%s is shown as %s", key, got)
		}
	}
	none, ok := f.Get("absent")
	if _, isText := none.Text(); ok || isText || none.Len() != 0 || none.String() != "nothing" {
		t.Errorf("an absent key gives %v", none)
	}
	if word, err := gguf.Architecture(bytes.NewReader(file), int64(len(file))); word != "llama" || err != nil {
		t.Errorf("Architecture: %q, %v", word, err)
	}
	// Version 2 differs in nothing that is used here.
	file[4] = 2
	if f, err := read(file); err != nil || f.Version != 2 {
		t.Errorf("version 2: %v", err)
	}
}

// lies change one field of the sample each. at finds the field by the bytes before it.
var lies = []struct {
	after string // the bytes in front of the field; "" for the start of the file
	skip  int    // bytes between
	value any    // what is written there
	want  string
}{
	{"", 0, "GGML", `magic is "GGML"`},
	{"GGUF", 0, uint32(1), "version is 1"},
	{"GGUF", 0, uint32(4), "version is 4"},
	{"GGUF", 0, uint32(3 << 24), "big-endian"},
	{"GGUF", 4, uint64(1 << 63), "tensor_count is 9223372036854775808"},
	{"GGUF", 4, uint64(1000), "tensor_count is 1000, but the file has only"},
	{"GGUF", 4, uint64(3), `tensor "": n_dimensions is 0`},
	{"GGUF", 12, uint64(1<<64 - 1), "metadata_kv_count is 18446744073709551615"},
	{"GGUF", 12, uint64(60), "metadata_kv_count is 60, but the file has only"},
	{"GGUF", 12, uint64(8), `n_dimensions is 0`},
	{"GGUF", 20, uint64(1 << 40), "metadata key 0: the length of a text is 1099511627776"},
	{"GGUF", 20, uint64(5000), "metadata key 0: the length of a text is 5000, but"},
	{"general.architecture", 0, uint32(13), `metadata key "general.architecture": its type is 13`},
	{"general.architecture", 4, uint64(1 << 62), `metadata key "general.architecture": the length of a text is`},
	{"general.alignment", 4, uint32(0), "general.alignment is 0"},
	{"general.alignment", 4, uint32(24), "general.alignment is 24"},
	{"general.alignment", 4, uint32(1 << 30), "general.alignment is 1073741824"},
	{"flag", 4, "\x02", `metadata key "flag": it is 2, neither true nor false`},
	{"tokenizer.ggml.tokens", 4, uint32(77), `metadata key "tokenizer.ggml.tokens": its type is 77`},
	{"tokenizer.ggml.tokens", 8, uint64(1 << 63), `metadata key "tokenizer.ggml.tokens": the length of a list is 9223372036854775808`},
	{"tokenizer.ggml.tokens", 8, uint64(1 << 20), "the length of a list is 1048576, but the file has only"},
	{"tokenizer.ggml.tokens", 16, uint64(1 << 63), `metadata key "tokenizer.ggml.tokens": the length of a text is`},
	{"types", 4, uint32(9), `metadata key "types"`},
	{"types", 8, uint64(1 << 61), `metadata key "types": the length of a list`},
	{"matrix", -14, uint64(1<<64 - 6), "tensor 1 of 2: the length of a text is"},
	{"matrix", 0, uint32(0), `tensor "matrix": n_dimensions is 0`},
	{"matrix", 0, uint32(5), `tensor "matrix": n_dimensions is 5`},
	{"matrix", 4, uint64(63), `tensor "matrix": its rows of 63 values are no whole blocks of Q8_0`},
	{"matrix", 4, uint64(0), `tensor "matrix": its dimensions [0 3]`},
	{"matrix", 4, uint64(1 << 63), `tensor "matrix": its dimensions [9223372036854775808 3] need more bytes`},
	{"matrix", 12, uint64(1 << 61), `tensor "matrix": its dimensions`},
	{"matrix", 12, uint64(9), `tensor "matrix": its 612 bytes at offset 32 reach beyond`},
	{"matrix", 12, uint64(0), `tensor "matrix": its dimensions [64 0]`},
	{"matrix", 20, uint32(17), `tensor "matrix": it is stored as IQ2_XS, which is not read here`},
	{"matrix", 20, uint32(39), `it is stored as MXFP4`},
	{"matrix", 20, uint32(1 << 31), "it is stored as type 2147483648"},
	{"matrix", 24, uint64(33), `tensor "matrix": offset 33 is no multiple of the alignment, 32`},
	{"matrix", 24, uint64(1 << 62), `tensor "matrix": its 204 bytes at offset 4611686018427387904 reach beyond`},
	{"matrix", 24, uint64(1<<64 - 32), `tensor "matrix": its 204 bytes at offset 18446744073709551584 reach beyond`},
	{"matrix", 24, uint64(0), `overlaps that of`},
}

func TestLies(t *testing.T) {
	for _, lie := range lies {
		file := sample()
		at := max(bytes.Index(file, []byte(lie.after)), 0) + len(lie.after) + lie.skip
		switch v := lie.value.(type) {
		case uint32:
			binary.LittleEndian.PutUint32(file[at:], v)
		case uint64:
			binary.LittleEndian.PutUint64(file[at:], v)
		case string:
			copy(file[at:], v)
		}
		_, err := read(file)
		if err == nil || !strings.Contains(err.Error(), lie.want) || len(err.Error()) > 1000 {
			t.Errorf("%q + %d = %v: got %v\nwant %q", lie.after, lie.skip, lie.value, err, lie.want)
		}
	}
}

func TestDuplicates(t *testing.T) {
	pair := weightstest.Pair{Key: "a", Value: true}
	if _, err := read(weightstest.EncodeGGUF([]weightstest.Pair{pair, pair}, nil)); err == nil || !strings.Contains(err.Error(), `metadata key "a" is there twice`) {
		t.Errorf("got %v", err)
	}
	tensor := weightstest.Tensor{Name: "a", Type: "F32", Shape: []int{1}, Data: make([]byte, 4)}
	if _, err := read(weightstest.EncodeGGUF(nil, []weightstest.Tensor{tensor, tensor})); err == nil || !strings.Contains(err.Error(), `tensor "a" is listed twice`) {
		t.Errorf("got %v", err)
	}
}

// Lists in lists are read to a depth of four.
func TestNestedLists(t *testing.T) {
	nested := func(depth int) []byte {
		file := weightstest.EncodeGGUF(nil, nil)[:12]
		file = binary.LittleEndian.AppendUint64(file, 0)
		file = append(file[:8], append(make([]byte, 8), 1, 0, 0, 0, 0, 0, 0, 0)...)
		file = append(binary.LittleEndian.AppendUint64(file, 1), 'k')
		file = binary.LittleEndian.AppendUint32(file, 9)
		for range depth - 1 {
			file = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(file, 9), 1)
		}
		return append(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(file, 0), 2), 7, 8)
	}
	f, err := read(nested(3))
	if err != nil {
		t.Fatal(err)
	}
	v, _ := f.Get("k")
	for range 2 {
		for v = range v.All() {
			break
		}
	}
	if v.Len() != 2 {
		t.Errorf("the innermost list has %d elements", v.Len())
	}
	if _, err := read(nested(5)); err == nil || !strings.Contains(err.Error(), "nested more than 4 deep") {
		t.Errorf("got %v", err)
	}
}

// A file cut short anywhere is refused, and no more is read ahead than twice what there is.
func TestTruncated(t *testing.T) {
	file := sample()
	f, err := read(file)
	if err != nil {
		t.Fatal(err)
	}
	end := int(f.Tensors[1].End) // what follows is padding
	random := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		keep := random.IntN(end)
		if _, err := read(file[:keep]); err == nil || !strings.Contains(err.Error(), "again") {
			t.Errorf("cut after %d of %d bytes: got %v", keep, end, err)
		}
	}
	if _, err := read(file[:end]); err != nil {
		t.Errorf("without padding at the end: %v", err)
	}
}

// zeros is a file of any length that takes no memory.
type zeros struct{ head []byte }

func (z zeros) ReadAt(p []byte, at int64) (int, error) {
	clear(p)
	if at < int64(len(z.head)) {
		copy(p, z.head[at:])
	}
	return len(p), nil
}

// A huge file whose counts are lies is given up on before much memory is taken.
func TestMemoryFollowsTheBytes(t *testing.T) {
	for _, spoil := range []func(file []byte){
		func(file []byte) { binary.LittleEndian.PutUint64(file[8:], 1<<17) },
		func(file []byte) { binary.LittleEndian.PutUint64(file[16:], 1<<16) },
		func(file []byte) { binary.LittleEndian.PutUint64(file[bytes.Index(file, []byte("tokens"))+14:], 1<<20) },
		func(file []byte) { binary.LittleEndian.PutUint64(file[bytes.Index(file, []byte("Ġb"))-8:], 16<<20) },
	} {
		file := sample()
		spoil(file)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := gguf.Read(zeros{file}, 14<<30); err == nil {
			t.Fatal("accepted")
		}
		runtime.ReadMemStats(&after)
		allocated := after.TotalAlloc - before.TotalAlloc
		if allocated > 128<<20 {
			t.Errorf("%d bytes were allocated", allocated)
		}
	}
}

// Any bytes are either refused in one sentence or describe tensors that lie inside them and do not overlap.
func FuzzGGUF(f *testing.F) {
	f.Add(sample())
	f.Add([]byte("GGUF\x03\x00\x00\x00"))
	f.Add(sample()[:100])
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := read(data)
		if err != nil {
			if len(err.Error()) > 4000 {
				t.Errorf("the complaint is %d bytes long", len(err.Error()))
			}
			return
		}
		var end int64
		for _, tensor := range file.Tensors {
			if tensor.Begin < end || tensor.End <= tensor.Begin || tensor.End > int64(len(data)) {
				t.Fatalf("%+v in %d bytes", tensor, len(data))
			}
			end = tensor.End
		}
	})
}
