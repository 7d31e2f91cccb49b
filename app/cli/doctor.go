package cli

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"sirocco/gpu"
)

// Doctor says what this machine has and what would run on it.
type Doctor struct{}

// realModel is what Mistral-Small-3.2-24B takes in BF16, its weights alone.
const realModel = 48_022_722_560

// Run prints the report. It fails when nothing could run.
func (*Doctor) Run(_ context.Context, s *Streams) error {
	fmt.Fprintf(s.Out, "sirocco %s, %s on %s/%s, %d processors\n\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	adapters, err := gpu.Adapters()
	if err != nil {
		return err
	}
	for _, a := range adapters {
		describe(s, a)
	}
	fmt.Fprintf(s.Out, "Without --device, sirocco uses %d: %s.\n", adapters[0].Index, adapters[0].Name)
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
	line("miniature", "runs")
	line("real model, BF16", fits(a))
	if a.Kind == gpu.Software {
		fmt.Fprintln(s.Out, "   This is a software driver: everything works, at the speed of the processor.")
	}
	fmt.Fprintln(s.Out)
}

func memoryText(a gpu.Adapter) string {
	if a.Memory == 0 {
		return "this system does not tell"
	}
	return bytesText(a.Memory)
}

// fits says whether the full model's weights would fit, as far as is known.
func fits(a gpu.Adapter) string {
	need := fmt.Sprintf("needs %s and room for the context", bytesText(realModel))
	switch {
	case a.Memory == 0:
		return need
	case a.Memory > realModel+realModel/20:
		return "fits: " + need
	}
	return "does not fit: " + need
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
const number = "0.1.0"

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
