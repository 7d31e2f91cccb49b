package config

// ParseParams reads Mistral's params.json, the file beside
// consolidated.safetensors. Errors name the field and leave the file's name to
// the caller. What the file cannot say is as in Mistral's own inference code:
// SiLU in the tower, exact GELU in the projector, 1e-5 in the tower's norms.
func ParseParams(data []byte) (Config, error) {
	if len(data) == 0 {
		return Config{}, errEmpty
	}
	f, err := parse(data)
	if err != nil {
		return Config{}, err
	}
	refuseParams(f)
	cfg := Config{Text: Text{
		Dim:          f.int("dim"),
		Layers:       f.int("n_layers"),
		HeadDim:      f.int("head_dim"),
		FFN:          f.int("hidden_dim"),
		Heads:        f.int("n_heads"),
		Vocab:        f.int("vocab_size"),
		RopeTheta:    f.floatOr("rope_theta", hfRopeTheta),
		NormEps:      f.floatOr("norm_eps", towerNormEps),
		MaxPositions: f.intOr("max_position_embeddings", f.intOr("max_seq_len", 4096*32)),
	}}
	cfg.Text.KVHeads = f.intOr("n_kv_heads", cfg.Text.Heads)
	if f.has("vision_encoder") {
		cfg.Vision = paramsVision(f.object("vision_encoder"))
	}
	if *f.err != nil {
		return Config{}, *f.err
	}
	return cfg, cfg.Validate()
}

func refuseParams(f fields) {
	if kind := f.textOr("model_type", "transformer"); kind != "transformer" {
		f.fail("model_type is %q; this program runs Mistral's transformer with a Pixtral tower", kind)
	}
	f.refuseQuantised()
	for _, no := range [][2]string{
		{"moe", "mixtures of experts are not supported"},
		{"sliding_window", "attention windows are not supported"},
		{"_sliding_window", "attention windows are not supported"},
		{"yarn", "scaled rotary positions are not supported"},
		{"rope_scaling", "scaled rotary positions are not supported"},
		{"llama_4_scaling", "attention-temperature scaling is not supported"},
		{"use_biases", "biases are not supported"},
		{"lora", "adapters are not supported; merge them into the weights"},
		{"q_lora_rank", "latent attention is not supported"},
		{"multimodal", "only pictures are supported, not sound"},
	} {
		f.refuse(no[0], no[1])
	}
}

func paramsVision(f fields) *Vision {
	f.refuseQuantised()
	if id := f.textOr("mm_projector_id", ""); id != "patch_merge" {
		f.fail("%smm_projector_id is %q; only patch_merge, the projector of Mistral Small 3.1 and 3.2, is supported", f.path, id)
	}
	if !f.flag("add_pre_mm_projector_layer_norm") {
		f.fail("%sadd_pre_mm_projector_layer_norm is not true; only projectors that begin with a norm are supported", f.path)
	}
	v := &Vision{
		Hidden:           f.int("hidden_size"),
		Layers:           f.int("num_hidden_layers"),
		Heads:            f.int("num_attention_heads"),
		FFN:              f.int("intermediate_size"),
		Channels:         f.intOr("num_channels", defaultChannels),
		PatchSize:        f.int("patch_size"),
		ImageSize:        f.int("image_size"),
		Merge:            f.intOr("spatial_merge_size", defaultMerge),
		RopeTheta:        f.floatOr("rope_theta", hfRopeTheta),
		NormEps:          towerNormEps,
		Activation:       SiLU,
		ProjectorAct:     GELU,
		ProjectorBias:    f.flag("adapter_bias"),
		ProjectorNormEps: towerNormEps,
		ImageToken:       f.token("image_token_id", imageToken),
		BreakToken:       f.token("image_break_token_id", breakToken),
		EndToken:         f.token("image_end_token_id", endToken),
	}
	v.ImageSize = min(v.ImageSize, f.intOr("max_image_size", v.ImageSize))
	v.HeadDim = f.headDim(v.Hidden, v.Heads)
	return v
}
