package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"sirocco/app/library"
)

// Models is the library of models: what there is, what it is, and where more
// come from.
type Models struct {
	List   ModelsList   `cmd:"" default:"withargs" help:"The models of the library, and those that can be fetched."`
	Show   ModelsShow   `cmd:"" help:"What a model's files are, and what it takes to run."`
	Add    ModelsAdd    `cmd:"" help:"Register a model where it lies; nothing is copied."`
	Use    ModelsUse    `cmd:"" help:"Make a model the one that runs when --model is not given."`
	Remove ModelsRemove `cmd:"" help:"Take a model's name out of the library; its files stay."`
	Verify ModelsVerify `cmd:"" help:"Check a model's files by their SHA-256."`
	Pull   ModelsPull   `cmd:"" help:"Fetch a model; stopped with Ctrl-C it goes on the next time."`
}

// CatalogueFlags say what can be fetched.
type CatalogueFlags struct {
	Catalog string `placeholder:"FILE" help:"A catalogue in place of the embedded one."`
}

// ModelsList lists the library.
type ModelsList struct {
	CatalogueFlags
	JSON bool `name:"json" help:"One JSON object."`
}

// listing is what list prints with --json.
type listing struct {
	Current string            `json:"current"`
	Models  []library.Entry   `json:"models"`
	Fetch   []library.Product `json:"fetch"`
}

// Run prints the library.
func (c *ModelsList) Run(s *Streams) error {
	models, current, err := library.Default().Models()
	if err != nil {
		return err
	}
	catalogue, err := library.OpenCatalogue(c.Catalog)
	if err != nil {
		return err
	}
	if current == "" {
		current = library.MiniatureName
	}
	if c.JSON {
		return writeJSON(s, listing{current, append([]library.Entry{}, models...), catalogue.Models})
	}
	table := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	line := func(name, what string) {
		mark := " "
		if name == current {
			mark = "*"
		}
		fmt.Fprintf(table, "%s %s\t%s\n", mark, name, what)
	}
	for _, m := range models {
		line(m.Name, whereabouts(m.Path))
	}
	line(library.MiniatureName, "the embedded miniature")
	fmt.Fprintln(table, "\nTo fetch (sirocco models pull NAME):")
	for _, p := range catalogue.Models {
		fmt.Fprintf(table, "  %s\t%s, about %s %s\n", p.Name, p.Title, bytesText(p.Bytes), p.About)
	}
	return table.Flush()
}

func whereabouts(path string) string {
	if _, err := os.Stat(path); err != nil {
		return path + " (no longer there)"
	}
	return path
}

// ModelsUse chooses the current model.
type ModelsUse struct {
	Name string `arg:"" help:"A name from the library; breeze is the embedded miniature."`
}

// Run changes the current model.
func (c *ModelsUse) Run(s *Streams) error {
	if err := library.Default().Use(c.Name); err != nil {
		return err
	}
	fmt.Fprintf(s.Err, "sirocco: %s runs from now on when --model is not given\n", c.Name)
	return nil
}

// ModelsRemove takes a name out.
type ModelsRemove struct {
	Name string `arg:"" help:"A name from the library."`
}

// Run takes the name out and says where the files are.
func (c *ModelsRemove) Run(s *Streams) error {
	entry, err := library.Default().Remove(c.Name)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Err, "sirocco: %s is out of the library; its files are still in %s\n", c.Name, entry.Path)
	return nil
}

// ModelsVerify checks hashes.
type ModelsVerify struct {
	CatalogueFlags
	Name string `arg:"" help:"A name from the library."`
	JSON bool   `name:"json" help:"One JSON object for each file."`
}

// Run hashes the model's files and fails when one is not what it should be.
func (c *ModelsVerify) Run(ctx context.Context, s *Streams) error {
	l := library.Default()
	entry, err := l.Find(c.Name)
	if err != nil {
		return err
	}
	catalogue, err := library.OpenCatalogue(c.Catalog)
	if err != nil {
		return err
	}
	show := newPrinter(s, false)
	verdicts, err := l.Verify(ctx, entry, catalogue, verifying(show))
	show.clear()
	wrong := 0
	for _, v := range verdicts {
		if !v.OK {
			wrong++
		}
		if err := c.print(s, v); err != nil {
			return err
		}
	}
	if err == nil && wrong > 0 {
		err = fmt.Errorf("verifying %s: %d of %d files are not what they should be", c.Name, wrong, len(verdicts))
	}
	return err
}

func (c *ModelsVerify) print(s *Streams, v library.Verdict) error {
	if c.JSON {
		return writeJSON(s, v)
	}
	word := "ok "
	if !v.OK {
		word = "BAD"
	}
	_, err := fmt.Fprintf(s.Out, "%s  %s  %s  %s: %s\n", word, v.SHA256, v.File, bytesText(v.Size), v.Why)
	return err
}

// verifying shows how far the hashing is, some times a second.
func verifying(p *printer) func(library.Progress) {
	var said time.Time
	return func(v library.Progress) {
		if time.Since(said) < 100*time.Millisecond {
			return
		}
		said = time.Now()
		p.printf("checking %s: %s of %s", v.File, bytesText(v.Done), bytesText(v.Total))
	}
}

// writeJSON prints one object on one line.
func writeJSON(s *Streams, object any) error {
	encoder := json.NewEncoder(s.Out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(object)
}
