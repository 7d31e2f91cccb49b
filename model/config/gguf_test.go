package config_test

import (
	"bytes"
	"os"
	"reflect"
	"testing"

	"sirocco/model/config"
	"sirocco/model/weights/gguf"
	"sirocco/model/weights/weightstest"
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

func header(t *testing.T, pairs []weightstest.Pair) *gguf.File {
	t.Helper()
	data := weightstest.EncodeGGUF(pairs, nil)
	file, err := gguf.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return file
}
