package config

import "strings"

// methods are the ways of quantising that configurations name, as people know them.
var methods = map[string]string{
	"fp8": "FP8", "fbgemm_fp8": "FP8", "awq": "AWQ", "gptq": "GPTQ", "bitsandbytes": "bitsandbytes", "compressed-tensors": "compressed-tensors",
	"modelopt": "ModelOpt", "exl2": "EXL2", "exl3": "EXL3", "hqq": "HQQ", "mxfp4": "MXFP4", "torchao": "torchao", "quark": "Quark",
}

// refuseQuantised says by name in which way the weights are quantised. Mistral's own files call it by the format of a weight,
// those of MLX give only a number of bits and a size of groups.
func (f fields) refuseQuantised() {
	for _, key := range []string{"quantization_config", "compression_config", "quantization"} {
		if !f.has(key) || isEmpty(f.raw[key]) {
			continue
		}
		inner := fields{err: new(error)}
		fields{raw: f.raw, err: inner.err}.read(key, &inner.raw, "an object")
		name := "an unknown method"
		method := strings.ToLower(inner.textOr("quant_method", inner.textOr("qformat_weight", "")))
		switch known, ok := methods[method]; {
		case ok:
			name = known
		case strings.HasPrefix(method, "fp8"):
			name = "FP8"
		case method != "":
			name = clip(method)
		case inner.has("group_size") && inner.has("bits"):
			name = "MLX"
		}
		f.fail("%s%s is %s: the weights are quantised by %s, which is not read here; use the BF16 checkpoint or a GGUF file", f.path, key, short(f.raw[key]), name)
	}
}
