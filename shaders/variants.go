package shaders

// Variant is one define of a kernel: the values that are compiled and tested, the default first, and why it exists.
type Variant struct {
	Name   string
	Values []string
	Reason string
}

var (
	weightType = Variant{"TYPE", weightTypes(), "how the matrix is stored"}
	rowForm    = Variant{"X", []string{"vec4", "padded", "scalar", "uniform", "rows"}, "rows of whole weight vectors; of whole quads; of any length; as vec4, in a uniform; each in one"}
	count      = Variant{"COUNT", []string{"4096"}, "vectors of x where it is a uniform, whose length the text declares"}
	cacheType  = Variant{"CACHE", []string{"f16", "f32", "q8"}, "how keys and values are stored"}
	headDim    = Variant{"HEAD_DIM", []string{"128", "64"}, "registers are declared by the text; any multiple of 8 works"}
)

// variants names every kernel and the defines its text takes.
var variants = map[string][]Variant{
	"add": nil,
	"attend": {
		headDim,
		cacheType,
		{"CAUSAL", []string{"1", "0"}, "text sees what came before, pictures see all of themselves"},
		{"ROWS", []string{"16"}, "queries of a workgroup, a multiple of 4, at most GROUP: each load of a key or value serves so many"},
		{"KEYS", []string{"2", "4", "8"}, "keys of an invocation in a tile: each load of a query serves so many"},
		{"GROUP", []string{"64", "16", "32"}, "invocations of a workgroup, at least HEAD_DIM/4"},
		{"QUADS", []string{"1", "2"}, "quads of dims of an invocation: each load of a weight serves so many"},
		{"SHARERS", []string{"2", "1", "4"}, "invocations that share those quads, a power of two, at most GROUP/(HEAD_DIM/4/QUADS)"},
	},
	"attend_combine": {headDim},
	"attend_split": {
		headDim,
		cacheType,
		{"HEADS", []string{"4", "1", "3", "8"}, "query heads of one workgroup, which share its keys"},
		{"GROUP", []string{"128", "32", "16"}, "invocations of a workgroup, at least HEAD_DIM/4; 128 keys are divided among them"},
	},
	"attend_weights": {headDim, cacheType},
	"copy":           nil,
	"sample":         nil,
	"sample_combine": nil,
	"embed":          {weightType},
	"fma":            nil,
	"gelu":           nil,
	"matmul": {
		weightType,
		{"X", []string{"padded", "scalar"}, "rows of whole quads; of any length"},
		{"ROWS", []string{"4", "8"}, "rows of the matrix per invocation: each load of an activation serves so many"},
		{"TOKENS", []string{"4", "8"}, "columns per invocation: each load of a weight serves so many"},
		{"DEPTH", []string{"32", "16"}, "of k in workgroup memory at once, a multiple of 16: fewer barriers or a larger tile"},
	},
	"matvec": {
		weightType,
		rowForm,
		count,
		{"COLS", []string{"1", "2", "3", "4", "5", "6", "7", "8"}, "columns; every output is summed in one order whatever their number"},
		{"ROWS", []string{"4", "1", "2", "8", "16"}, "rows of the matrix per invocation: each load of an activation serves so many"},
		{"LANES", []string{"8", "32", "16", "64"}, "invocations of a workgroup along the rows"},
		{"SLICES", []string{"1", "8", "2", "4"}, "invocations that share a row, each with a part of k: a GPU needs more of them than there are rows"},
		{"NORM", []string{"0", "1"}, "whether rows are normalised by the root of their mean square"},
		{"END", []string{"store", "add", "residual", "swiglu", "rope"}, "what becomes of a product: a layer has no other kernels around its matrices"},
		cacheType,
	},
	"patch_merge":  nil,
	"topk":         nil,
	"topk_count":   nil,
	"rmsnorm":      nil,
	"rope2d":       nil,
	"rope_kv":      {cacheType},
	"scatter_rows": nil,
	"scale_by":     nil,
	"swiglu":       {{"ACT", []string{"silu", "gelu"}, "how the gate is bent; gelu only in towers of early conversions"}},
}

// Variants lists the defines of a kernel.
func Variants(stem string) []Variant { return variants[stem] }
