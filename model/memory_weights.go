package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sirocco/gpu"
	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/ggml"
	"sirocco/model/config"
	"sirocco/model/upload"
)

// stored are the tensors of a model without their bytes: what a plan knows of a
// checkpoint, or of one that was never made.
type stored struct {
	config  config.Config
	tensors []tensorForm
}

// tensorForm is a tensor's name, storage type and shape.
type tensorForm struct {
	name  string
	kind  gpu.Weight
	shape []int
}

// storedIn lists what a source holds of a model, in the types it will have on a
// device.
func storedIn(c config.Config, source upload.Source, q upload.Quantise) (stored, error) {
	if err := q.Check(); err != nil {
		return stored{}, err
	}
	s := stored{config: c}
	for _, need := range checkpoint.Required(c) {
		tensor, ok := source.Tensor(need.Name)
		if !ok {
			continue // a tied output matrix, or a sentence when it is loaded
		}
		if err := s.add(tensor, q.Type(tensor)); err != nil {
			return stored{}, err
		}
	}
	return s, nil
}

func (s *stored) add(t checkpoint.Tensor, as ggml.Type) error {
	kind, err := gpu.ParseWeight(strings.ToLower(as.String()))
	if err != nil {
		return fmt.Errorf("planning for %s: %w", t.Name, err)
	}
	s.tensors = append(s.tensors, tensorForm{t.Name, kind, t.Shape})
	return nil
}

// bytes is what the tensor takes on a device: vectors are widened to f32,
// matrices stay in their type.
func (t tensorForm) bytes() int64 {
	if len(t.shape) == 1 {
		return 4 * int64(t.shape[0])
	}
	return gpu.MatrixBytes(t.kind, t.shape[0], t.columns())
}

func (t tensorForm) columns() int {
	n := 1
	for _, d := range t.shape[1:] {
		n *= d
	}
	return n
}

// The kinds of weights a plan tells apart.
const (
	kindTower     = "vision tower"
	kindEmbedding = "embedding table"
	kindLayers    = "decoder layers"
	kindOutput    = "output matrix"
)

// kindOf sorts a tensor by its canonical name.
func kindOf(name string) string {
	switch {
	case strings.HasPrefix(name, "layers."):
		return kindLayers
	case name == "tok_embeddings.weight":
		return kindEmbedding
	case name == "output.weight", name == "norm.weight":
		return kindOutput
	}
	return kindTower
}

// isText says whether a tensor belongs to the decoder.
func isText(name string) bool { return kindOf(name) != kindTower }

// layerOf is the decoder layer a tensor belongs to, -1 for all others.
func layerOf(name string) int {
	layer := -1
	if n, err := fmt.Sscanf(name, "layers.%d.", &layer); n != 1 || err != nil {
		return -1
	}
	return layer
}

// sum adds the bytes of the tensors that pass.
func (s stored) sum(pass func(tensorForm) bool) (bytes int64) {
	for _, t := range s.tensors {
		if pass(t) {
			bytes += t.bytes()
		}
	}
	return bytes
}

// types names the types of the matrices of one kind, the most common first.
func (s stored) types(kind string) string {
	bytes := map[gpu.Weight]int64{}
	for _, t := range s.tensors {
		if kindOf(t.name) == kind && len(t.shape) > 1 {
			bytes[t.kind] += t.bytes()
		}
	}
	names := slices.SortedFunc(maps.Keys(bytes), func(a, b gpu.Weight) int { return int(min(max(bytes[b]-bytes[a], -1), 1)) })
	var words []string
	for _, name := range names {
		words = append(words, string(name))
	}
	return strings.Join(words, ", ")
}

// perToken is what a decoded token reads of the weights: every layer and the
// output matrix, and of the embedding table one row, which is nothing.
func (s stored) perToken() int64 {
	tied := s.config.Text.TiedEmbeddings
	return s.sum(func(t tensorForm) bool {
		kind := kindOf(t.name)
		return kind == kindLayers || kind == kindOutput || kind == kindEmbedding && tied
	})
}

// products is what a token multiplies and adds in the matrices of the layers, in
// operations.
func (s stored) products() int64 {
	ops := int64(0)
	for _, t := range s.tensors {
		if len(t.shape) == 2 && kindOf(t.name) == kindLayers {
			ops += 2 * int64(t.shape[0]) * int64(t.shape[1])
		}
	}
	return ops
}
