package checkpoint

import (
	"fmt"
	"strings"

	"sirocco/model/config"
)

// Need is one tensor a model has, by its canonical name.
type Need struct {
	Name     string
	Shape    []int // [out, in] for matrices
	HeadDim  int   // rows of one head where rotary positions turn rows in pairs, else 0
	Optional bool  // only output.weight: without it the embeddings are tied

	hf     string   // Hugging Face's name after one of the prefixes
	prefix []string // its spellings over the years, the oldest first
}

// visionPrefix begins the canonical names of the tower's tensors.
const visionPrefix = "vision_encoder."

// The beginnings of names: transformers 4, transformers 5, and for the decoder
// those of a text-only checkpoint.
var (
	textPrefix      = []string{"language_model.model.", "model.language_model.", "model."}
	headPrefix      = []string{"language_model.", ""}
	towerPrefix     = []string{"vision_tower.", "model.vision_tower."}
	projectorPrefix = []string{"multi_modal_projector.", "model.multi_modal_projector."}
)

// naming is one way of naming tensors.
type naming int

const (
	mistralNames naming = iota
	hfNames
	llamaNames  // GGUF as llama.cpp converts
	ollamaNames // GGUF as Ollama converts
)

// spellings are the names under which files may keep the tensor.
func (n Need) spellings(by naming) []string {
	switch by {
	case mistralNames:
		return []string{n.Name}
	case llamaNames, ollamaNames:
		return []string{ggufName(n.Name, by)}
	}
	names := make([]string, len(n.prefix))
	for i, prefix := range n.prefix {
		names[i] = prefix + n.hf
	}
	return names
}

// halfSplit says whether files of this naming keep the tensor's rows in Hugging Face's order. Ollama reorders the rows of the
// decoder and leaves those of the tower (docs/model.md, 2.5).
func (n Need) halfSplit(by naming) bool {
	return n.HeadDim > 0 && (by == hfNames || by == ollamaNames && strings.HasPrefix(n.Name, visionPrefix))
}

// Required lists every tensor of a model (docs/model.md, 2.1 and 2.2), in the order in
// which the published shards hold them. cfg must be valid.
func Required(cfg config.Config) []Need {
	var needs []Need
	if cfg.Vision != nil {
		needs = append(needs, tower(*cfg.Vision)...)
		needs = append(needs, projector(*cfg.Vision, cfg.Text.Dim)...)
	}
	return append(needs, text(cfg.Text)...)
}

func tower(v config.Vision) []Need {
	at := func(name string, shape ...int) Need {
		return Need{Name: visionPrefix + name, Shape: shape, hf: name, prefix: towerPrefix}
	}
	needs := []Need{
		at("patch_conv.weight", v.Hidden, v.Channels, v.PatchSize, v.PatchSize),
		at("ln_pre.weight", v.Hidden),
	}
	for n := range v.Layers {
		needs = append(needs, block{
			prefix: towerPrefix, mistral: fmt.Sprintf(visionPrefix+"transformer.layers.%d.", n),
			hf:   fmt.Sprintf("transformer.layers.%d.", n),
			attn: "attention.", ffn: "feed_forward.", norm1: "attention_norm", norm2: "ffn_norm",
			width: v.Hidden, q: v.Hidden, kv: v.Hidden, wide: v.FFN, headDim: v.HeadDim,
		}.needs()...)
	}
	return needs
}

func projector(v config.Vision, dim int) []Need {
	at := func(name, hf string, shape ...int) Need {
		return Need{Name: name, Shape: shape, hf: hf, prefix: projectorPrefix}
	}
	needs := []Need{
		at("pre_mm_projector_norm.weight", "norm.weight", v.Hidden),
		at("patch_merger.merging_layer.weight", "patch_merger.merging_layer.weight", v.Hidden, v.Hidden*v.Merge*v.Merge),
		at("vision_language_adapter.w_in.weight", "linear_1.weight", dim, v.Hidden),
		at("vision_language_adapter.w_out.weight", "linear_2.weight", dim, dim),
	}
	if v.ProjectorBias {
		needs = append(needs,
			at("vision_language_adapter.w_in.bias", "linear_1.bias", dim),
			at("vision_language_adapter.w_out.bias", "linear_2.bias", dim))
	}
	return needs
}

func text(t config.Text) []Need {
	at := func(name, hf string, shape ...int) Need {
		return Need{Name: name, Shape: shape, hf: hf, prefix: textPrefix}
	}
	needs := []Need{at("tok_embeddings.weight", "embed_tokens.weight", t.Vocab, t.Dim)}
	for n := range t.Layers {
		layer := fmt.Sprintf("layers.%d.", n)
		needs = append(needs, block{
			prefix: textPrefix, mistral: layer, hf: layer,
			attn: "self_attn.", ffn: "mlp.", norm1: "input_layernorm", norm2: "post_attention_layernorm",
			width: t.Dim, q: t.QueryWidth(), kv: t.KVWidth(), wide: t.FFN, headDim: t.HeadDim,
		}.needs()...)
	}
	return append(needs, at("norm.weight", "norm.weight", t.Dim),
		Need{Name: "output.weight", Shape: []int{t.Vocab, t.Dim}, Optional: true, hf: "lm_head.weight", prefix: headPrefix})
}

// block is one transformer layer; tower and decoder differ in names and widths.
type block struct {
	prefix                  []string
	mistral, hf             string // what comes before the layer's own names
	attn, ffn, norm1, norm2 string // Hugging Face's words
	width, q, kv, wide      int    // of the layer, its queries, its keys and values, its feed-forward
	headDim                 int
}

func (b block) needs() []Need {
	at := func(name, hf string, headDim int, shape ...int) Need {
		return Need{Name: b.mistral + name, Shape: shape, HeadDim: headDim, hf: b.hf + hf, prefix: b.prefix}
	}
	return []Need{
		at("attention.wq.weight", b.attn+"q_proj.weight", b.headDim, b.q, b.width),
		at("attention.wk.weight", b.attn+"k_proj.weight", b.headDim, b.kv, b.width),
		at("attention.wv.weight", b.attn+"v_proj.weight", 0, b.kv, b.width),
		at("attention.wo.weight", b.attn+"o_proj.weight", 0, b.width, b.q),
		at("feed_forward.w1.weight", b.ffn+"gate_proj.weight", 0, b.wide, b.width),
		at("feed_forward.w3.weight", b.ffn+"up_proj.weight", 0, b.wide, b.width),
		at("feed_forward.w2.weight", b.ffn+"down_proj.weight", 0, b.width, b.wide),
		at("attention_norm.weight", b.norm1+".weight", 0, b.width),
		at("ffn_norm.weight", b.norm2+".weight", 0, b.width),
	}
}
