package checkpoint_test

import (
	"path/filepath"
	"testing"

	"sirocco/model/checkpoint/weightstest"
)

// Quantised safetensors are refused by the name of the method even where the
// configuration does not say so.
func TestQuantisedTensorsAreRefusedByName(t *testing.T) {
	for want, endings := range map[string][]string{
		"quantised by GPTQ":               {".qweight", ".qzeros", ".scales", ".g_idx"},
		"quantised by AWQ":                {".qweight", ".qzeros", ".scales"},
		"quantised by MLX":                {".weight", ".scales", ".biases"},
		"quantised by bitsandbytes":       {".weight", ".weight.absmax", ".weight.quant_map"},
		"quantised by compressed-tensors": {".weight_packed", ".weight_scale"},
		"quantised by FP8":                {".weight", ".weight_scale_inv"},
	} {
		dir, cfg := t.TempDir(), weightstest.Small()
		const matrix = "language_model.model.layers.0.self_attn.q_proj"
		var tensors []weightstest.Tensor
		for _, tensor := range weightstest.Tensors(cfg, weightstest.Options{Style: weightstest.HFOld}) {
			if tensor.Name != matrix+".weight" {
				tensors = append(tensors, tensor)
			}
		}
		for _, ending := range endings {
			tensors = append(tensors, weightstest.Tensor{Name: matrix + ending, Type: "U8", Shape: []int{4}, Data: make([]byte, 4)})
		}
		put(t, dir, "config.json", string(weightstest.ConfigJSON(cfg)))
		if err := weightstest.Write(filepath.Join(dir, "model.safetensors"), tensors); err != nil {
			t.Fatal(err)
		}
		failsWith(t, dir, dir, want, matrix, "GGUF")
	}
}

// The type alone gives FP8 away.
func TestFP8TypeIsRefusedByName(t *testing.T) {
	dir, cfg := t.TempDir(), weightstest.Small()
	tensors := weightstest.Tensors(cfg, weightstest.Options{})
	tensors[0].Type, tensors[0].Data = "F8_E4M3", tensors[0].Data[:len(tensors[0].Data)/2]
	put(t, dir, "params.json", string(weightstest.ParamsJSON(cfg)))
	put(t, dir, "consolidated.safetensors", string(weightstest.Encode(tensors)))
	failsWith(t, dir, dir, "quantised by FP8", tensors[0].Name, "F8_E4M3")
}
