package model

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sirocco/gpu/gputest"
	"sirocco/model/chat"
	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/weightstest"
)

// A checkpoint without a tower runs, answers as the whole one does where there
// are no pictures, and says that it cannot see.
func TestTextModelRuns(t *testing.T) {
	gputest.Device(t)
	whole := filepath.Join("testdata", "tiny", "mistral")
	request := &chat.Request{Messages: []chat.Message{chat.Text(chat.User, "Tell me more, please.")}}
	request.MaxTokens, request.NoGuard = 16, true
	var answers [][]int32
	for _, dir := range []string{whole, blind(t, whole)} {
		m, err := Open(t.Context(), dir, Options{Context: 128, KV: "f32"})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		sees := !slices.ContainsFunc(m.Notices(), func(n string) bool { return strings.Contains(n, "pictures are not possible") })
		if sees != (dir == whole) || m.About().Model.Vision != sees {
			t.Errorf("%s: notices %q, vision %v", dir, m.Notices(), m.About().Model.Vision)
		}
		done, _ := answer(t, m, request)
		var ids []int32
		for _, token := range done.Tokens {
			ids = append(ids, token.ID)
		}
		answers = append(answers, ids)
	}
	if len(answers[0]) != 16 || !slices.Equal(answers[0], answers[1]) {
		t.Errorf("with a tower %v, without %v", answers[0], answers[1])
	}
}

// blind copies a model in Mistral's layout without its tower.
func blind(t *testing.T, whole string) string {
	t.Helper()
	c, err := checkpoint.Open(whole)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var tensors []weightstest.Tensor
	for _, name := range c.Names() {
		if text := !strings.Contains(name, "vision") && !strings.Contains(name, "mm_projector") && !strings.Contains(name, "patch_merger"); text {
			tensor, _ := c.Tensor(name)
			tensors = append(tensors, weightstest.Tensor{Name: name, Type: tensor.Type, Shape: tensor.Shape, Data: tensor.Data})
		}
	}
	dir := t.TempDir()
	if err := weightstest.Write(filepath.Join(dir, "consolidated.safetensors"), tensors); err != nil {
		t.Fatal(err)
	}
	var params map[string]any
	readJSON(t, filepath.Join(whole, "params.json"), &params)
	delete(params, "vision_encoder")
	data, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := os.ReadFile(filepath.Join(whole, "tekken.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"params.json": data, "tekken.json": tokens} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
