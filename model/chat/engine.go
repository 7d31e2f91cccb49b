package chat

import (
	"context"
	"iter"
)

// Engine answers requests. The local model, a child process that runs it and a
// remote server all look like this to the window, `ask` and `serve`.
type Engine interface {
	// Generate answers one request as a stream of events that ends with a
	// KindDone event or an error. Breaking out of the loop stops the answer.
	Generate(ctx context.Context, request *Request) iter.Seq2[Event, error]
	// About describes what answers, for people and for `ask --json`.
	About() About
	Close()
}

// About describes an engine: which model, on which device.
type About struct {
	Model  ModelInfo  `json:"model"`
	Device DeviceInfo `json:"device"`
}

// ModelInfo describes a checkpoint.
type ModelInfo struct {
	Name       string `json:"name"`
	Parameters int64  `json:"parameters"`
	Format     string `json:"format"`
	Context    int    `json:"context"`
	Vision     bool   `json:"vision"`
	// Miniature is true for the embedded toy-sized checkpoint, so that nobody
	// mistakes its answers for those of the real model.
	Miniature bool `json:"miniature,omitempty"`
	// Parallel is how many answers are made at once; 0 is 1.
	Parallel int `json:"parallel,omitempty"`
	// Pictures is how a picture becomes tokens; nil for a text-only model.
	Pictures *PictureRule `json:"pictures,omitempty"`
}

// PictureRule is how a picture becomes tokens: its longer side is at most
// MaxSize pixels, and a square of Merge × Merge patches of PatchSize pixels is
// one token.
type PictureRule struct {
	PatchSize int `json:"patch_size"`
	MaxSize   int `json:"max_size"`
	Merge     int `json:"merge"`
}

// DeviceInfo describes the adapter that computes.
type DeviceInfo struct {
	Name    string `json:"name"`
	Backend string `json:"backend"`
	Kind    string `json:"kind"`
}
