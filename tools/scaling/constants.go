package main

// constant is a number the page rests on, with where it is from. A source of "?"
// is a guess: better known numbers belong in its place.
type constant struct {
	name   string
	value  float64
	unit   string
	source string
}

// Of the model; bytes and operations follow from the published shapes.
var (
	layerWeights = constant{"weights of the 40 layers", 22_230_220_800, "", "the checkpoint's params.json: 40 × 555,755,520"}
	headWeights  = constant{"weights of the embedding, and of the output", 671_088_640, "", "params.json: 131,072 × 5,120"}
	towerBytes   = constant{"vision tower and projector in BF16", 877_916_160, "B", "params.json: 438,958,080 weights"}
	kvBytes      = constant{"keys and values per token, 16 bits", 163_840, "B", "params.json: 2 × 40 layers × 8 heads × 128 × 2 B"}
	tokenFLOP    = constant{"work per token read", 44.46e9, "FLOP", "2 per weight of the 40 layers"}
	headFLOP     = constant{"work per token written beside that", 1.342e9, "FLOP", "2 per weight of the output"}
	patchFLOP    = constant{"vision tower per patch", 0.8065e9, "FLOP", "2 per weight of the tower's 24 layers"}
	attendFLOP   = constant{"vision tower per pair of patches", 98_304, "FLOP", "4 × 24 layers × 1,024"}
	q4Bytes      = constant{"bytes read per token, Q4_K_M", 13.95e9, "B", "llama.cpp's recipe for Q4_K_M on these shapes, less the embedding"}
	q4File       = constant{"weights, Q4_K_M", 14.33e9, "B", "llama.cpp's recipe for Q4_K_M on these shapes"}
)

// Of what engines reach.
var (
	streamShare = constant{"share of the memory's bandwidth that decoding reaches", 0.75, "", "llmfit's community data: llama.cpp on 24B Q4_K_M reaches 77 % on a 7900 XT, 69 % on a GB10; for vLLM ?"}
	mathShare   = constant{"share of the arithmetic that reading prompts reaches", 0.45, "", "?"}
	reserve     = constant{"memory kept for activations and graphs, per card", 4e9, "B", "?"}
	usable      = constant{"share of a card's memory that vLLM may take", 0.9, "", "--gpu-memory-utilization 0.9, as in the commands below"}
	reduce      = constant{"one exchange between two cards", 20e-6, "s", "?"}
	exchanges   = constant{"exchanges per step", 80, "", "Megatron's tensor parallelism: 2 per layer"}
	wgslShare   = constant{"share of 32-bit arithmetic that our shaders reach in prompts", 0.45, "", "? (aim; docs/benchmarks.md has what is measured)"}
	batchGain   = constant{"tokens of four answers at once over one by one, ours", 2.5, "×", "? (aim; docs/benchmarks.md has what is measured)"}
	price       = constant{"an H100 for an hour", 2.94, "$", "gpu.blog's list of providers: 1.90 to 2.94 on demand; the highest is taken"}
)

// card is a graphics card.
type card struct {
	name      string
	memory    float64 // bytes
	bandwidth float64 // bytes per second
	bf16      float64 // FLOP per second of dense matrices
	fp8       float64
	f32       float64
	source    string
}

var (
	h100        = card{"H100 SXM", 80e9, 3.35e12, 989e12, 1979e12, 67e12, "NVIDIA's data sheet: 80 GB, 3.35 TB/s, 989 dense BF16 and 1,979 dense FP8 TFLOPS"}
	workstation = card{"RTX 4090", 24e9, 1.008e12, 0, 0, 82.6e12, "NVIDIA's data sheet: 24 GB, 1,008 GB/s, 82.6 TFLOPS of 32 bits"}
)

// The conversation everything is counted in; chosen, not measured.
const (
	systemTokens = 600  // a system prompt like the recommended one
	textTokens   = 100  // of a question
	answerTokens = 300  // of an answer
	turns        = 4    // of a conversation; each has a picture
	pictureWide  = 1024 // pixels
	pictureHigh  = 768
	thinkSeconds = 60.0 // between an answer and the next question
	minSpeed     = 20.0 // tokens/s below which an answer feels slow
	load         = 0.7  // of what a machine could do, so that nobody waits long
)
