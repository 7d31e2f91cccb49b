package checkpoint_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/weightstest"
)

// Each case changes one key of a good text model, or leaves it out (nil), and names words that the complaint must hold.
func TestGGUFKeysThatLie(t *testing.T) {
	for _, c := range []struct {
		key   string
		value any
		want  string
	}{
		{"general.architecture", "qwen2", `general.architecture is "qwen2"`},
		{"general.architecture", uint32(7), "general.architecture is missing"},
		{"general.architecture", nil, "general.architecture is missing"},
		{"general.type", "adapter", `general.type is "adapter"`},
		{"llama.block_count", nil, "llama.block_count is missing"},
		{"llama.block_count", "two", `llama.block_count is "two", not a whole number`},
		{"llama.block_count", uint32(0), "number of layers is 0"},
		{"llama.block_count", uint64(1 << 63), "llama.block_count is a number out of range"},
		{"llama.block_count", uint32(1 << 31), "number of layers is 2147483648"},
		{"llama.block_count", uint32(3), "lacks 9 tensors that its metadata asks for: blk.2.attn_q.weight"},
		{"llama.embedding_length", uint32(12), "blk.0.attn_q.weight"},
		{"llama.embedding_length", nil, "llama.embedding_length is missing"},
		{"llama.feed_forward_length", []int32{8, 9}, "llama.feed_forward_length differs from layer to layer (9 and 8)"},
		{"llama.feed_forward_length", []string{"a"}, "differs from layer to layer"},
		{"llama.attention.head_count", uint32(0), "number of heads is 0"},
		{"llama.attention.head_count", uint32(3), "cannot be shared out"},
		{"llama.attention.head_count_kv", []int32{2, 1}, "llama.attention.head_count_kv differs"},
		{"llama.attention.key_length", uint32(7), "llama.attention.value_length is 8 and key_length 7"},
		{"llama.attention.value_length", uint32(16), "llama.attention.value_length is 16"},
		{"llama.attention.layer_norm_rms_epsilon", nil, "llama.attention.layer_norm_rms_epsilon is missing"},
		{"llama.attention.layer_norm_rms_epsilon", float32(0), "norm epsilon is 0"},
		{"llama.attention.layer_norm_rms_epsilon", uint32(1), "not a number with a fraction"},
		{"llama.rope.freq_base", float32(-1), "rope_theta is -1"},
		{"llama.rope.dimension_count", uint32(4), "llama.rope.dimension_count is 4"},
		{"llama.context_length", uint32(0), "number of positions is 0"},
		{"llama.vocab_size", uint32(17), "token_embd.weight"},
		{"llama.vocab_size", nil, "vocabulary size is 0"},
		{"llama.rope.scaling.type", "yarn", `llama.rope.scaling.type is "yarn"`},
		{"llama.rope.scaling.factor", float32(8), "llama.rope.scaling.factor is 8"},
		{"llama.expert_count", uint32(8), "mixtures of experts"},
		{"llama.attention.sliding_window", uint32(64), "attention windows"},
		{"llama.attention.temperature_scale", float32(0.1), "temperature"},
		{"general.alignment", uint32(3), "general.alignment is 3"},
		{"split.count", uint32(3), "split.count is 3 but the file's name speaks of 1"},
		{"split.count", "all", `split.count is "all"`},
		{"split.count", uint32(99999), "split.count is 99999, not a number of files"},
		{"split.count", uint64(1 << 63), "split.count is a number out of range"},
		{"split.no", uint32(1), "split.no is 1 where 0 is expected"},
	} {
		cfg := tiny()
		cfg.Vision = nil
		text, _ := weightstest.GGUFTensors(cfg, weightstest.Options{Value: cheap})
		refusedGGUF(t, change(weightstest.GGUFText("llama", cfg), c.key, c.value), text, c.key, c.want)
	}
}

// change replaces, adds or (nil) removes a key.
func change(pairs []weightstest.Pair, key string, value any) []weightstest.Pair {
	pairs = slices.DeleteFunc(pairs, func(p weightstest.Pair) bool { return p.Key == key })
	if value == nil {
		return pairs
	}
	return append(pairs, weightstest.Pair{Key: key, Value: value})
}

func refusedGGUF(t *testing.T, pairs []weightstest.Pair, tensors []weightstest.Tensor, what, want string) {
	t.Helper()
	dir := t.TempDir()
	file := weightstest.EncodeGGUF(pairs, tensors)
	put(t, dir, "model.gguf", string(file))
	c, err := openFrugally(t, filepath.Join(dir, "model.gguf"), what, len(file))
	if err == nil {
		c.Close()
		t.Errorf("%s: accepted, want a sentence with %q", what, want)
	} else if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "model.gguf") || len(err.Error()) > 2000 {
		t.Errorf("%s: got %v\nwant a sentence with %q", what, err, want)
	}
}

func TestVisionKeysThatLie(t *testing.T) {
	for _, c := range []struct {
		key   string
		value any
		want  string
	}{
		{"general.architecture", "llama", `general.architecture is "llama"; a vision file says clip`},
		{"clip.projector_type", "ldp", `clip.projector_type is "ldp"`},
		{"clip.projector_type", nil, `clip.projector_type is ""`},
		{"clip.vision.block_count", nil, "clip.vision.block_count is missing"},
		{"clip.vision.block_count", uint32(3), "lacks 9 tensors that its metadata asks for: v.blk.2.attn_q.weight"},
		{"clip.vision.embedding_length", uint32(24), "mmproj.gguf has shape"},
		{"clip.vision.attention.head_count", uint32(3), "cannot be shared out"},
		{"clip.vision.patch_size", uint32(0), "patch size is 0"},
		{"clip.vision.image_size", uint32(1), "image size is 1"},
		{"clip.vision.spatial_merge_size", uint32(9), "merge size is 9"},
		{"clip.vision.projection_dim", uint32(9), "do not belong together"},
		{"clip.vision.attention.layer_norm_epsilon", float32(2), "norm epsilon is 2"},
		{"clip.use_silu", uint32(1), "clip.use_silu is 1, neither true nor false"},
	} {
		cfg, dir := tiny(), t.TempDir()
		text, vision := weightstest.GGUFTensors(cfg, weightstest.Options{Value: cheap})
		put(t, dir, "model.gguf", string(weightstest.EncodeGGUF(weightstest.GGUFText("llama", cfg), text)))
		pairs := change(weightstest.GGUFVision(cfg), c.key, c.value)
		if c.key == "clip.use_silu" {
			pairs = change(pairs, "clip.use_gelu", true)
		}
		put(t, dir, "mmproj.gguf", string(weightstest.EncodeGGUF(pairs, vision)))
		opened, err := checkpoint.OpenWith(filepath.Join(dir, "model.gguf"), checkpoint.Options{MMProj: filepath.Join(dir, "mmproj.gguf")})
		if err == nil {
			opened.Close()
			t.Errorf("%s: accepted, want %q", c.key, c.want)
		} else if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: got %v\nwant %q", c.key, err, c.want)
		}
	}
}

func TestGGUFTensorsThatLie(t *testing.T) {
	for want, spoil := range map[string]func([]weightstest.Tensor) []weightstest.Tensor{
		"lacks 1 tensor that its metadata asks for: token_embd.weight": func(ts []weightstest.Tensor) []weightstest.Tensor { return ts[1:] },
		"lacks 20 tensors": func([]weightstest.Tensor) []weightstest.Tensor { return nil },
		"has shape [16 8] where": func(ts []weightstest.Tensor) []weightstest.Tensor {
			ts[1].Shape = []int{16, 8}
			ts[1].Data = ts[1].Data[:256]
			return ts
		},
		`"blk.0.attn_q.weight": it is stored as IQ2_XS`: func(ts []weightstest.Tensor) []weightstest.Tensor { ts[1].Type = "IQ2_XS"; return ts },
		"blk.0.attn_q.bias; biases there":               extra("blk.0.attn_q.bias"),
		"rope_freqs.weight scales":                      extra("rope_freqs.weight"),
		`tensor "norm" is listed twice`: func(ts []weightstest.Tensor) []weightstest.Tensor {
			return append(extra("norm")(ts), extra("norm")(nil)...)
		},
	} {
		cfg := tiny()
		cfg.Vision = nil
		text, _ := weightstest.GGUFTensors(cfg, weightstest.Options{Value: cheap})
		refusedGGUF(t, weightstest.GGUFText("llama", cfg), spoil(text), want, want)
	}
}

// extra adds a tensor that the model has no use for.
func extra(name string) func([]weightstest.Tensor) []weightstest.Tensor {
	return func(ts []weightstest.Tensor) []weightstest.Tensor {
		return append(ts, weightstest.Tensor{Name: name, Type: checkpoint.F32, Shape: []int{2}, Data: make([]byte, 8)})
	}
}

func TestBrokenParts(t *testing.T) {
	fresh := func() (dir, first string) {
		dir, cfg := t.TempDir(), tiny()
		cfg.Vision = nil
		first, err := weightstest.GGUFFolder(dir, cfg, weightstest.Options{Value: cheap, Shards: 3})
		if err != nil {
			t.Fatal(err)
		}
		return dir, first
	}
	dir, first := fresh()
	second, third := filepath.Base(weightstest.GGUFPart(dir, 1, 3)), filepath.Base(weightstest.GGUFPart(dir, 2, 3))
	open(t, filepath.Join(dir, second)) // any part stands for all of them

	remove(t, dir, third)
	failsWith(t, first, first, "one of 3 parts", third)
	dir, first = fresh()
	remove(t, dir, filepath.Base(first))
	failsWith(t, filepath.Join(dir, second), second, filepath.Base(first), "fetch the rest")

	dir, first = fresh() // each part says it is the one before
	copyFile(t, first, filepath.Join(dir, second))
	failsWith(t, first, second, "split.no is 0 where 1 is expected")
	dir, first = fresh()
	copyFile(t, filepath.Join(dir, second), filepath.Join(dir, third))
	failsWith(t, first, third, "split.no is 1 where 2 is expected")
	copyFile(t, filepath.Join(dir, second), first)
	failsWith(t, first, filepath.Base(first), "general.architecture is missing")

	dir, first = fresh() // the parts of a model in four parts under the names of three
	put(t, dir, second, string(weightstest.EncodeGGUF(keys("split.no", uint32(1), "split.count", uint32(4)), nil)))
	failsWith(t, first, second, "split.count is 4 where 3 is expected")
	put(t, dir, second, string(weightstest.EncodeGGUF(keys("split.no", uint32(1), "split.count", uint32(3)), nil)))
	failsWith(t, first, "split.tensors.count is 21 but the 3 parts hold 14 tensors")
	put(t, dir, second, string(weightstest.EncodeGGUF(keys("split.count", uint32(3)), nil)))
	failsWith(t, first, second, "split.no is 0 where 1 is expected")

	dir, first = fresh()
	if err := os.Rename(first, filepath.Join(dir, "first.gguf")); err != nil {
		t.Fatal(err)
	}
	failsWith(t, filepath.Join(dir, "first.gguf"), "first.gguf", "split.count is 3", "keep the names")
}

// A download that stopped anywhere is refused, never misread.
func TestGGUFTruncatedAnywhere(t *testing.T) {
	dir := t.TempDir()
	cfg := tiny()
	cfg.Vision = nil
	path, err := weightstest.GGUFFolder(dir, cfg, weightstest.Options{Value: cheap})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for size := int64(len(whole)); ; {
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		if size < int64(len(whole)) {
			c, err := checkpoint.Open(path)
			if err == nil {
				c.Close()
				t.Errorf("cut after %d of %d bytes: accepted", size, len(whole))
			} else if !strings.Contains(err.Error(), path) {
				t.Errorf("cut after %d of %d bytes: %v", size, len(whole), err)
			}
		}
		if size == 0 {
			return
		}
		size -= min(size, 32+random.Int64N(int64(len(whole)/100))) // ends with up to 31 bytes of padding
	}
}
