package cli

import (
	"cmp"
	"context"
	"fmt"

	"sirocco/app/library"
	"sirocco/gpu"
	"sirocco/model"
	"sirocco/model/chat"
)

// ModelFlags choose the model and the device; ask, tokens, serve and bench
// share them.
type ModelFlags struct {
	Model     string `placeholder:"PATH" help:"A model folder in Hugging Face's or Mistral's layout, a GGUF file, or a name from the library. Without it: the library's current model, else the embedded miniature."`
	Tokenizer string `placeholder:"FILE" help:"A tekken.json to use in place of the one found with the model."`
	MMProj    string `name:"mmproj" placeholder:"FILE" help:"The vision file of a GGUF model. Without it: the one beside the model."`
	Device    string `placeholder:"SPEC" env:"SIROCCO_DEVICE" help:"Adapter index or part of its name, or a list (0,1) that divides the layers; see sirocco doctor."`
	Ctx       int    `placeholder:"N" help:"Context length in tokens. Without it: as much as the model allows, 32768 at most."`
	KV        string `default:"" enum:",f16,f32,q8" placeholder:"TYPE" help:"Type of the key and value cache: f16, f32 or q8. Without it: f16, or q8 where nothing else fits."`
	Memory    size   `placeholder:"SIZE" help:"Use at most so much of an adapter's memory, as 6GB. Layers that find no room stay in memory of the host."`
	Quantize  string `default:"none" enum:"none,q4,q8" help:"Pack weights stored in BF16, F16 or F32 into 4 or 8 bits while they are loaded: q4, q8 or none."`

	Tune string `default:"auto" placeholder:"MODE" env:"SIROCCO_TUNE" help:"Shapes of kernels: auto (measured once on each card and kept), now (measured anew), off (what suits most), or a file of shapes that pins them."`

	parallel      int  // answers that are made at once; 0 is 1. Only serve asks for more.
	parallelFirst bool // even where that takes a shorter context
}

// open loads the model the flags name and says on stderr which one answers when
// they name none.
func (f *ModelFlags) open(ctx context.Context, s *Streams, progress func(chat.Load)) (*model.Model, error) {
	choice, err := library.Resolve(f.Model)
	if err != nil {
		return nil, err
	}
	switch {
	case choice.Name != "" && !choice.Requested:
		fmt.Fprintf(s.Err, "sirocco: no --model given; the library's current model answers: %s\n", choice.Name)
	case choice.Miniature && !choice.Requested:
		fmt.Fprintln(s.Err, "sirocco: no --model given; the embedded miniature answers (shapes, colours, counts, short words: a toy next to the real model)")
	}
	opened, err := model.Open(ctx, choice.Path, model.Options{
		Device:        f.Device,
		Tokenizer:     f.Tokenizer,
		MMProj:        cmp.Or(f.MMProj, choice.MMProj),
		Context:       f.Ctx,
		KV:            f.KV,
		GPU:           gpu.Options{MaxMemory: int64(f.Memory)},
		Parallel:      f.parallel,
		ParallelFirst: f.parallelFirst,
		Quantize:      f.Quantize,
		Miniature:     choice.Miniature,
		Tune:          f.Tune,
		Progress:      progress,
	})
	if err != nil {
		return nil, err
	}
	for _, notice := range opened.Notices() {
		fmt.Fprintf(s.Err, "sirocco: %s\n", notice)
	}
	return opened, nil
}
