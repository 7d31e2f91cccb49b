package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"sirocco/app/library"
	"sirocco/app/library/pull"
)

// ModelsPull fetches a model.
type ModelsPull struct {
	CatalogueFlags
	Model    string `arg:"" optional:"" name:"model" help:"A name from the catalogue; see sirocco models list. Without it: the first one."`
	Name     string `placeholder:"NAME" help:"What to call it in the library. Without it: as the catalogue does."`
	Folder   string `placeholder:"DIR" help:"Where its files go. Without it: a folder of their own in the library."`
	Hub      string `placeholder:"URL" help:"A mirror in place of the catalogue's hub."`
	Parallel int    `default:"4" placeholder:"N" help:"Connections at once."`
}

// Run fetches until the model is complete, or until ctx ends.
func (c *ModelsPull) Run(ctx context.Context, s *Streams) error {
	if c.Parallel < 1 || c.Parallel > 16 {
		return &UsageError{"--parallel must be between 1 and 16"}
	}
	catalogue, err := library.OpenCatalogue(c.Catalog)
	if err != nil {
		return err
	}
	product, err := catalogue.Product(c.Model)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Err, "sirocco: fetching %s, about %s\n", product.Title, bytesText(product.Bytes))
	show := &pullPrinter{printer: newPrinter(s, false)}
	entry, err := library.Default().Pull(ctx, library.Fetch{
		Product: product, Hub: cmp.Or(c.Hub, catalogue.Hub), Name: c.Name, Folder: c.Folder,
		Options: pull.Options{Parallel: c.Parallel, OnEvent: show.event},
	})
	show.clear()
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(s.Err, "sirocco: paused; the same command goes on where it was")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Err, "sirocco: %s is complete and verified; use it with --model %s\n", entry.Path, entry.Name)
	return nil
}

// pullPrinter puts a pull's events on standard error: a status line for a
// terminal, a line now and then for a log.
type pullPrinter struct {
	*printer
	tenth int64 // of everything, last written to a log
}

func (p *pullPrinter) event(e pull.Event) {
	switch {
	case e.Note != "":
		p.clear()
		fmt.Fprintf(p.s.Err, "sirocco: %s: %s\n", e.File, e.Note)
	case e.Phase == pull.Asking:
		p.printf("asking about %s", e.File)
	case e.Phase == pull.Checking:
		p.printf("checking %s: %s of %s", e.File, bytesText(e.Bytes), bytesText(e.Total))
	case e.Phase == pull.Done:
		p.clear()
		fmt.Fprintf(p.s.Err, "sirocco: %s is complete and verified\n", e.File)
	default:
		p.progress(e)
	}
}

func (p *pullPrinter) progress(e pull.Event) {
	line := fmt.Sprintf("%s: %s of %s", e.File, bytesText(e.Bytes), bytesText(e.Total))
	if e.Speed > 0 {
		line += fmt.Sprintf(", %s/s, %s left", bytesText(int64(e.Speed)), e.Left.Round(time.Second))
	}
	p.printf("%s", line)
	tenth := e.Bytes * 10 / max(e.Total, 1)
	if !p.s.Interactive() && tenth > p.tenth {
		p.tenth = tenth
		fmt.Fprintf(p.s.Err, "sirocco: %s\n", line)
	}
}
