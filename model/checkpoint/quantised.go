package checkpoint

import (
	"fmt"
	"slices"
	"strings"
)

// marks are the tensors by which ways of quantising give themselves away, where
// the configuration says nothing: names as they end, and all of them must be
// there.
var marks = []struct {
	method  string
	endings []string
}{
	{"GPTQ", []string{".qweight", ".g_idx"}},
	{"AWQ", []string{".qweight", ".qzeros", ".scales"}},
	{"MLX", []string{".weight", ".scales", ".biases"}},
	{"bitsandbytes", []string{".weight", ".weight.absmax"}},
	{"compressed-tensors", []string{".weight_packed", ".weight_scale"}},
	{"FP8", []string{".weight", ".weight_scale_inv"}},
	{"FP8", []string{".weight", ".qscale_weight"}},
	{"FP8", []string{".weight", ".weight_scale"}},
}

// refuseQuantised says by name in which way a safetensors checkpoint is
// quantised, if it is.
func refuseQuantised(stored map[string]found) error {
	for _, m := range marks {
		for name := range stored {
			stem, ok := strings.CutSuffix(name, m.endings[len(m.endings)-1])
			if !ok || slices.ContainsFunc(m.endings, func(ending string) bool { _, there := stored[stem+ending]; return !there }) {
				continue
			}
			return fmt.Errorf("the weights are quantised by %s (there is a tensor %q), which is not read here; use the BF16 checkpoint or a GGUF file", m.method, clip(name))
		}
	}
	for name, t := range stored {
		if strings.HasPrefix(string(t.dtype), "F8_") {
			return fmt.Errorf("the weights are quantised by FP8 (tensor %q is stored as %s), which is not read here; use the BF16 checkpoint or a GGUF file", clip(name), t.dtype)
		}
	}
	return nil
}
