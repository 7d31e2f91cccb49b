package model

import (
	"slices"

	"sirocco/model/text"
)

// Answers quote: the question, a tool's result, a schema's names. Where the last
// words were said before, what followed them then is guessed to follow now, and
// the device checks the guesses while it reads its weights once (prompt lookup).
// What is chosen never depends on guesses, because random numbers are a function
// of seed and position and a row of a product of how many go together: only the
// time does.

const (
	// minMatch is how many tokens must have been said before.
	minMatch = 3
	// maxPause is how many tokens pass at most before guessing is tried again.
	maxPause = 64
)

// promptLookup guesses, and pauses for longer and longer while that does not pay.
type promptLookup struct {
	minAccepted int // how many guesses must be right for a pass to pay
	wait, pause int
	tried       bool
	accepted    int // of the last guesses
}

// draft is at most n tokens that may follow the history.
func (l *promptLookup) draft(history []int32, n int) []int32 {
	if l.tried && l.accepted < max(l.minAccepted, 1) {
		l.pause = min(2*l.pause+1, maxPause)
		l.wait = l.pause
	} else if l.tried {
		l.pause = 0
	}
	l.tried, l.accepted = false, 0
	if l.wait > 0 {
		l.wait--
		return nil
	}
	if len(history) <= minMatch || n < 1 {
		return nil
	}
	last := history[len(history)-minMatch:]
	for end := len(history) - 1; end >= minMatch; end-- {
		if slices.Equal(history[end-minMatch:end], last) {
			l.tried = true
			return history[end:min(end+n, len(history))]
		}
	}
	return nil
}

// accept says that a guess was right.
func (l *promptLookup) accept() { l.accepted++ }

// speculated is what was chosen behind guesses that are not known to be right yet.
type speculated struct {
	ids     []int32             // the guesses
	sampled []text.SampledToken // what follows each
}

// after is the token that follows id, where id was guessed and the mask allows
// what was chosen without one: then it is what would be chosen under it.
func (a *speculated) after(id int32, allowed []uint32) (text.SampledToken, bool) {
	if len(a.ids) == 0 || len(a.sampled) == 0 || a.ids[0] != id || allowed != nil && !has(allowed, a.sampled[0].ID) {
		a.ids, a.sampled = nil, nil
		return text.SampledToken{}, false
	}
	chosen := a.sampled[0]
	a.ids, a.sampled = a.ids[1:], a.sampled[1:]
	return chosen, true
}
