package weightstest

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/ggml"
	"sirocco/model/config"
)

// Pair is one key of a GGUF file and its value: uint32, uint64, float32, bool, string, []string or []int32.
type Pair struct {
	Key   string
	Value any
}

// GGUFAlignment is that of the files written here.
const GGUFAlignment = 32

// ggufTypes are the numbers of all types that have a name.
var ggufTypes = func() map[checkpoint.Type]uint32 {
	numbers := map[checkpoint.Type]uint32{}
	for n := range uint32(64) {
		numbers[checkpoint.Type(ggml.Type(n).String())] = n
	}
	return numbers
}()

// EncodeGGUF lays keys and tensors out as one GGUF file of version 3.
func EncodeGGUF(pairs []Pair, tensors []Tensor) []byte {
	sizes := make([]int64, len(tensors))
	for i, t := range tensors {
		sizes[i] = int64(len(t.Data))
	}
	file, _ := GGUFHeader(pairs, tensors, sizes)
	for _, t := range tensors {
		file = append(pad(file), t.Data...)
	}
	return pad(file)
}

// GGUFHeader is the header of a file whose tensors have so many bytes each, and the length of the whole file. Tests of full
// size write it into a file that is otherwise a hole.
func GGUFHeader(pairs []Pair, tensors []Tensor, sizes []int64) (file []byte, length int64) {
	file = []byte("GGUF")
	file = binary.LittleEndian.AppendUint32(file, 3)
	file = binary.LittleEndian.AppendUint64(file, uint64(len(tensors)))
	file = binary.LittleEndian.AppendUint64(file, uint64(len(pairs)))
	for _, p := range pairs {
		file = appendValue(appendText(file, p.Key), p.Value)
	}
	for i, t := range tensors {
		file = binary.LittleEndian.AppendUint32(appendText(file, t.Name), uint32(len(t.Shape)))
		for i := range t.Shape {
			file = binary.LittleEndian.AppendUint64(file, uint64(t.Shape[len(t.Shape)-1-i]))
		}
		file = binary.LittleEndian.AppendUint32(file, ggufTypes[t.Type])
		file = binary.LittleEndian.AppendUint64(file, uint64(length))
		length += (sizes[i] + GGUFAlignment - 1) / GGUFAlignment * GGUFAlignment
	}
	return file, length + int64(len(pad(file)))
}

func pad(file []byte) []byte {
	return append(file, make([]byte, (GGUFAlignment-len(file)%GGUFAlignment)%GGUFAlignment)...)
}

func appendText(file []byte, text string) []byte {
	return append(binary.LittleEndian.AppendUint64(file, uint64(len(text))), text...)
}

// appendValue panics on a type that Pair does not list, a mistake in the test that calls it.
func appendValue(file []byte, value any) []byte {
	le := binary.LittleEndian
	switch v := value.(type) {
	case uint32:
		return le.AppendUint32(le.AppendUint32(file, 4), v)
	case uint64:
		return le.AppendUint64(le.AppendUint32(file, 10), v)
	case float32:
		return le.AppendUint32(le.AppendUint32(file, 6), math.Float32bits(v))
	case bool:
		file = le.AppendUint32(file, 7)
		if v {
			return append(file, 1)
		}
		return append(file, 0)
	case string:
		return appendText(le.AppendUint32(file, 8), v)
	case []string:
		file = le.AppendUint64(le.AppendUint32(le.AppendUint32(file, 9), 8), uint64(len(v)))
		for _, text := range v {
			file = appendText(file, text)
		}
		return file
	case []int32:
		file = le.AppendUint64(le.AppendUint32(le.AppendUint32(file, 9), 5), uint64(len(v)))
		for _, n := range v {
			file = le.AppendUint32(file, uint32(n))
		}
		return file
	}
	panic(fmt.Sprintf("a GGUF file cannot hold %T", value))
}

// GGUFText are the keys of a text model. Under mistral3 a tower is described as Ollama does.
func GGUFText(architecture string, cfg config.Config) []Pair {
	t := cfg.Text
	pairs := []Pair{
		{"general.architecture", architecture}, {"general.type", "model"}, {"general.alignment", uint32(GGUFAlignment)},
		{".block_count", uint32(t.Layers)}, {".context_length", uint32(t.MaxPositions)}, {".embedding_length", uint32(t.Dim)},
		{".feed_forward_length", uint32(t.FFN)}, {".attention.head_count", uint32(t.Heads)},
		{".attention.head_count_kv", uint32(t.KVHeads)}, {".attention.key_length", uint32(t.HeadDim)},
		{".attention.value_length", uint32(t.HeadDim)}, {".attention.layer_norm_rms_epsilon", float32(t.NormEps)},
		{".rope.freq_base", float32(t.RopeTheta)}, {".rope.dimension_count", uint32(t.HeadDim)}, {".vocab_size", uint32(t.Vocab)},
	}
	if v := cfg.Vision; v != nil && architecture == "mistral3" {
		pairs = append(pairs, visionPairs(".vision", v)...)
		pairs = append(pairs, Pair{".vision.num_channels", uint32(v.Channels)}, Pair{".vision.attention.key_length", uint32(v.HeadDim)},
			Pair{".vision.rope.freq_base", float32(v.RopeTheta)}, Pair{".spatial_merge_size", uint32(v.Merge)},
			Pair{".image_token_index", uint32(v.ImageToken)}, Pair{".mm.projector_bias", v.ProjectorBias}, Pair{".mm.projector_hidden_act", "gelu"})
	}
	return prefixed(architecture, pairs)
}

// GGUFVision are the keys of a vision file of llama.cpp.
func GGUFVision(cfg config.Config) []Pair {
	v := cfg.Vision
	pairs := []Pair{
		{"general.architecture", "clip"}, {"general.type", "mmproj"},
		{".has_vision_encoder", true}, {".projector_type", "pixtral"}, {".use_silu", v.Activation == config.SiLU}, {".use_gelu", v.Activation == config.GELU},
		{".vision.attention.layer_norm_epsilon", float32(v.NormEps)}, {".vision.projection_dim", uint32(cfg.Text.Dim)},
		{".vision.spatial_merge_size", uint32(v.Merge)},
	}
	return prefixed("clip", append(pairs, visionPairs(".vision", v)...))
}

func visionPairs(at string, v *config.Vision) []Pair {
	return []Pair{
		{at + ".block_count", uint32(v.Layers)}, {at + ".embedding_length", uint32(v.Hidden)}, {at + ".feed_forward_length", uint32(v.FFN)},
		{at + ".attention.head_count", uint32(v.Heads)}, {at + ".image_size", uint32(v.ImageSize)}, {at + ".patch_size", uint32(v.PatchSize)},
	}
}

// prefixed completes the keys that begin with a dot.
func prefixed(architecture string, pairs []Pair) []Pair {
	for i := range pairs {
		if strings.HasPrefix(pairs[i].Key, ".") {
			pairs[i].Key = architecture + pairs[i].Key
		}
	}
	return pairs
}

// GGUFTensors are a model's tensors as llama.cpp (style Mistral, interleaved rows everywhere) or Ollama (style HFOld, rows of
// the tower half-split) keep them: norms in F32, matrices in the type of the options.
func GGUFTensors(cfg config.Config, o Options) (text, vision []Tensor) {
	value := o.Value
	if value == nil {
		value = Value
	}
	for _, need := range checkpoint.Required(cfg) {
		if need.Optional && o.Tied {
			continue
		}
		name, isVision := GGUFName(need.Name, o.Style)
		kind := KindOf(need, o.Type, isVision)
		t := Tensor{name, kind, need.Shape, Pack(kind, fill(need, o.Style == HFOld && isVision, value))}
		if isVision {
			vision = append(vision, t)
		} else {
			text = append(text, t)
		}
	}
	return text, vision
}

// KindOf is the type in which a GGUF file of the given type keeps a tensor: norms are F32, and beside quantised matrices the
// tower is F16, as people have it.
func KindOf(need checkpoint.Need, kind checkpoint.Type, isVision bool) checkpoint.Type {
	switch {
	case len(need.Shape) == 1:
		return checkpoint.F32
	case kind == "":
		return checkpoint.BF16
	case kind.Size() == 0 && isVision:
		return checkpoint.F16
	}
	return kind
}

// GGUFName is what a style calls a tensor, and whether it belongs to the tower or the projector.
func GGUFName(canonical string, style Style) (name string, isVision bool) {
	isVision = strings.Contains(canonical, "vision") || strings.Contains(canonical, "mm_projector") || strings.Contains(canonical, "patch_merger")
	switch {
	case canonical == "norm.weight":
		return "output_norm.weight", false
	case style == HFOld:
		return toOllama.Replace(toGGUF.Replace(canonical)), isVision
	}
	return toLlama.Replace(toGGUF.Replace(canonical)), isVision
}

// What names become in llama.cpp's files; towers are marked so that the next table finds them.
var toGGUF = strings.NewReplacer(
	"vision_encoder.transformer.layers.", "v.blk.", "vision_encoder.", "v.", "layers.", "blk.",
	".attention.wq", ".attn_q", ".attention.wk", ".attn_k", ".attention.wv", ".attn_v", ".attention.wo", ".attn_output",
	".feed_forward.w1", ".ffn_gate", ".feed_forward.w2", ".ffn_down", ".feed_forward.w3", ".ffn_up",
	".attention_norm", ".attn_norm", "tok_embeddings", "token_embd",
)

var toOllama = strings.NewReplacer(
	"v.ln_pre", "v.encoder_norm", "pre_mm_projector_norm", "mm.norm", "patch_merger.merging_layer", "mm.patch_merger.merging_layer",
	"vision_language_adapter.w_in", "mm.linear_1", "vision_language_adapter.w_out", "mm.linear_2",
)

// toLlama names the layers of a tower of at most 24.
var toLlama = strings.NewReplacer(append(llamaBlocks(24),
	"v.ln_pre", "v.pre_ln", "v.patch_conv", "v.patch_embd", "pre_mm_projector_norm", "mm.input_norm", "patch_merger.merging_layer", "mm.patch_merger",
	"vision_language_adapter.w_in", "mm.1", "vision_language_adapter.w_out", "mm.2",
)...)

func llamaBlocks(count int) (words []string) {
	for n := range count {
		at := fmt.Sprintf("v.blk.%d.", n)
		words = append(words, at+"attn_norm", at+"ln1", at+"ffn_norm", at+"ln2", at+"attn_output", at+"attn_out")
	}
	return words
}

// GGUFFolder writes a model as text.gguf (in so many parts as the options' Shards) and, where it has a tower, mmproj.gguf. It
// returns the path to be opened.
func GGUFFolder(dir string, cfg config.Config, o Options) (string, error) {
	text, vision := GGUFTensors(cfg, o)
	if len(vision) > 0 {
		if err := os.WriteFile(filepath.Join(dir, "mmproj.gguf"), EncodeGGUF(GGUFVision(cfg), vision), 0o644); err != nil {
			return "", err
		}
	}
	pairs := GGUFText("llama", cfg)
	if o.Shards < 2 {
		path := filepath.Join(dir, "text.gguf")
		return path, os.WriteFile(path, EncodeGGUF(pairs, text), 0o644)
	}
	for n := range o.Shards {
		split := []Pair{{"split.no", uint32(n)}, {"split.count", uint32(o.Shards)}, {"split.tensors.count", uint32(len(text))}}
		if n == 0 {
			split = append(pairs, split...)
		}
		part := text[n*len(text)/o.Shards : (n+1)*len(text)/o.Shards]
		if err := os.WriteFile(GGUFPart(dir, n, o.Shards), EncodeGGUF(split, part), 0o644); err != nil {
			return "", err
		}
	}
	return GGUFPart(dir, 0, o.Shards), nil
}

// GGUFPart is the path of a part of a split model, counted from 0.
func GGUFPart(dir string, n, count int) string {
	return filepath.Join(dir, fmt.Sprintf("text-%05d-of-%05d.gguf", n+1, count))
}

// OllamaFile writes a model as one file that holds the tower too. It has no ending, as in Ollama's store.
func OllamaFile(dir string, cfg config.Config, o Options) (string, error) {
	o.Style = HFOld
	text, vision := GGUFTensors(cfg, o)
	path := filepath.Join(dir, "sha256-0123")
	return path, os.WriteFile(path, EncodeGGUF(GGUFText("mistral3", cfg), append(vision, text...)), 0o644)
}
