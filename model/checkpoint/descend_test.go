package checkpoint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const tinyHF = "../testdata/tiny/hf-one-file"

// link makes a folder's path lead to the tiny model.
func link(t *testing.T, at string) {
	t.Helper()
	target, err := filepath.Abs(tinyHF)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(at), 0o755)
	}
	if err == nil {
		err = os.Symlink(target, at)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A hub cache's folder, and folders that hold one model further down, are that model.
func TestFoldersOfPrograms(t *testing.T) {
	hub := filepath.Join(t.TempDir(), "models--mistralai--Small")
	link(t, filepath.Join(hub, "snapshots", "abc"))
	link(t, filepath.Join(hub, "snapshots", "def"))
	write(t, filepath.Join(hub, "refs", "main"), "def\n")
	studio := t.TempDir()
	link(t, filepath.Join(studio, "models", "publisher", "Small"))
	cache := t.TempDir()
	link(t, filepath.Join(cache, "models--a--b", "snapshots", "1"))
	for _, path := range []string{hub, studio, cache} {
		c, err := Open(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		c.Close()
	}
	link(t, filepath.Join(studio, "models", "publisher", "Other"))
	_, err := Open(studio)
	if err == nil || !strings.Contains(err.Error(), "2 models") || !strings.Contains(err.Error(), filepath.Join("publisher", "Other")) {
		t.Errorf("two models: %v", err)
	}
}

// Ollama's folder names its models in manifests.
func TestOllamasFolder(t *testing.T) {
	dir := t.TempDir()
	manifest := func(name, digest string) {
		write(t, filepath.Join(dir, "manifests", "registry.ollama.ai", "library", name, "latest"),
			`{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:`+digest+`"}, {"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:l"}]}`)
	}
	for _, name := range []string{"blobs", "manifests"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "name no model") {
		t.Errorf("without a model: %v", err)
	}
	manifest("small", "aa")
	path, _, err := descend(dir, Options{})
	if err != nil || path != filepath.Join(dir, "blobs", "sha256-aa") {
		t.Errorf("%s, %v", path, err)
	}
	manifest("large", "bb")
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "small:latest") && !strings.Contains(err.Error(), "small/latest (sha256-aa)") {
		t.Errorf("two models: %v", err)
	}
}

// What is no model is named, with what to do.
func TestAdaptersAndEmptyFolders(t *testing.T) {
	adapter := t.TempDir()
	write(t, filepath.Join(adapter, "adapter_config.json"), `{"base_model_name_or_path": "mistralai/X"}`)
	write(t, filepath.Join(adapter, "adapter_model.safetensors"), "x")
	if _, err := Open(adapter); err == nil || !strings.Contains(err.Error(), "LoRA") || !strings.Contains(err.Error(), "mistralai/X") || !strings.Contains(err.Error(), "merge_and_unload") {
		t.Errorf("an adapter: %v", err)
	}
	folders := t.TempDir()
	write(t, filepath.Join(folders, "a", "b", "readme.txt"), "x")
	if _, err := Open(folders); err == nil || strings.Contains(err.Error(), "is empty") {
		t.Errorf("folders without a model: %v", err)
	}
}
