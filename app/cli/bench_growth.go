package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"sirocco/model"
)

// growth measures how time and memory grow with lengths, depths and pictures, on
// made-up weights.
func (b *Bench) growth(ctx context.Context, s *Streams) error {
	if b.Model != "" || b.Synthetic != "" {
		return &UsageError{"--growth makes a model of its own up, so --model and --synthetic have no place beside it"}
	}
	progress := newPrinter(s, false)
	plan := model.WholeGrowth()
	plan.Progress = func(what string) { progress.printf("measuring: %s", what) }
	report, err := model.MeasureGrowth(ctx, plan, model.Options{Device: b.Device, KV: b.KV, Tune: b.Tune, Progress: progress.load})
	progress.clear()
	if err != nil {
		return err
	}
	if b.JSON {
		encoder := json.NewEncoder(s.Out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(report)
	}
	return printGrowth(s, report)
}

func printGrowth(s *Streams, r *model.GrowthReport) error {
	fmt.Fprintf(s.Out, "%s on %s (%s)\n", r.Model.Name, r.Device.Name, r.Device.Backend)
	for _, line := range r.Lines {
		fmt.Fprintf(s.Out, "\n%s: %s, at most %.0f %% off\n", line.Name, polynomialText(line), 100*line.Worst)
		table := tabwriter.NewWriter(s.Out, 0, 0, 3, ' ', tabwriter.AlignRight)
		fmt.Fprintf(table, "%s\t%s\tprocessor seconds\t\n", line.Size, line.Unit)
		for _, p := range line.Points {
			if line.Unit == "bytes" {
				fmt.Fprintf(table, "%d\t%s\t\t\n", p.Size, bytesText(int64(p.Value)))
				continue
			}
			fmt.Fprintf(table, "%d\t%.3g\t%.3g\t\n", p.Size, p.Value, p.CPU)
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// polynomialText writes a fit: 0.1 + 0.002 n + 3e-7 n².
func polynomialText(line model.GrowthLine) (text string) {
	for i, c := range line.Fit {
		if i > 0 {
			text += " + "
		}
		text += fmt.Sprintf("%.3g%s", c, [...]string{"", " n", " n²"}[i])
	}
	return text
}
