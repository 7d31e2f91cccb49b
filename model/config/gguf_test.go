package config_test

import (
	"bytes"
	"os"
	"reflect"
	"testing"

	"sirocco/model/checkpoint/gguf"
	"sirocco/model/checkpoint/weightstest"
	"sirocco/model/config"
)

// The published model says the same of itself in params.json, in the metadata of llama.cpp's two files and in Ollama's one.
func TestGGUFEqualsParams(t *testing.T) {
	data, err := os.ReadFile("testdata/mistral-small-3.2.params.json")
	if err != nil {
		t.Fatal(err)
	}
	want, err := config.ParseParams(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.FromGGUF(header(t, weightstest.GGUFText("llama", want)))
	if err != nil {
		t.Fatal(err)
	}
	if got.Vision, err = config.FromMMProj(header(t, weightstest.GGUFVision(want)), got.Text); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("llama.cpp: got %+v %+v\nwant %+v %+v", got.Text, *got.Vision, want.Text, *want.Vision)
	}
	if got, err = config.FromGGUF(header(t, weightstest.GGUFText("mistral3", want))); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Ollama: got %+v %+v\nwant %+v %+v", got.Text, *got.Vision, want.Text, *want.Vision)
	}
}

// Whatever metadata says, the answer is a sentence or a configuration that Validate accepts.
func FuzzGGUFMetadata(f *testing.F) {
	data, err := os.ReadFile("testdata/mistral-small-3.2.params.json")
	if err != nil {
		f.Fatal(err)
	}
	cfg, err := config.ParseParams(data)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(weightstest.EncodeGGUF(weightstest.GGUFText("llama", cfg), nil))
	f.Add(weightstest.EncodeGGUF(weightstest.GGUFText("mistral3", cfg), nil))
	f.Add(weightstest.EncodeGGUF(weightstest.GGUFVision(cfg), nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := gguf.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		if got, err := config.FromGGUF(file); err == nil && got.Validate() != nil {
			t.Errorf("accepted %+v", got)
		}
		if v, err := config.FromMMProj(file, cfg.Text); err == nil && (config.Config{Text: cfg.Text, Vision: v}).Validate() != nil {
			t.Errorf("accepted %+v", v)
		}
	})
}

func header(t *testing.T, pairs []weightstest.Pair) *gguf.File {
	t.Helper()
	data := weightstest.EncodeGGUF(pairs, nil)
	file, err := gguf.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return file
}
