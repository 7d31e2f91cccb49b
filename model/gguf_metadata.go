package model

import (
	"strings"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/gguf"
	"sirocco/model/config"
	"sirocco/model/tokenizer"
)

// The kinds of tokens in tokenizer.ggml.token_type.
const (
	tokenNormal  = 1
	tokenControl = 3
)

// vocabularyPairs are the keys of a vocabulary in llama.cpp's form, so that a kept file needs no tekken.json beside it, here or in
// other programs. The last says which template belongs to it, which other files leave to be guessed.
func vocabularyPairs(t *tokenizer.Tokenizer) []gguf.Pair {
	v := t.Vocabulary()
	kinds := make([]int32, len(v.Tokens))
	for id := range kinds {
		kinds[id] = tokenNormal
		if t.IsSpecial(int32(id)) {
			kinds[id] = tokenControl
		}
	}
	pairs := []gguf.Pair{
		{Key: "tokenizer.ggml.model", Value: "gpt2"}, {Key: "tokenizer.ggml.pre", Value: "tekken"},
		{Key: "tokenizer.ggml.tokens", Value: v.Tokens}, {Key: "tokenizer.ggml.token_type", Value: kinds},
		{Key: "tokenizer.ggml.merges", Value: t.Merges()},
		{Key: "tokenizer.ggml.add_bos_token", Value: true}, {Key: "tokenizer.ggml.add_space_prefix", Value: false},
		{Key: checkpoint.TekkenVersion, Value: v.Version},
	}
	for key, name := range map[string]string{"unknown": "<unk>", "bos": "<s>", "eos": "</s>", "padding": "<pad>"} {
		if id, ok := t.Special(name); ok {
			pairs = append(pairs, gguf.Pair{Key: "tokenizer.ggml." + key + "_token_id", Value: uint32(id)})
		}
	}
	return pairs
}

// fileTypes is what llama.cpp calls a file that is packed mostly so.
var fileTypes = map[string]uint32{"q4": 2, "q8": 7}

// textPairs are the keys of a text model as llama.cpp names them.
func textPairs(c config.Config) []gguf.Pair {
	t := c.Text
	return prefixed("llama", []gguf.Pair{
		{Key: "general.architecture", Value: "llama"}, {Key: "general.type", Value: "model"}, {Key: "general.name", Value: c.Name},
		{Key: "general.quantization_version", Value: uint32(2)},
		{Key: ".block_count", Value: uint32(t.Layers)}, {Key: ".context_length", Value: uint32(t.MaxPositions)},
		{Key: ".embedding_length", Value: uint32(t.Dim)}, {Key: ".feed_forward_length", Value: uint32(t.FFN)},
		{Key: ".attention.head_count", Value: uint32(t.Heads)}, {Key: ".attention.head_count_kv", Value: uint32(t.KVHeads)},
		{Key: ".attention.key_length", Value: uint32(t.HeadDim)}, {Key: ".attention.value_length", Value: uint32(t.HeadDim)},
		{Key: ".attention.layer_norm_rms_epsilon", Value: float32(t.NormEps)}, {Key: ".rope.freq_base", Value: float32(t.RopeTheta)},
		{Key: ".rope.dimension_count", Value: uint32(t.HeadDim)}, {Key: ".vocab_size", Value: uint32(t.Vocab)},
	})
}

// visionPairs are the keys of a vision file.
func visionPairs(c config.Config) []gguf.Pair {
	v := c.Vision
	return prefixed("clip", []gguf.Pair{
		{Key: "general.architecture", Value: "clip"}, {Key: "general.type", Value: "mmproj"}, {Key: "general.name", Value: c.Name},
		{Key: ".has_vision_encoder", Value: true}, {Key: ".projector_type", Value: "pixtral"},
		{Key: ".use_silu", Value: v.Activation == config.SiLU}, {Key: ".use_gelu", Value: v.Activation == config.GELU},
		{Key: ".vision.attention.layer_norm_epsilon", Value: float32(v.NormEps)}, {Key: ".vision.projection_dim", Value: uint32(c.Text.Dim)},
		{Key: ".vision.spatial_merge_size", Value: uint32(v.Merge)}, {Key: ".vision.block_count", Value: uint32(v.Layers)},
		{Key: ".vision.embedding_length", Value: uint32(v.Hidden)}, {Key: ".vision.feed_forward_length", Value: uint32(v.FFN)},
		{Key: ".vision.attention.head_count", Value: uint32(v.Heads)}, {Key: ".vision.image_size", Value: uint32(v.ImageSize)},
		{Key: ".vision.patch_size", Value: uint32(v.PatchSize)},
	})
}

// prefixed completes the keys that begin with a dot.
func prefixed(architecture string, pairs []gguf.Pair) []gguf.Pair {
	for i := range pairs {
		if strings.HasPrefix(pairs[i].Key, ".") {
			pairs[i].Key = architecture + pairs[i].Key
		}
	}
	return pairs
}
