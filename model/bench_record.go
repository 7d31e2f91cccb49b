package model

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sirocco/model/chat"
)

// Keeper makes what keeps the events of one answer, and what ends that.
type Keeper func() (keep func(chat.Event) error, end func() error, err error)

// records measures decoding whose tokens are kept, event by event, beside decoding
// whose tokens are not, in turn. What keeping costs is the median over the pairs, each
// a moment apart.
func (b *bench) records() error {
	if b.plan.Keeper == nil || b.plan.Generate == 0 {
		return nil
	}
	b.plan.Said(fmt.Sprintf("generating %d tokens, kept in the history and not", b.plan.Generate))
	rounds := max(b.plan.Repeat, 3)
	var took [2][]float64
	var worked [2]float64
	var more []float64
	for round := range rounds {
		for i := range 2 {
			kept := (i + round) % 2 // who comes first takes turns, too
			before := processorSeconds()
			seconds, err := b.heard(kept == 1)
			if err != nil {
				return fmt.Errorf("measuring what keeping an answer costs: %w", err)
			}
			took[kept] = append(took[kept], seconds)
			worked[kept] += (processorSeconds() - before) / float64(rounds)
		}
		more = append(more, took[1][round]/took[0][round]-1)
	}
	cost := median(slices.Sorted(slices.Values(more)))
	line := Measurement{Name: "decode unrecorded", Generate: b.plan.Generate, Unit: "tokens/s", CPU: worked[0]}
	b.add(line, rates(b.plan.Generate, took[0]))
	line.Name, line.CPU, line.Cost = "decode recorded", worked[1], &cost
	b.add(line, rates(b.plan.Generate, took[1]))
	return nil
}

// heard generates the tokens and tells their events to a listener in another
// goroutine, as in the window, where they come from the engine's process. The seconds
// are those until the last event is kept.
func (b *bench) heard(keep bool) (seconds float64, err error) {
	hear, end := func(chat.Event) error { return nil }, func() error { return nil }
	if keep {
		if hear, end, err = b.plan.Keeper(); err != nil {
			return 0, err
		}
	}
	if err := b.fill(1); err != nil {
		return 0, err
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
	began := time.Now()
	err = b.told(events)
	close(events)
	err = errors.Join(err, <-heard)
	seconds = time.Since(began).Seconds()
	return seconds, errors.Join(err, end())
}

// told generates tokens and says of each what an answer of words says.
func (b *bench) told(events chan<- chat.Event) error {
	for range b.plan.Generate {
		if err := b.text.Step(b.ctx, 1); err != nil {
			return err
		}
		events <- chat.Event{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{ID: 1, Text: " word", Logprob: -0.1}}}
		events <- chat.Event{Kind: chat.KindText, Text: " word"}
	}
	return nil
}
