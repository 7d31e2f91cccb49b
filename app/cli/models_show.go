package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"sirocco/app/library"
	"sirocco/gpu"
	"sirocco/model"
)

// ModelsShow describes a model.
type ModelsShow struct {
	Model  string `arg:"" optional:"" name:"model" help:"A name from the library, a model folder or a GGUF file. Without it: the current model."`
	MMProj string `name:"mmproj" placeholder:"FILE" help:"The vision file of a GGUF model."`
	Device string `placeholder:"SPEC" env:"SIROCCO_DEVICE" help:"Plan for this adapter; see sirocco doctor."`
	Ctx    int    `placeholder:"N" help:"Plan for a context of so many tokens."`
	KV     string `default:"" enum:",f16,f32,q8" placeholder:"TYPE" help:"Plan for this type of key and value cache: f16, f32 or q8. Without it: f16, or q8 where nothing else fits."`
	Memory size   `placeholder:"SIZE" help:"Plan for so much of an adapter's memory, as 6GB."`
	JSON   bool   `name:"json" help:"One JSON object."`

	Quantize string `default:"none" enum:"none,q4,q8" help:"Plan for weights packed while loading: q4, q8 or none."`
}

// Run prints what the files are and, where there is an adapter, the plan.
func (c *ModelsShow) Run(s *Streams) error {
	choice, err := library.Resolve(c.Model)
	if err != nil {
		return err
	}
	if c.MMProj == "" {
		c.MMProj = choice.MMProj
	}
	d, err := library.Describe(choice.Path, c.MMProj)
	if err != nil {
		return err
	}
	plan, problem := model.PlanFor(choice.Path, model.Options{MMProj: c.MMProj, Device: c.Device, Context: c.Ctx, KV: c.KV, Quantize: c.Quantize, GPU: gpu.Options{MaxMemory: int64(c.Memory)}})
	if c.JSON {
		return writeJSON(s, map[string]any{"name": choice.Name, "files": d, "plan": plan, "problem": sentence(problem)})
	}
	printDescription(s, choice, d)
	if len(plan.Items) > 0 {
		fmt.Fprintln(s.Out)
		printPlan(s, plan)
	}
	if problem != nil {
		fmt.Fprintf(s.Out, "\n%s\n", problem)
	}
	return nil
}

func sentence(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func printDescription(s *Streams, choice library.Choice, d *library.Description) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(s.Out, "%-12s%s\n", name, fmt.Sprintf(format, args...))
	}
	if choice.Name != "" {
		line("name", "%s", choice.Name)
	}
	if choice.Miniature {
		d.Title = "Breeze, the embedded miniature"
	}
	line("model", "%s", d.Title)
	line("path", "%s", d.Path)
	line("format", "%s as %s writes it, %s", d.Format, d.Layout, plural(len(d.Files), "file"))
	for _, file := range d.Files {
		line("", "%s", filepath.Base(file))
	}
	line("size", "%s, %.2g billion parameters", bytesText(d.Bytes), float64(d.Parameters)/1e9)
	var kinds []string
	for _, t := range d.Types {
		kinds = append(kinds, fmt.Sprintf("%s %s (%s)", t.Type, bytesText(t.Bytes), plural(t.Tensors, "tensor")))
	}
	line("types", "%s", strings.Join(kinds, ", "))
	t := d.Text
	line("decoder", "%d layers of %d, %d heads of %d on %d keys, feed-forward %d, vocabulary %d, %d tokens at most",
		t.Layers, t.Width, t.Heads, t.HeadSize, t.KVHeads, t.FeedForward, t.Vocabulary, t.Context)
	if v := d.Vision; v != nil {
		line("vision", "%d layers of %d, pictures up to %d pixels in patches of %d", v.Layers, v.Width, v.ImageSize, v.PatchSize)
	} else {
		line("vision", "none: pictures are not possible")
	}
	if k := d.Tokenizer; k.Problem != "" {
		line("tokenizer", "%s", k.Problem)
	} else {
		line("tokenizer", "%s, %d tokens, version %s", k.From, k.Tokens, k.Version)
	}
	for _, notice := range d.Notices {
		line("note", "%s", notice)
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// expected is how fast layers from the host let a model be.
func expected(plan model.Plan) string {
	if plan.Expected == 0 {
		return ""
	}
	return fmt.Sprintf(", at most about %.2g tokens a second", plan.Expected)
}

// printPlan prints what a model takes on which adapter, and by how much it fits.
func printPlan(s *Streams, plan model.Plan) {
	fmt.Fprintf(s.Out, "memory for a context of %d tokens:\n", plan.Context)
	for _, item := range plan.Items {
		fmt.Fprintf(s.Out, "  %10s  %s\n", bytesText(item.Bytes), item.Name)
	}
	fmt.Fprintf(s.Out, "  %10s  together\n", bytesText(plan.Bytes()))
	for _, place := range plan.Places {
		verdict := "how much is free is not known"
		switch {
		case place.Free > 0 && place.Missing() == 0:
			verdict = fmt.Sprintf("fits into %s free", bytesText(place.Free))
		case place.Free > 0:
			verdict = fmt.Sprintf("%s too much for %s free", bytesText(place.Missing()), bytesText(place.Free))
		}
		fmt.Fprintf(s.Out, "  adapter %d, %s: %s with %s of head-room, %s\n", place.Device, place.Name,
			bytesText(place.Bytes+place.Headroom), bytesText(place.Headroom), verdict)
		if place.Offloaded > 0 {
			fmt.Fprintf(s.Out, "  of its %s, %d come from memory of the host on every pass\n", plural(place.Layers, "layer"), place.Offloaded)
		}
	}
	if plan.Host > 0 {
		fmt.Fprintf(s.Out, "  memory of the host: %s%s\n", bytesText(plan.Host), expected(plan))
	}
	for _, step := range plan.Steps {
		fmt.Fprintf(s.Out, "  %s\n", step)
	}
}
