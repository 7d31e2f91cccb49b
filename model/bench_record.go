package model

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"sirocco/model/chat"
)

// Recorder makes what keeps the events of one answer, and what ends that.
type Recorder func() (keep func(chat.Event) error, end func() error, err error)

// Cost is how much more one of a pair took than the other, as a part of one: the median
// over the pairs, and bounds between which the true median lies in 95 of 100 such
// measurements.
type Cost struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Pairs  int     `json:"pairs"`
}

// records measures decoding whose tokens are kept, event by event, beside decoding
// whose tokens are not, in turn. Both of a pair are a moment apart, and which comes first
// takes turns, so that what drifts on the machine falls on both alike.
func (b *bench) records() error {
	if b.plan.Recorder == nil || b.plan.Generate == 0 {
		return nil
	}
	b.plan.Progress(fmt.Sprintf("generating %d tokens, kept in the history and not", b.plan.Generate))
	var took, worked [2][]float64
	for pair := range max(b.plan.Pairs, b.plan.Repeat, 3) {
		for i := range 2 {
			kept := (i + pair) % 2
			seconds, cpu, err := b.generateRecorded(kept == 1)
			if err != nil {
				return fmt.Errorf("measuring what keeping an answer costs: %w", err)
			}
			took[kept], worked[kept] = append(took[kept], seconds), append(worked[kept], cpu)
		}
	}
	line := Measurement{Name: "decode unrecorded", Generate: b.plan.Generate, Unit: "tokens/s", CPU: medianOf(worked[0])}
	b.add(line, rates(b.plan.Generate, took[0]))
	line.Name, line.CPU, line.Cost, line.CPUCost = "decode recorded", medianOf(worked[1]), costOf(took), costOf(worked)
	b.add(line, rates(b.plan.Generate, took[1]))
	return nil
}

// costOf sums up pairs of what was spent, first without, then with; nil where nothing
// is known, as of processors on some systems.
func costOf(spent [2][]float64) *Cost {
	var more []float64
	for pair, without := range spent[0] {
		if without > 0 {
			more = append(more, spent[1][pair]/without-1)
		}
	}
	if len(more) == 0 {
		return nil
	}
	slices.Sort(more)
	low, high := between(len(more))
	return &Cost{Median: median(more), Low: more[low], High: more[high], Pairs: len(more)}
}

// between is which of n sorted values bound the median with a confidence of 95 % at
// least, whatever they are distributed like: how many lie below it is a matter of n
// fair coins. Few values bound it less surely, by the first and the last.
func between(n int) (low, high int) {
	less := 0.0 // the chance of k or fewer
	for k := range n / 2 {
		if less += coins(n, k); less > 0.025 {
			break
		}
		low = k
	}
	return low, n - 1 - low
}

// coins is the chance that k of n fair coins fall on one side.
func coins(n, k int) float64 {
	ways := func(n int) float64 { log, _ := math.Lgamma(float64(n + 1)); return log }
	return math.Exp(ways(n) - ways(k) - ways(n-k) - float64(n)*math.Ln2)
}

func medianOf(values []float64) float64 { return median(slices.Sorted(slices.Values(values))) }

// generateRecorded generates the tokens and tells their events to a listener in another
// goroutine, as in the window, where they come from the engine's process. The seconds
// are those until the last event is kept, by the clock and of all processors.
func (b *bench) generateRecorded(keep bool) (seconds, cpu float64, err error) {
	hear, end := func(chat.Event) error { return nil }, func() error { return nil }
	if keep {
		if hear, end, err = b.plan.Recorder(); err != nil {
			return 0, 0, err
		}
	}
	if err := b.fill(1); err != nil {
		return 0, 0, err
	}
	events, heard := make(chan chat.Event, 64), make(chan error, 1)
	go func() {
		var fault error
		for e := range events {
			if fault == nil {
				fault = hear(e)
			}
		}
		heard <- fault
	}()
	began, before := time.Now(), processorSeconds()
	err = b.record(events)
	close(events)
	err = errors.Join(err, <-heard)
	seconds, cpu = time.Since(began).Seconds(), processorSeconds()-before
	return seconds, cpu, errors.Join(err, end())
}

// record generates tokens and says of each what an answer of words says.
func (b *bench) record(events chan<- chat.Event) error {
	for range b.plan.Generate {
		if err := b.text.Step(b.ctx, 1); err != nil {
			return err
		}
		events <- chat.Event{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{ID: 1, Text: " word", Logprob: -0.1}}}
		events <- chat.Event{Kind: chat.KindText, Text: " word"}
	}
	return nil
}
