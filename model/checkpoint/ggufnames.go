package checkpoint

import "strings"

// ggufName is the name a GGUF file gives to a tensor: after its place in the model, blk.N in the decoder, v.blk.N in the
// tower, mm in the projector (docs/model.md, 2.4 and 2.5). llama.cpp and Ollama have different words for the last two.
func ggufName(canonical string, by naming) string {
	name := ggufWords.Replace(canonical)
	if name == "norm.weight" {
		return "output_norm.weight"
	}
	if rest, ok := strings.CutPrefix(name, visionPrefix); ok {
		name = "v." + rest
	}
	isVision := strings.HasPrefix(name, "v.") || strings.HasPrefix(name, "mm.")
	switch {
	case isVision && by == llamaNames:
		return llamaVision.Replace(name)
	case isVision:
		return strings.Replace(name, "ln_pre.", "encoder_norm.", 1)
	}
	return name
}

var ggufWords = strings.NewReplacer(
	"transformer.layers.", "blk.", "layers.", "blk.",
	"attention.wq.", "attn_q.", "attention.wk.", "attn_k.", "attention.wv.", "attn_v.", "attention.wo.", "attn_output.",
	"feed_forward.w1.", "ffn_gate.", "feed_forward.w2.", "ffn_down.", "feed_forward.w3.", "ffn_up.",
	"attention_norm.", "attn_norm.", "tok_embeddings.", "token_embd.",
	"pre_mm_projector_norm.", "mm.norm.", "patch_merger.merging_layer.", "mm.patch_merger.merging_layer.",
	"vision_language_adapter.w_in.", "mm.linear_1.", "vision_language_adapter.w_out.", "mm.linear_2.",
)

var llamaVision = strings.NewReplacer(
	"v.patch_conv.", "v.patch_embd.", "v.ln_pre.", "v.pre_ln.",
	".attn_norm.", ".ln1.", ".ffn_norm.", ".ln2.", ".attn_output.", ".attn_out.",
	"mm.norm.", "mm.input_norm.", "mm.patch_merger.merging_layer.", "mm.patch_merger.",
	"mm.linear_1.", "mm.1.", "mm.linear_2.", "mm.2.",
)

// LlamaName is the name that llama.cpp's files give to a tensor.
func LlamaName(canonical string) string { return ggufName(canonical, llamaNames) }
