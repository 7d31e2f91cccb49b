package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// result is what a run was, and what came of it.
type result struct {
	during                  time.Duration
	clients, rude, parallel int
	busy                    string // how busy the machine was before

	tallies       []*counters
	memory        memory
	shared        float64 // answers that a pass chose a token for, on average
	before, after int     // goroutines
}

// tell prints the table of results, and writes it to a file where one is named.
func (r *result) tell(out string, wrong error) error {
	if out == "" {
		r.table(os.Stdout, wrong)
		return nil
	}
	var page strings.Builder
	fmt.Fprintf(&page, "# The server under load\n\n`make load` wrote this page: equal clients ask `sirocco serve` on the miniature through every route, on loopback, as fast as they\n"+
		"are answered; others beside them cut their streams or read a few bytes at a time. An error is whatever is not an answer, or a 429 or 503\nwith Retry-After.\n\n")
	r.table(io.MultiWriter(os.Stdout, &page), wrong)
	if err := os.WriteFile(out, []byte(page.String()), 0o644); err != nil {
		return fmt.Errorf("writing the table of results: %w", err)
	}
	return nil
}

func (r *result) table(to io.Writer, wrong error) {
	row := func(name, format string, values ...any) {
		fmt.Fprintf(to, "| %s | %s |\n", name, fmt.Sprintf(format, values...))
	}
	waits, refused, errs := r.sum()
	least, most := extremes(r.tallies)
	fmt.Fprintf(to, "| | |\n|---|---|\n")
	row("machine", "%d processors, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, r.busy)
	row("clients", "%d equal ones, %d rude ones, for %v", r.clients, r.rude, r.during)
	row("answers made at once", "%d", r.parallel)
	row("answers", "%d whole ones, %.1f a second", len(waits), float64(len(waits))/r.during.Seconds())
	row("answers in a pass of decoding", "%.2f on average", r.shared)
	row("turned away with Retry-After", "%d", refused)
	row("errors", "%d", errs)
	if len(waits) > 0 {
		at := func(share float64) float64 { return waits[int(share*float64(len(waits)-1))].Seconds() }
		row("seconds to a whole answer", "median %.2f, 95 %% %.2f, longest %.2f", at(0.5), at(0.95), at(1))
	}
	row("answers per client", "%d to %d (%.2f times; %.1f is fair)", least, most, float64(most)/float64(max(least, 1)), maxUnfair)
	row("memory, with the engine", "%s", r.memory)
	row("goroutines", "%d before, %d after", r.before, r.after)
	if wrong != nil {
		row("verdict", "%s", strings.ReplaceAll(wrong.Error(), "\n", "; "))
	} else {
		row("verdict", "stood it")
	}
}

// sum adds up what all clients saw; the waits come shortest first.
func (r *result) sum() (waits []time.Duration, refused, errs int) {
	for _, t := range r.tallies {
		waits = append(waits, t.waits...)
		errs += len(t.errs)
		for _, n := range t.refused {
			refused += n
		}
	}
	slices.Sort(waits)
	return waits, refused, errs
}

// busy says how many other programs wanted a processor, as Linux tells it.
func busy() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "how busy is not known"
	}
	average, _, _ := strings.Cut(string(data), " ")
	return "load " + average + " before"
}
