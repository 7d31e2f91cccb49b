package weightstest

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"

	"sirocco/model/checkpoint"
	"sirocco/model/config"
)

// Style is the layout a folder is written in.
type Style int

const (
	Mistral Style = iota // params.json, consolidated.safetensors, interleaved rows
	HFOld                // config.json and names of transformers 4, half-split rows
	HFNew                // the same of transformers 5
)

// Options say how a checkpoint is written; the zero value is Mistral's layout
// in one BF16 file with its own output matrix.
type Options struct {
	Style  Style
	Type   checkpoint.Type // BF16 when empty
	Shards int             // above 1: so many files with an index
	Tied   bool            // no output matrix
	// Value gives element i of a tensor in canonical row order. Left out,
	// norms are near 1 and everything else is small and varied.
	Value func(name string, i int) float32
}

// Small is a configuration of the real shape in miniature: heads times head
// size differs from the width, several queries share a key.
func Small() config.Config {
	return config.Config{
		Name: "small",
		Text: config.Text{
			Dim: 24, Layers: 2, HeadDim: 8, FFN: 40, Heads: 4, KVHeads: 2,
			Vocab: 64, RopeTheta: 1e6, NormEps: 1e-5, MaxPositions: 256,
		},
		Vision: &config.Vision{
			Hidden: 16, Layers: 3, Heads: 2, HeadDim: 8, FFN: 20, Channels: 3,
			PatchSize: 4, ImageSize: 32, Merge: 2, RopeTheta: 1e4, NormEps: 1e-5,
			Activation: config.SiLU, ProjectorAct: config.GELU, ProjectorNormEps: 1e-5,
			ImageToken: 10, BreakToken: 12, EndToken: 13,
		},
	}
}

// Folder writes a whole model folder: configuration and weights.
func Folder(dir string, cfg config.Config, o Options) error {
	name, text := "config.json", ConfigJSON(cfg)
	if o.Style == Mistral {
		name, text = "params.json", ParamsJSON(cfg)
	}
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
		return err
	}
	tensors := Tensors(cfg, o)
	stem := "model"
	if o.Style == Mistral {
		stem = "consolidated"
	}
	if o.Shards > 1 {
		return writeShards(dir, stem, tensors, o.Shards)
	}
	return Write(filepath.Join(dir, stem+".safetensors"), tensors)
}

func writeShards(dir, stem string, tensors []Tensor, shards int) error {
	files := map[string]string{}
	for n := range shards {
		name := fmt.Sprintf("%s-%05d-of-%05d.safetensors", stem, n+1, shards)
		part := tensors[n*len(tensors)/shards : (n+1)*len(tensors)/shards]
		for _, t := range part {
			files[t.Name] = name
		}
		if err := Write(filepath.Join(dir, name), part); err != nil {
			return err
		}
	}
	index, err := json.Marshal(map[string]any{"weight_map": files})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, stem+".safetensors.index.json"), index, 0o644)
}

// Tensors are a model's tensors as a file of the given style keeps them.
func Tensors(cfg config.Config, o Options) []Tensor {
	kind, value := o.Type, o.Value
	if kind == "" {
		kind = checkpoint.BF16
	}
	if value == nil {
		value = Value
	}
	var tensors []Tensor
	for _, need := range checkpoint.Required(cfg) {
		if need.Optional && o.Tied {
			continue
		}
		values := fill(need, o.Style != Mistral, value)
		tensors = append(tensors, Tensor{stored(need.Name, o.Style, cfg.Vision == nil), kind, need.Shape, Pack(kind, values)})
	}
	return tensors
}

// fill makes a tensor's values; half-split rows go where docs/model.md, 2.3, puts them.
func fill(need checkpoint.Need, halfSplit bool, value func(string, int) float32) []float32 {
	total := 1
	for _, d := range need.Shape {
		total *= d
	}
	width := total / need.Shape[0]
	values := make([]float32, total)
	for i := range values {
		row := i / width
		if halfSplit && need.HeadDim > 0 {
			half, j := row%2, row%need.HeadDim/2
			row = row/need.HeadDim*need.HeadDim + half*need.HeadDim/2 + j
		}
		values[row*width+i%width] = value(need.Name, i)
	}
	return values
}

// Value is the default content: a number that depends on name and place.
func Value(name string, i int) float32 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s:%d", name, i)
	noise := float32(float64(h.Sum64()>>11)/(1<<53) - 0.5)
	if strings.Contains(name, "norm") || strings.Contains(name, "ln_pre") {
		return 1 + noise/4
	}
	return noise * 0.25
}

var toHF = strings.NewReplacer(
	"vision_encoder.", "vision_tower.",
	"pre_mm_projector_norm.", "multi_modal_projector.norm.",
	"patch_merger.", "multi_modal_projector.patch_merger.",
	"vision_language_adapter.w_in.", "multi_modal_projector.linear_1.",
	"vision_language_adapter.w_out.", "multi_modal_projector.linear_2.",
	".w1.", ".gate_proj.", ".w2.", ".down_proj.", ".w3.", ".up_proj.",
	".wq.", ".q_proj.", ".wk.", ".k_proj.", ".wv.", ".v_proj.", ".wo.", ".o_proj.",
)

var toHFText = strings.NewReplacer(
	".attention.", ".self_attn.", ".feed_forward.", ".mlp.",
	".attention_norm.", ".input_layernorm.", ".ffn_norm.", ".post_attention_layernorm.",
	"tok_embeddings.", "embed_tokens.",
)

// stored is the name under which a style keeps a tensor.
func stored(name string, style Style, textOnly bool) string {
	if style == Mistral {
		return name
	}
	hf := toHF.Replace(name)
	vision := hf != name && (strings.HasPrefix(hf, "vision_tower.") || strings.HasPrefix(hf, "multi_modal"))
	switch {
	case vision && style == HFOld:
		return hf
	case vision:
		return "model." + hf
	case name == "output.weight" && style == HFOld && !textOnly:
		return "language_model.lm_head.weight"
	case name == "output.weight":
		return "lm_head.weight"
	case textOnly:
		return "model." + toHFText.Replace(hf)
	case style == HFOld:
		return "language_model.model." + toHFText.Replace(hf)
	}
	return "model.language_model." + toHFText.Replace(hf)
}

// ParamsJSON writes a configuration as Mistral does.
func ParamsJSON(cfg config.Config) []byte {
	t := cfg.Text
	params := map[string]any{
		"dim": t.Dim, "n_layers": t.Layers, "head_dim": t.HeadDim, "hidden_dim": t.FFN, "n_heads": t.Heads,
		"n_kv_heads": t.KVHeads, "rope_theta": t.RopeTheta, "norm_eps": t.NormEps, "vocab_size": t.Vocab,
		"max_position_embeddings": t.MaxPositions,
	}
	if v := cfg.Vision; v != nil {
		params["vision_encoder"] = map[string]any{
			"hidden_size": v.Hidden, "num_channels": v.Channels, "max_image_size": v.ImageSize, "patch_size": v.PatchSize,
			"rope_theta": v.RopeTheta, "intermediate_size": v.FFN, "num_hidden_layers": v.Layers,
			"num_attention_heads": v.Heads, "adapter_bias": v.ProjectorBias, "mm_projector_id": "patch_merge",
			"spatial_merge_size": v.Merge, "add_pre_mm_projector_layer_norm": true, "image_size": v.ImageSize,
			"image_token_id": v.ImageToken, "image_break_token_id": v.BreakToken, "image_end_token_id": v.EndToken,
		}
	}
	return encode(params)
}

// ConfigJSON writes a configuration as transformers 4 does.
func ConfigJSON(cfg config.Config) []byte {
	t := cfg.Text
	text := map[string]any{
		"model_type": "mistral", "hidden_size": t.Dim, "num_hidden_layers": t.Layers, "head_dim": t.HeadDim,
		"intermediate_size": t.FFN, "num_attention_heads": t.Heads, "num_key_value_heads": t.KVHeads,
		"vocab_size": t.Vocab, "rope_theta": t.RopeTheta, "rms_norm_eps": t.NormEps, "hidden_act": "silu",
		"max_position_embeddings": t.MaxPositions, "sliding_window": nil,
	}
	v := cfg.Vision
	if v == nil {
		return encode(text)
	}
	return encode(map[string]any{
		"model_type": "mistral3", "text_config": text, "image_token_index": v.ImageToken,
		"multimodal_projector_bias": v.ProjectorBias, "projector_hidden_act": v.ProjectorAct,
		"spatial_merge_size": v.Merge, "vision_feature_layer": -1,
		"vision_config": map[string]any{
			"model_type": "pixtral", "hidden_size": v.Hidden, "num_hidden_layers": v.Layers, "head_dim": v.HeadDim,
			"num_attention_heads": v.Heads, "intermediate_size": v.FFN, "num_channels": v.Channels,
			"patch_size": v.PatchSize, "image_size": v.ImageSize, "rope_theta": v.RopeTheta, "hidden_act": v.Activation,
		},
	})
}

// encode panics on what JSON cannot hold (an infinite number), a mistake in the
// test that calls it.
func encode(value any) []byte {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		panic(err)
	}
	return text
}
