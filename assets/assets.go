// Package assets carries the files that travel inside the binary: the embedded
// miniature model, the recommended system prompt, sample pictures and the full
// Tekken vocabulary. Only package app imports it.
package assets

import "embed"

// Breeze is the miniature: a real checkpoint of the same architecture in
// Mistral's layout, small enough to travel with the program.
//
//go:embed breeze
var Breeze embed.FS

// SystemPrompt is the recommended system prompt for a model whose folder brings
// none: a reconstruction, as prompts/README.md explains.
//
//go:embed prompts/system_prompt.txt
var SystemPrompt string

// Tekken is the full vocabulary of Mistral Small 3.2, a tekken.json compressed
// with zstd: exact token counts for servers, and for files without one.
//
//go:embed tekken/tekken-v11.json.zst
var Tekken []byte
