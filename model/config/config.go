// Package config turns a checkpoint's own description (Mistral's params.json,
// Hugging Face's config.json or the metadata of a GGUF file) into one Config
// that holds every number the engine needs. Nothing about a model's size is
// written anywhere else.
//
// Open this file first: it holds the types. hf.go, params.go and gguf.go read
// the formats, validate.go refuses numbers no model has, fields.go and
// metadata.go read JSON and GGUF with the field's name in every complaint. The
// package reads no weights.
package config

// Config describes one Mistral3 checkpoint. It comes out of a parser already
// validated, so sizes derived from it neither overflow nor divide by zero.
type Config struct {
	Name   string // for people; the folder's name unless the caller knows better
	Text   Text
	Vision *Vision // nil: a text-only checkpoint
}

// Text is the decoder (docs/model.md, 1.1).
type Text struct {
	Dim          int // width of a token's row
	Layers       int
	HeadDim      int // even; Heads*HeadDim need not equal Dim
	FFN          int // width of the gated feed-forward
	Heads        int // query heads, a multiple of KVHeads
	KVHeads      int
	Vocab        int
	RopeTheta    float64
	NormEps      float64
	MaxPositions int
	// TiedEmbeddings says that logits are taken with the embedding table. The
	// parsers leave it false: what is stored decides, so weights.Open sets it.
	TiedEmbeddings bool
}

// Vision is the Pixtral tower and the projector behind it (docs/model.md, 1.2 and
// 1.3). The tower has no final norm; the projector's norm is the first thing
// after its last layer.
type Vision struct {
	Hidden     int // Heads*HeadDim
	Layers     int
	Heads      int
	HeadDim    int // a multiple of 4: rows and columns turn half of it each
	FFN        int
	Channels   int // 3
	PatchSize  int // pixels per side
	ImageSize  int // longest side in pixels the tower was made for
	Merge      int // patches per side that become one token
	RopeTheta  float64
	NormEps    float64
	Activation Activation // of the tower's gated feed-forward

	ProjectorAct     Activation
	ProjectorBias    bool
	ProjectorNormEps float64

	ImageToken, BreakToken, EndToken int32 // [IMG], [IMG_BREAK], [IMG_END]
}

// Activation names a function applied element by element.
type Activation string

const (
	SiLU     Activation = "silu"
	GELU     Activation = "gelu"              // the exact one, with erf
	GELUTanh Activation = "gelu_pytorch_tanh" // the tanh approximation
)

// MergedPatch is the number of pixels along one side of an image token.
func (v Vision) MergedPatch() int { return v.PatchSize * v.Merge }

// QueryWidth is the number of rows of a query matrix.
func (t Text) QueryWidth() int { return t.Heads * t.HeadDim }

// KVWidth is the number of rows of a key or value matrix.
func (t Text) KVWidth() int { return t.KVHeads * t.HeadDim }
