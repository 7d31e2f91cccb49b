package config

import (
	"encoding/json"
	"fmt"
)

// Values that transformers 4 and 5 assume when config.json leaves a field out
// (its configuration_mistral.py and configuration_pixtral.py).
const (
	hfRopeTheta     = 10000
	hfTextNormEps   = 1e-6
	hfKVHeads       = 8
	hfSlidingWindow = 4096
	hfVisionAct     = "gelu"
	hfProjectorAct  = "gelu"
	towerNormEps    = 1e-5 // written into the tower's code, in no file
	defaultChannels = 3
	defaultMerge    = 2
	imageToken      = 10
	breakToken      = 12 // config.json does not name these two
	endToken        = 13
)

// ParseHF reads Hugging Face's config.json as transformers 4 and 5 write it,
// model type mistral3, or mistral for a text-only checkpoint. Errors name the
// field and leave the file's name to the caller.
func ParseHF(data []byte) (Config, error) {
	if len(data) == 0 {
		return Config{}, errEmpty
	}
	top, err := parse(data)
	if err != nil {
		return Config{}, err
	}
	var cfg Config
	switch kind := top.textOr("model_type", ""); kind {
	case "mistral":
		if top.has("text_config") { // as Unsloth saves what it has tuned
			cfg.Text = hfText(top.required("text_config"))
			cfg.Vision = hfVision(top, cfg.Text)
			break
		}
		cfg.Text = hfText(top)
	case "mistral3":
		cfg.Text = hfText(top.required("text_config"))
		cfg.Vision = hfVision(top, cfg.Text)
	default:
		top.fail("model_type is %q; this program runs Mistral3 checkpoints (mistral3, or mistral for text alone)", kind)
	}
	if *top.err != nil {
		return Config{}, *top.err
	}
	return cfg, cfg.Validate()
}

func (f fields) required(key string) fields {
	if !f.has(key) {
		f.fail("%s%s is missing; this file does not describe the whole model", f.path, key)
	}
	return f.object(key)
}

// known says of text decoders that people have what they are.
var known = map[string]string{
	"ministral3": ": this is Ministral 3 or Devstral Small 2, whose scaled positions are not supported yet; Mistral Small 3.2, Magistral Small and Devstral Small 1 run",
}

func hfText(f fields) Text {
	if kind := f.textOr("model_type", "mistral"); kind != "mistral" {
		f.fail("%smodel_type is %q; the text decoder must be mistral%s", f.path, kind, known[kind])
	}
	refuseHF(f)
	t := Text{
		Dim:          f.int("hidden_size"),
		Layers:       f.int("num_hidden_layers"),
		FFN:          f.int("intermediate_size"),
		Heads:        f.int("num_attention_heads"),
		Vocab:        f.int("vocab_size"),
		NormEps:      f.floatOr("rms_norm_eps", hfTextNormEps),
		MaxPositions: f.intOr("max_position_embeddings", 4096*32),
		RopeTheta:    f.ropeTheta("default"),
	}
	t.KVHeads = f.hfKVHeads(t.Heads)
	t.HeadDim = f.headDim(t.Dim, t.Heads)
	if act := f.activation("hidden_act", "silu"); act != SiLU {
		f.fail("%shidden_act is %q; the text decoder must use silu", f.path, act)
	}
	// A window as long as the context changes nothing.
	window := hfSlidingWindow
	if _, written := f.raw["sliding_window"]; written {
		window = f.intOr("sliding_window", 0)
	}
	if window != 0 && window < t.MaxPositions {
		f.fail("%ssliding_window is %d (%d is assumed where the file says nothing); attention windows are not supported: a model without one says \"sliding_window\": null",
			f.path, window, hfSlidingWindow)
	}
	return t
}

// hfKVHeads: absent means the class's default, null one per query head.
func (f fields) hfKVHeads(heads int) int {
	if _, written := f.raw["num_key_value_heads"]; written {
		return f.intOr("num_key_value_heads", heads)
	}
	return hfKVHeads
}

// headDim is the stated head size, or the width shared out over the heads.
func (f fields) headDim(width, heads int) int {
	if !f.has("head_dim") && (heads <= 0 || width%heads != 0) {
		f.fail("%shead_dim is missing and hidden_size %d cannot be shared out over %d heads", f.path, width, heads)
		return 0
	}
	if f.has("head_dim") {
		return f.int("head_dim")
	}
	return width / heads
}

func refuseHF(f fields) {
	f.refuseQuantised()
	for _, key := range []string{"num_local_experts", "num_experts", "n_routed_experts", "moe"} {
		f.refuse(key, "mixtures of experts are not supported")
	}
	for _, key := range []string{"attention_bias", "mlp_bias", "use_bias"} {
		f.refuse(key, "biases are not supported")
	}
	f.refuse("llama_4_scaling", "attention-temperature scaling is not supported")
	var layers []string
	f.read("layer_types", &layers, "a list of texts")
	for _, kind := range layers {
		if kind != "full_attention" {
			f.fail("%slayer_types has %q; only full_attention is supported", f.path, clip(kind))
		}
	}
}

// ropeTheta reads rope_theta where transformers 4 (beside rope_scaling) and 5
// (inside rope_parameters) put it, and refuses every scaled kind by name.
func (f fields) ropeTheta(plain string) float64 {
	theta := f.floatOr("rope_theta", hfRopeTheta)
	for _, key := range []string{"rope_scaling", "rope_parameters"} {
		rope := f.object(key)
		kind := rope.textOr("rope_type", rope.textOr("type", "default"))
		if kind != plain && kind != "default" {
			f.fail("%s%s asks for rope type %q; only unscaled rotary positions are supported", f.path, key, kind)
		}
		if part := rope.floatOr("partial_rotary_factor", 1); part != 1 {
			f.fail("%s%s.partial_rotary_factor is %v; only whole heads are rotated here", f.path, key, part)
		}
		for _, scale := range []string{"llama_4_scaling_beta", "full_attention", "sliding_attention"} {
			rope.refuse(scale, "only one unscaled rotation for all layers is supported")
		}
		theta = rope.floatOr("rope_theta", theta)
	}
	return theta
}

func hfVision(top fields, text Text) *Vision {
	refuseHF(top)
	f := top.required("vision_config")
	if kind := f.textOr("model_type", "pixtral"); kind != "pixtral" {
		f.fail("%smodel_type is %q; the vision tower must be pixtral", f.path, kind)
	}
	refuseHF(f)
	if err := lastLayerOnly(top.raw["vision_feature_layer"]); err != nil {
		top.fail("%v", err)
	}
	v := &Vision{
		Hidden:           f.int("hidden_size"),
		Layers:           f.int("num_hidden_layers"),
		Heads:            f.int("num_attention_heads"),
		FFN:              f.int("intermediate_size"),
		Channels:         f.intOr("num_channels", defaultChannels),
		PatchSize:        f.side("patch_size"),
		ImageSize:        f.side("image_size"),
		Merge:            top.intOr("spatial_merge_size", defaultMerge),
		RopeTheta:        f.ropeTheta("axial"),
		NormEps:          towerNormEps,
		Activation:       f.activation("hidden_act", hfVisionAct),
		ProjectorAct:     top.activation("projector_hidden_act", hfProjectorAct),
		ProjectorBias:    top.flag("multimodal_projector_bias"),
		ProjectorNormEps: text.NormEps,
		ImageToken:       top.token("image_token_index", top.token("image_token_id", imageToken)),
		BreakToken:       breakToken,
		EndToken:         endToken,
	}
	v.HeadDim = f.headDim(v.Hidden, v.Heads)
	return v
}

// token reads an id; one that does not fit becomes -1, which Validate refuses.
func (f fields) token(key string, otherwise int32) int32 {
	id := f.intOr(key, int(otherwise))
	if id < 0 || id > maxVocab {
		return -1
	}
	return int32(id)
}

// lastLayerOnly accepts -1 and [-1], the one choice Mistral3 checkpoints make.
func lastLayerOnly(raw json.RawMessage) error {
	if raw == nil || string(raw) == "null" {
		return nil
	}
	var one int
	var list []int
	if json.Unmarshal(raw, &one) == nil {
		list = []int{one}
	} else if json.Unmarshal(raw, &list) != nil {
		return fmt.Errorf("vision_feature_layer is %s, not a whole number", short(raw))
	}
	if len(list) != 1 || list[0] != -1 {
		return fmt.Errorf("vision_feature_layer is %s; only -1, the tower's last layer, is supported", short(raw))
	}
	return nil
}
