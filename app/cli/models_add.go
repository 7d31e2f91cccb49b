package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"sirocco/app/library"
	"sirocco/model"
	"sirocco/model/chat"
	"sirocco/model/checkpoint"
)

// ModelsAdd registers a model.
type ModelsAdd struct {
	Path     string `arg:"" help:"A model folder or a GGUF file."`
	Name     string `placeholder:"NAME" help:"What to call it. Without it: the name of its folder or file."`
	MMProj   string `name:"mmproj" placeholder:"FILE" help:"The vision file of a GGUF model, where it is not beside it."`
	Quantize string `placeholder:"q4|q8" help:"With --keep: pack its weights into 4 or 8 bits."`
	Keep     bool   `help:"With --quantize: write the packed model into the library and register that, so that it starts as fast as a GGUF."`
}

// Run checks that the path is a model and registers it, or a packed copy of it.
func (c *ModelsAdd) Run(ctx context.Context, s *Streams) error {
	if c.Keep != (c.Quantize != "") {
		return &UsageError{"--quantize and --keep go together here; to pack a model each time it is loaded, give --quantize to the command that loads it"}
	}
	entry, err := c.entry()
	if err != nil {
		return err
	}
	l := library.Default()
	if c.Keep {
		if err := l.Free(entry.Name, c.folder(l, entry)); err != nil {
			return err
		}
		if entry, err = c.pack(ctx, s, l, entry); err != nil {
			return err
		}
	}
	d, err := library.Describe(entry.Path, entry.MMProj)
	if err != nil {
		return err
	}
	if err := l.Add(entry); err != nil {
		return err
	}
	for _, notice := range d.Notices {
		fmt.Fprintf(s.Err, "sirocco: %s\n", notice)
	}
	if d.Tokenizer.Problem != "" {
		fmt.Fprintf(s.Err, "sirocco: it cannot be asked as it is: %s\n", d.Tokenizer.Problem)
	}
	fmt.Fprintf(s.Err, "sirocco: %s is registered; use it with --model %s\n", entry.Path, entry.Name)
	return nil
}

// entry is what the flags say.
func (c *ModelsAdd) entry() (library.Entry, error) {
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return library.Entry{}, err
	}
	e := library.Entry{Name: c.Name, Path: path, Added: time.Now().UTC().Truncate(time.Second)}
	if e.Name == "" {
		e.Name = library.NameFor(path)
		if c.Keep {
			e.Name += "-" + c.Quantize
		}
	}
	if e.MMProj = c.MMProj; e.MMProj != "" && e.MMProj != checkpoint.NoVision {
		e.MMProj, err = filepath.Abs(c.MMProj)
	}
	return e, err
}

// folder is where a packed copy goes.
func (c *ModelsAdd) folder(l library.Library, e library.Entry) string {
	return filepath.Join(l.Dir, "models", e.Name)
}

// pack writes a packed copy into the library and returns its entry.
func (c *ModelsAdd) pack(ctx context.Context, s *Streams, l library.Library, e library.Entry) (library.Entry, error) {
	show := newPrinter(s, false)
	path, err := model.ExportGGUF(ctx, e.Path, c.folder(l, e), model.ExportOptions{
		Quantize: c.Quantize, MMProj: e.MMProj,
		Progress: func(l chat.Load) {
			show.printf("packing weights: %s of %s, %s", bytesText(l.Done), bytesText(l.Total), rate(l, time.Since(show.started)))
		},
	})
	show.clear()
	e.Source = "packed from " + e.Path
	e.Path, e.MMProj = path, ""
	return e, err
}
