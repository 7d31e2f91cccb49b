package checkpoint

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Programs keep models in folders of their own making: a hub cache has them behind
// links in snapshots, LM Studio one or two folders further down, Ollama as blobs that
// manifests name. This file finds the model that such a folder holds.

// maxDown is how many folders down a model is looked for.
const maxDown = 3

// maxLooked bounds how many folders are looked into.
const maxLooked = 2000

// descend returns the path of the one model that a folder holds further down, with its
// vision file where that is known. A path that needs no looking is returned as it is.
func descend(path string, o Options) (string, Options, error) {
	stat, err := os.Stat(path)
	if err != nil || !stat.IsDir() || holdsModel(path) {
		return path, o, nil
	}
	if isDir(filepath.Join(path, "manifests")) && isDir(filepath.Join(path, "blobs")) {
		return ofOllama(path, o)
	}
	if snapshot, err := ofHub(path); snapshot != "" || err != nil {
		return snapshot, o, err
	}
	found := below(path, maxDown, new(int))
	switch {
	case len(found) == 1:
		return found[0], o, nil
	case len(found) > 1:
		return "", o, fmt.Errorf("%s holds %d models: %s; give the path of one of them", path, len(found), list(relative(path, found)))
	}
	return path, o, nil
}

func isDir(path string) bool {
	stat, err := os.Stat(path)
	return err == nil && stat.IsDir()
}

// holdsModel reports whether a folder's own files are a model, or parts of one, so that
// what is missing is to be said of it.
func holdsModel(path string) bool {
	names, err := fileNames(path)
	if err != nil {
		return false
	}
	for name := range names {
		switch filepath.Ext(name) {
		case ".safetensors", ".gguf", ".bin", ".pt", ".pth":
			return true
		}
	}
	return names[mistral.config] || names[huggingFace.config] || names[adapterConfig]
}

// ofHub finds the snapshot of a hub cache's folder (models--x--y): the one that main
// refers to, else the only one, else the newest.
func ofHub(path string) (string, error) {
	snapshots := filepath.Join(path, "snapshots")
	entries, err := os.ReadDir(snapshots)
	if err != nil {
		return "", nil
	}
	if ref, err := readSmall(filepath.Join(path, "refs", "main"), 1<<10); err == nil {
		if at := filepath.Join(snapshots, filepath.Base(strings.TrimSpace(string(ref)))); isDir(at) {
			return at, nil
		}
	}
	newest, when := "", int64(0)
	for _, e := range entries {
		at := filepath.Join(snapshots, e.Name())
		if stat, err := os.Stat(at); err == nil && stat.IsDir() && (newest == "" || stat.ModTime().UnixNano() > when) {
			newest, when = at, stat.ModTime().UnixNano()
		}
	}
	if newest == "" {
		return "", fmt.Errorf("%s is a hub's cache without a snapshot; fetch the model again", path)
	}
	return newest, nil
}

// below lists the folders further down that hold a model. Hidden ones are left alone.
func below(path string, depth int, looked *int) (found []string) {
	entries, err := os.ReadDir(path)
	if err != nil || depth == 0 {
		return nil
	}
	for _, e := range entries {
		at := filepath.Join(path, e.Name())
		if *looked++; *looked > maxLooked {
			break
		}
		if strings.HasPrefix(e.Name(), ".") || !isDir(at) {
			continue
		}
		if snapshot, err := ofHub(at); err == nil && snapshot != "" {
			at = snapshot
		}
		if holdsModel(at) {
			found = append(found, at)
			continue
		}
		found = append(found, below(at, depth-1, looked)...)
	}
	return found
}

func relative(root string, paths []string) []string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = path
		if name, err := filepath.Rel(root, path); err == nil {
			names[i] = name
		}
	}
	slices.Sort(names)
	return names
}

// ofOllama finds the one model of Ollama's folder: its manifests name the blobs.
func ofOllama(path string, o Options) (string, Options, error) {
	type model struct{ name, weights, vision string }
	var models []model
	root := filepath.Join(path, "manifests")
	looked := 0
	_ = filepath.WalkDir(root, func(file string, d os.DirEntry, err error) error {
		if looked++; err != nil || d.IsDir() || looked > maxLooked {
			return nil
		}
		data, err := readSmall(file, maxConfig)
		if err != nil {
			return nil
		}
		var manifest struct {
			Layers []struct{ MediaType, Digest string } `json:"layers"`
		}
		if json.Unmarshal(data, &manifest) != nil {
			return nil
		}
		var m model
		for _, l := range manifest.Layers {
			blob := filepath.Join(path, "blobs", filepath.Base(strings.ReplaceAll(l.Digest, ":", "-")))
			switch {
			case strings.HasSuffix(l.MediaType, ".model"):
				m.weights = blob
			case strings.HasSuffix(l.MediaType, ".projector"):
				m.vision = blob
			}
		}
		if name, err := filepath.Rel(root, file); err == nil && m.weights != "" {
			m.name = strings.TrimPrefix(strings.TrimPrefix(filepath.ToSlash(name), "registry.ollama.ai/"), "library/")
			models = append(models, m)
		}
		return nil
	})
	switch len(models) {
	case 0:
		return "", o, fmt.Errorf("%s is Ollama's folder, and its manifests name no model; pull one with Ollama, or give another path", path)
	case 1:
		if o.MMProj == "" {
			o.MMProj = models[0].vision
		}
		return models[0].weights, o, nil
	}
	var names []string
	for _, m := range models {
		names = append(names, fmt.Sprintf("%s (%s)", m.name, filepath.Base(m.weights)))
	}
	slices.Sort(names)
	return "", o, fmt.Errorf("%s is Ollama's folder and holds %d models: %s; give the path of one of the files in its folder blobs", path, len(models), list(names))
}
