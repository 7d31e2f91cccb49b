package cli

import (
	"fmt"
	"text/tabwriter"

	"sirocco/model"
)

// print writes the report for people.
func (b *Bench) print(s *Streams, r *model.BenchReport) error {
	fmt.Fprintf(s.Out, "%s on %s (%s)\n", r.Model.Name, r.Device.Name, r.Device.Backend)
	fmt.Fprintf(s.Out, "the device copies %.1f GB/s and computes %.1f GFLOP/s\n", r.Limits.CopyGB, r.Limits.FMAGFlops)
	fmt.Fprintf(s.Out, "memory: %s planned, %s at most allocated\n\n", bytesText(r.Memory.Planned), bytesText(r.Memory.Allocated))
	table := tabwriter.NewWriter(s.Out, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "measured\tmedian\tleast\tmost\t\tof the limit\t")
	for _, m := range r.Measurements {
		limit := ""
		if m.Fraction != nil {
			limit = fmt.Sprintf("%.0f %%", 100**m.Fraction)
		}
		if m.Cost != nil {
			limit = "costs " + cost(m.Cost)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t\n", measured(m), figure(m.Median), figure(m.Min), figure(m.Max), m.Unit, limit)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	printCost(s, r)
	printReading(s, r)
	if len(r.Kernels) > 0 {
		fmt.Fprintln(s.Out, "\none round by the device's clock:")
	}
	for _, k := range r.Kernels {
		fmt.Fprintf(table, "%s\t%.2f ms\t%d calls\t\n", k.Name, 1000*k.Seconds, k.Calls)
	}
	return table.Flush()
}

// printCost says what recording costs, and how sure that is.
func printCost(s *Streams, r *model.BenchReport) {
	for _, m := range r.Measurements {
		if m.Cost == nil {
			continue
		}
		fmt.Fprintf(s.Out, "\nrecording costs %s of the time by the clock", bounds(m.Cost))
		if m.CPUCost != nil {
			fmt.Fprintf(s.Out, ", %s of the processors' time", bounds(m.CPUCost))
		}
		fmt.Fprintf(s.Out, ": medians of %d pairs, and where they lie with 95 %% confidence\n", m.Cost.Pairs)
	}
}

// bounds is a cost with the interval it lies in.
func bounds(c *model.Cost) string {
	return fmt.Sprintf("%s (%+.1f to %+.1f %%)", cost(c), 100*c.Low, 100*c.High)
}

func cost(c *model.Cost) string { return fmt.Sprintf("%+.1f %%", 100*c.Median) }

// printReading says what loading was compared with.
func printReading(s *Streams, r *model.BenchReport) {
	for _, m := range r.Measurements {
		if m.Reading == nil {
			continue
		}
		fmt.Fprintf(s.Out, "\nthe files alone: read in %.3f s, copied to new memory in %.3f s", m.Seconds, m.Copy)
		if m.Maxima > 0 {
			fmt.Fprintf(s.Out, ", every block's maximum found in %.3f s", m.Maxima)
		}
		if m.Cold > 0 {
			fmt.Fprintf(s.Out, ", read from the disk in %.3f s", m.Cold)
		}
		fmt.Fprintln(s.Out)
	}
}

// measured says what a line is about.
func measured(m model.Measurement) string {
	switch m.Name {
	case "prefill":
		return fmt.Sprintf("prefill of %d at depth %d", m.Prompt, *m.Depth)
	case "decode":
		return fmt.Sprintf("decode of %d at depth %d", m.Generate, *m.Depth)
	case "decode unrecorded", "decode recorded":
		return fmt.Sprintf("%s, %d", m.Name, m.Generate)
	case "together":
		return fmt.Sprintf("decode of %d for %d at once", m.Generate, m.Conversations)
	case "image":
		return fmt.Sprintf("image of %dx%d", m.Width, m.Height)
	}
	return m.Name
}

// figure keeps three digits that say something.
func figure(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}
