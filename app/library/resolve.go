package library

import (
	"fmt"
	"os"
)

// Choice is a model that was found.
type Choice struct {
	Path string // folder or file
	// Miniature is true when nothing was asked for and the embedded model
	// answers.
	Miniature bool
}

// Resolve turns what --model says into a path. An empty name is the embedded
// miniature.
func Resolve(name string) (Choice, error) {
	if name == "" {
		path, err := Miniature()
		return Choice{Path: path, Miniature: true}, err
	}
	if _, err := os.Stat(name); err != nil {
		return Choice{}, fmt.Errorf("opening the model %q: there is no such folder or file; give --model a folder with params.json or config.json in it", name)
	}
	return Choice{Path: name}, nil
}
