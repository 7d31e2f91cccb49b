package config_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"sirocco/model/config"
)

// The real model's numbers, docs/model.md, 1.1 to 1.3.
func small32() config.Config {
	return config.Config{
		Text: config.Text{
			Dim: 5120, Layers: 40, HeadDim: 128, FFN: 32768, Heads: 32, KVHeads: 8,
			Vocab: 131072, RopeTheta: 1e9, NormEps: 1e-5, MaxPositions: 131072,
		},
		Vision: &config.Vision{
			Hidden: 1024, Layers: 24, Heads: 16, HeadDim: 64, FFN: 4096, Channels: 3,
			PatchSize: 14, ImageSize: 1540, Merge: 2, RopeTheta: 1e4, NormEps: 1e-5,
			Activation: config.SiLU, ProjectorAct: config.GELU, ProjectorNormEps: 1e-5,
			ImageToken: 10, BreakToken: 12, EndToken: 13,
		},
	}
}

// The two published files of Mistral Small 3.2 (byte for byte, by their
// SHA-256) say the same thing in two spellings.
func TestPublishedFiles(t *testing.T) {
	for file, parse := range map[string]func([]byte) (config.Config, error){
		"mistral-small-3.2.config.json": config.ParseHF,
		"mistral-small-3.2.params.json": config.ParseParams,
	} {
		got, err := parse(read(t, file))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if want := small32(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v %+v\nwant %+v %+v", file, got.Text, *got.Vision, want.Text, *want.Vision)
		}
	}
}

// transformers 5 nests the rotation and renames torch_dtype.
func TestTransformers5(t *testing.T) {
	got, err := config.ParseHF(read(t, "transformers5.config.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Text.RopeTheta != 1e6 || got.Text.HeadDim != 16 || got.Vision.RopeTheta != 1e4 || got.Vision.HeadDim != 32 {
		t.Errorf("got %+v %+v", got.Text, *got.Vision)
	}
}

func TestTextOnly(t *testing.T) {
	got, err := config.ParseHF([]byte(`{"model_type":"mistral","hidden_size":64,"num_hidden_layers":2,
		"intermediate_size":100,"num_attention_heads":4,"num_key_value_heads":null,"vocab_size":300,"sliding_window":null}`))
	if err != nil {
		t.Fatal(err)
	}
	want := config.Text{Dim: 64, Layers: 2, HeadDim: 16, FFN: 100, Heads: 4, KVHeads: 4, Vocab: 300,
		RopeTheta: 1e4, NormEps: 1e-6, MaxPositions: 131072}
	if got.Vision != nil || got.Text != want {
		t.Errorf("got %+v, want %+v", got.Text, want)
	}
}

// Unsloth saves a tuned model with the text's type on top; what it holds decides.
func TestNestedUnderMistral(t *testing.T) {
	data, err := os.ReadFile("testdata/mistral-small-3.2.config.json")
	if err != nil {
		t.Fatal(err)
	}
	want, err := config.ParseHF(data)
	if err != nil {
		t.Fatal(err)
	}
	saved := strings.Replace(string(data), `"model_type": "mistral3"`, `"model_type": "mistral"`, 1)
	got, err := config.ParseHF([]byte(saved))
	if err != nil || got.Text != want.Text || got.Vision == nil || *got.Vision != *want.Vision || saved == string(data) {
		t.Errorf("%v: got %+v", err, got)
	}
}

// Each case edits one place of a good file and names words the complaint must
// hold: the field, and what it was.
var refusals = []struct{ file, old, new, want string }{
	{hf, `"model_type": "mistral3"`, `"model_type": "llava"`, `model_type is "llava"`},
	{hf, `"model_type": "mistral",`, `"model_type": "ministral3",`, `text_config.model_type is "ministral3"`},
	{hf, `"model_type": "pixtral"`, `"model_type": "siglip"`, `vision_config.model_type is "siglip"`},
	{hf, `"vision_feature_layer": -1`, `"vision_feature_layer": -2`, "vision_feature_layer is -2"},
	{hf, `"vision_feature_layer": -1`, `"vision_feature_layer": [-1, -2]`, "vision_feature_layer is [-1,-2]"},
	{hf, `"vision_feature_layer": -1`, `"vision_feature_layer": "last"`, `vision_feature_layer is "last"`},
	{hf, `"architectures"`, `"quantization_config": {"quant_method": "awq", "bits": 4}, "architectures"`, "quantised by AWQ"},
	{hf, `"architectures"`, `"quantization_config": {"quant_method": "gptq", "bits": 4}, "architectures"`, "quantised by GPTQ"},
	{hf, `"architectures"`, `"quantization": {"group_size": 64, "bits": 4}, "architectures"`, "quantised by MLX"},
	{hf, `"architectures"`, `"quantization_config": 7, "architectures"`, "quantised by an unknown method"},
	{hf, `"architectures"`, `"quantization_config": {"quant_method": "fp8"}, "architectures"`, "quantised by FP8"},
	{hf, `"head_dim": 128`, `"head_dim": 128, "num_local_experts": 8`, "text_config.num_local_experts is 8"},
	{hf, `"head_dim": 128`, `"head_dim": 128, "attention_bias": true`, "text_config.attention_bias is true"},
	{hf, `"head_dim": 128`, `"head_dim": 128, "rope_scaling": {"type": "linear", "factor": 4}`, `rope type "linear"`},
	{hf, `"head_dim": 128`, `"head_dim": 128, "rope_parameters": {"rope_type": "yarn", "factor": 16}`, `rope type "yarn"`},
	{hf, `"head_dim": 128`, `"head_dim": 128, "rope_parameters": {"partial_rotary_factor": 0.5}`, "partial_rotary_factor is 0.5"},
	{hf, `"head_dim": 128`, `"head_dim": 128, "layer_types": ["sliding_attention"]`, `"sliding_attention"`},
	{hf, `"head_dim": 128`, `"head_dim": 127`, "head size is 127"},
	{hf, `"head_dim": 128`, `"head_dim": 12.5`, "text_config.head_dim is 12.5"},
	{hf, `"head_dim": 128`, `"head_dim": 99999999999999999999`, "text_config.head_dim is 99999999999999999999"},
	{hf, `"sliding_window": null`, `"sliding_window": 4096`, "sliding_window is 4096"},
	{hf, `"sliding_window": null,`, ``, "sliding_window is 4096"},
	{hf, `"hidden_act": "silu",
    "hidden_size": 5120`, `"hidden_act": "gelu",
    "hidden_size": 5120`, `text_config.hidden_act is "gelu"`},
	{hf, `"projector_hidden_act": "gelu"`, `"projector_hidden_act": "relu"`, `projector_hidden_act is "relu"`},
	{hf, `"image_size": 1540`, `"image_size": [1540, 1024]`, "vision_config.image_size is [1540,1024]"},
	{hf, `"image_size": 1540`, `"image_size": 20`, "image size is 20"},
	{hf, `"patch_size": 14`, `"patch_size": 0`, "patch size is 0"},
	{hf, `"num_channels": 3`, `"num_channels": 1`, "number of channels is 1"},
	{hf, `"spatial_merge_size": 2`, `"spatial_merge_size": 0`, "merge size is 0"},
	{hf, `"image_token_index": 10`, `"image_token_index": 12`, "share ids"},
	{hf, `"image_token_index": 10`, `"image_token_index": 131072`, "outside the vocabulary"},
	{hf, `"image_token_index": 10`, `"image_token_index": 4294967306`, "outside the vocabulary"},
	{hf, `"text_config": {`, `"text": {`, "text_config is missing"},
	{hf, `"text_config": {`, `"text_config": 7, "text": {`, "text_config is 7, not an object"},
	{params, `"dim": 5120`, `"dim": 0`, "width is 0"},
	{params, `"dim": 5120`, `"dim": 4611686018427387904`, "width is 4611686018427387904"},
	{params, `"dim": 5120,`, ``, "dim is missing"},
	{params, `"dim": 5120`, `"Dim": 5120`, "dim is missing"},
	{params, `"dim": 5120`, `"dim": "wide"`, `dim is "wide"`},
	{params, `"n_layers": 40`, `"n_layers": -1`, "number of layers is -1"},
	{params, `"n_layers": 40`, `"n_layers": 1000000000`, "number of layers is 1000000000"},
	{params, `"n_kv_heads": 8`, `"n_kv_heads": 7`, "7 key-value heads"},
	{params, `"n_kv_heads": 8`, `"n_kv_heads": 0`, "key-value heads is 0"},
	{params, `"norm_eps": 1e-05`, `"norm_eps": 0`, "norm epsilon is 0"},
	{params, `"rope_theta": 1000000000.0`, `"rope_theta": -1`, "rope_theta is -1"},
	{params, `"rope_theta": 1000000000.0`, `"rope_theta": 1e999`, "rope_theta is 1e999"},
	{params, `"dim": 5120`, `"dim": 5120, "moe": {"num_experts": 8}`, "moe is"},
	{params, `"dim": 5120`, `"dim": 5120, "yarn": {"factor": 16}`, "yarn is"},
	{params, `"dim": 5120`, `"dim": 5120, "sliding_window": 4096`, "sliding_window is 4096"},
	{params, `"dim": 5120`, `"dim": 5120, "quantization": {"qformat_weight": "fp8_e4m3"}`, "quantised by FP8"},
	{params, `"dim": 5120`, `"dim": 5120, "model_type": "mamba"`, `model_type is "mamba"`},
	{params, `"patch_merge"`, `""`, "vision_encoder.mm_projector_id"},
	{params, `"add_pre_mm_projector_layer_norm": true`, `"add_pre_mm_projector_layer_norm": false`, "add_pre_mm_projector_layer_norm"},
	{params, `"num_attention_heads": 16`, `"num_attention_heads": 0`, "vision_encoder.head_dim is missing"},
	{params, `"num_attention_heads": 16`, `"num_attention_heads": 512`, "head size is 2;"},
}

const (
	hf     = "mistral-small-3.2.config.json"
	params = "mistral-small-3.2.params.json"
)

func TestRefusals(t *testing.T) {
	for _, c := range refusals {
		text := string(read(t, c.file))
		if strings.Count(text, c.old) == 0 {
			t.Fatalf("%s does not hold %q", c.file, c.old)
		}
		parse := config.ParseHF
		if c.file == params {
			parse = config.ParseParams
		}
		_, err := parse([]byte(strings.Replace(text, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %s: got %v, want a sentence with %s", c.file, c.new, err, c.want)
		}
	}
}

func TestNotAnObject(t *testing.T) {
	for _, text := range []string{"", "[]", "7", "{", "{}", "null", "\x00", strings.Repeat("[", 1<<16)} {
		for _, parse := range []func([]byte) (config.Config, error){config.ParseHF, config.ParseParams} {
			if _, err := parse([]byte(text)); err == nil {
				t.Errorf("%.20q was accepted", text)
			}
		}
	}
}

// Whatever a file says, a Config that comes out of a parser is safe to
// multiply and divide with.
func FuzzParse(f *testing.F) {
	for _, file := range []string{hf, params, "transformers5.config.json"} {
		data, err := os.ReadFile("testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, c := range refusals {
		f.Add([]byte("{" + c.new + "}"))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func([]byte) (config.Config, error){config.ParseHF, config.ParseParams} {
			cfg, err := parse(data)
			if err == nil && cfg.Validate() != nil {
				t.Errorf("a parsed config is not valid: %v", cfg.Validate())
			}
			if err != nil && len(err.Error()) > 4000 {
				t.Errorf("the complaint is %d bytes long", len(err.Error()))
			}
		}
	})
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
