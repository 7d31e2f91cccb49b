package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"

	"sirocco/app/library"
	"sirocco/gpu"
	"sirocco/model"
)

// Doctor says what this machine has and what would run on it.
type Doctor struct {
	Model  string `placeholder:"PATH" help:"Plan the memory of this model, without loading it."`
	MMProj string `name:"mmproj" placeholder:"FILE" help:"The vision file of a GGUF model."`
	Device string `placeholder:"SPEC" env:"SIROCCO_DEVICE" help:"Plan for this adapter, or for a list of them."`
	Ctx    int    `placeholder:"N" help:"Plan for a context of so many tokens."`
	KV     string `default:"" enum:",f16,f32,q8" placeholder:"TYPE" help:"Plan for this type of key and value cache: f16, f32 or q8. Without it: f16, or q8 where nothing else fits."`

	Memory size `placeholder:"SIZE" help:"Plan for so much of an adapter's memory, as 6GB."`

	Quantize string `default:"none" enum:"none,q4,q8" help:"Plan for weights packed into 4 or 8 bits: q4, q8 or none."`
}

// Run prints the report. It fails when nothing could run.
func (d *Doctor) Run(_ context.Context, s *Streams) error {
	fmt.Fprintf(s.Out, "sirocco %s, %s on %s/%s, %d processors\n\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	adapters, err := gpu.Adapters()
	if err != nil {
		return err
	}
	for _, a := range adapters {
		describe(s, a)
	}
	fmt.Fprintf(s.Out, "Without --device, sirocco uses %d: %s.\n", adapters[0].Index, adapters[0].Name)
	if d.Model == "" {
		return nil
	}
	return d.plan(s)
}

// plan prints what the model named would take. That it does not fit is a result,
// not a failure of the command.
func (d *Doctor) plan(s *Streams) error {
	choice, err := library.Resolve(d.Model)
	if err != nil {
		return err
	}
	if d.MMProj == "" {
		d.MMProj = choice.MMProj
	}
	plan, err := model.PlanFor(choice.Path, model.Options{MMProj: d.MMProj, Device: d.Device, Context: d.Ctx, KV: d.KV, Quantize: d.Quantize, GPU: gpu.Options{MaxMemory: int64(d.Memory)}})
	if err != nil && !errors.As(err, new(*model.DoesNotFit)) {
		return err
	}
	fmt.Fprintf(s.Out, "\n%s, planned without loading it:\n", plan.Model)
	printPlan(s, plan)
	if err != nil {
		fmt.Fprintf(s.Out, "  %v\n", err)
	}
	if d, err := library.Describe(choice.Path, d.MMProj); err == nil && d.Tokenizer.Problem != "" {
		fmt.Fprintf(s.Out, "  it cannot be asked: %s\n", d.Tokenizer.Problem)
	}
	return nil
}

// describe prints one adapter.
func describe(s *Streams, a gpu.Adapter) {
	fmt.Fprintf(s.Out, "%d  %s (%s, %s)\n", a.Index, a.Name, a.Kind, a.Backend)
	line := func(name, value string) { fmt.Fprintf(s.Out, "   %-18s%s\n", name, value) }
	if a.Driver != "" {
		line("driver", a.Driver)
	}
	line("memory", memoryText(a))
	line("largest buffer", bytesText(a.Limits.MaxBuffer))
	line("largest binding", bytesText(a.Limits.MaxBinding))
	line("kernel timing", yesNo(a.Timestamps))
	describeKernels(line, a)
	line("miniature", "runs")
	for _, kind := range []string{"q4_k", "bf16"} {
		line("real model, "+kind, fits(a, kind))
	}
	if a.Kind == gpu.Software {
		fmt.Fprintln(s.Out, "   This is a software driver: everything works, at the speed of the processor.")
	}
	fmt.Fprintln(s.Out)
}

func memoryText(a gpu.Adapter) string {
	if a.Memory == 0 {
		return "this system does not tell"
	}
	return fmt.Sprintf("%s, %s of them free", bytesText(a.Memory), bytesText(a.Free))
}

// fits says whether the full model would fit when its weights are stored so.
func fits(a gpu.Adapter, kind string) string {
	plan, err := model.PlanSynthetic(model.Synthetic{Shape: "full", Type: kind}, model.Options{Device: strconv.Itoa(a.Index)})
	switch {
	case err != nil:
		return "does not fit: " + err.Error()
	case a.Free == 0:
		return fmt.Sprintf("needs %s with a context of %d tokens", bytesText(plan.Bytes()), plan.Context)
	case plan.Host > 0:
		return fmt.Sprintf("%s of its layers would stay in memory of the host, with a context of %d tokens%s", bytesText(plan.Host), plan.Context, expected(plan))
	case len(plan.Places) > 1:
		return fmt.Sprintf("fits with a context of %d tokens, divided over %d adapters", plan.Context, len(plan.Places))
	}
	return fmt.Sprintf("fits with a context of %d tokens: %s", plan.Context, bytesText(plan.Bytes()))
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// Version prints the version and the commit it was built from.
type Version struct{}

// Run prints one line.
func (*Version) Run(s *Streams) error {
	_, err := fmt.Fprintf(s.Out, "sirocco %s\n", version())
	return err
}

// number is the version of FyneApp.toml; a test keeps the two equal.
const number = "0.2.0"

// version is the number, and the commit when the build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return number
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
			return number + " (" + setting.Value[:12] + ")"
		}
	}
	return number
}
