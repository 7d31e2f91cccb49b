package config

import (
	"fmt"

	"sirocco/model/checkpoint/gguf"
)

// FromGGUF reads the metadata of a GGUF file that holds the text decoder, and of one that holds everything, as Ollama's do:
// those describe the tower under mistral3.vision. Errors name the key and leave the file's name to the caller. Source of the
// keys: ggml-org/llama.cpp, gguf-py/gguf/constants.py; ollama/ollama, convert/convert_mistral.go.
func FromGGUF(file *gguf.File) (Config, error) {
	word := file.Architecture()
	if err := usableArchitecture(file, word); err != nil {
		return Config{}, err
	}
	m := metadata{file, word + ".", new(error)}
	cfg := Config{Text: m.text()}
	if m.has("vision.block_count") {
		cfg.Vision = m.ollamaVision()
	}
	if *m.err != nil {
		return Config{}, *m.err
	}
	return cfg, cfg.Validate()
}

// FromMMProj reads the metadata of the file that holds the tower and the projector for a decoder.
func FromMMProj(file *gguf.File, text Text) (*Vision, error) {
	if word := file.Architecture(); word != "clip" {
		return nil, fmt.Errorf("general.architecture is %q; a vision file says clip", clip(word))
	}
	m := metadata{file, "clip.", new(error)}
	if kind := m.textOr("projector_type", m.textOr("vision.projector_type", "")); kind != "pixtral" {
		m.fail("clip.projector_type is %q; only pixtral, the tower of Mistral Small 3.1 and 3.2, is supported", kind)
	}
	v := m.llamaVision()
	if width := m.intOr("vision.projection_dim", text.Dim); width != text.Dim {
		m.fail("clip.vision.projection_dim is %d but the text model's width is %d; the two files do not belong together", width, text.Dim)
	}
	if *m.err != nil {
		return nil, *m.err
	}
	return v, Config{Text: text, Vision: v}.Validate()
}

func usableArchitecture(file *gguf.File, word string) error {
	switch {
	case word == "clip":
		return fmt.Errorf("this is a vision file (mmproj); give the text model it belongs to")
	case word == "":
		return fmt.Errorf("general.architecture is missing; this file does not describe a model")
	case word != "llama" && word != "mistral3":
		return fmt.Errorf("general.architecture is %q; this program runs Mistral3 checkpoints (llama or mistral3)", clip(word))
	}
	if kind := file.Text("general.type"); kind != "" && kind != "model" {
		return fmt.Errorf("general.type is %q; only whole models are read", clip(kind))
	}
	return nil
}

func (m metadata) text() Text {
	m.refuseScaling()
	t := Text{
		Dim:          m.int("embedding_length"),
		Layers:       m.int("block_count"),
		FFN:          m.same("feed_forward_length"),
		Heads:        m.same("attention.head_count"),
		NormEps:      m.float("attention.layer_norm_rms_epsilon"),
		MaxPositions: m.int("context_length"),
		RopeTheta:    m.floatOr("rope.freq_base", hfRopeTheta),
	}
	t.KVHeads = t.Heads
	if m.has("attention.head_count_kv") {
		t.KVHeads = m.same("attention.head_count_kv")
	}
	t.HeadDim = m.headDim("attention.key_length", t.Dim, t.Heads)
	if values := m.intOr("attention.value_length", t.HeadDim); values != t.HeadDim {
		m.fail("%sattention.value_length is %d and key_length %d; they must be the same", m.prefix, values, t.HeadDim)
	}
	// Ollama writes something else under this key (the width divided by the layers) and does not use it.
	if turned := m.intOr("rope.dimension_count", t.HeadDim); turned != t.HeadDim && !m.has("vision.block_count") {
		m.fail("%srope.dimension_count is %d; only whole heads (%d) are rotated here", m.prefix, turned, t.HeadDim)
	}
	tokens, _ := m.file.Get("tokenizer.ggml.tokens")
	t.Vocab = m.intOr("vocab_size", tokens.Len())
	return t
}

// refuseScaling refuses what would change the mathematics.
func (m metadata) refuseScaling() {
	if kind := m.textOr("rope.scaling.type", "none"); kind != "none" && kind != "" {
		m.fail("%srope.scaling.type is %q; only unscaled rotary positions are supported", m.prefix, kind)
	}
	for _, key := range []string{"rope.scaling.factor", "rope.scale_linear"} {
		if scale := m.floatOr(key, 1); scale != 1 && scale != 0 {
			m.fail("%s%s is %v; only unscaled rotary positions are supported", m.prefix, key, scale)
		}
	}
	if experts := m.intOr("expert_count", 0); experts > 0 {
		m.fail("%sexpert_count is %d; mixtures of experts are not supported", m.prefix, experts)
	}
	if scale := m.floatOr("attention.temperature_scale", 0); scale != 0 {
		m.fail("%sattention.temperature_scale is %v; attention-temperature scaling is not supported", m.prefix, scale)
	}
	if window := m.intOr("attention.sliding_window", 0); window != 0 && window < m.intOr("context_length", 0) {
		m.fail("%sattention.sliding_window is %d; attention windows are not supported", m.prefix, window)
	}
}

// llamaVision is the tower of a file of llama.cpp.
func (m metadata) llamaVision() *Vision {
	eps := m.floatOr("vision.attention.layer_norm_epsilon", towerNormEps)
	v := m.vision(eps)
	v.Merge = m.intOr("vision.spatial_merge_size", defaultMerge)
	v.ProjectorBias = m.file.Has("mm.1.bias")
	// Without either flag the tower is as in Mistral's own code, which has no other function.
	if m.flag("use_gelu") && !m.flag("use_silu") {
		v.Activation = GELU
	}
	return v
}

// ollamaVision is the tower of a file of Ollama, which stores no activation for the tower and always uses SiLU.
func (m metadata) ollamaVision() *Vision {
	v := m.vision(m.floatOr("vision.attention.layer_norm_epsilon", towerNormEps))
	v.Channels = m.intOr("vision.num_channels", defaultChannels)
	v.RopeTheta = m.floatOr("vision.rope.freq_base", hfRopeTheta)
	v.HeadDim = m.intOr("vision.attention.key_length", v.HeadDim)
	v.Merge = m.intOr("spatial_merge_size", defaultMerge)
	v.ProjectorBias = m.flag("mm.projector_bias")
	if act := m.textOr("mm.projector_hidden_act", "gelu"); act != "gelu" {
		m.fail("%smm.projector_hidden_act is %q; only gelu is supported", m.prefix, act)
	}
	if id := m.intOr("image_token_index", imageToken); id != imageToken {
		m.fail("%simage_token_index is %d; in this vocabulary it is %d", m.prefix, id, imageToken)
	}
	return v
}

// vision is what the two have in common.
func (m metadata) vision(eps float64) *Vision {
	v := &Vision{
		Hidden: m.int("vision.embedding_length"), Layers: m.int("vision.block_count"), Heads: m.int("vision.attention.head_count"),
		FFN: m.int("vision.feed_forward_length"), Channels: defaultChannels,
		PatchSize: m.int("vision.patch_size"), ImageSize: m.int("vision.image_size"),
		RopeTheta: hfRopeTheta, NormEps: eps, ProjectorNormEps: eps,
		Activation: SiLU, ProjectorAct: GELU,
		ImageToken: imageToken, BreakToken: breakToken, EndToken: endToken,
	}
	v.HeadDim = m.headDim("vision.attention.key_length", v.Hidden, v.Heads)
	return v
}
