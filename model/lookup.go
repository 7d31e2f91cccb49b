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
	// grams is how many tokens must have been said before.
	grams = 3
	// longestWait is how many tokens pass at most before guessing is tried again.
	longestWait = 64
)

// lookup guesses, and pauses for longer and longer while that does not pay.
type lookup struct {
	worth       int // how many guesses must be right for a pass to pay
	wait, pause int
	tried       bool
	right       int // of the last guesses
}

// guess is at most n tokens that may follow the history.
func (l *lookup) guess(history []int32, n int) []int32 {
	if l.tried && l.right < max(l.worth, 1) {
		l.pause = min(2*l.pause+1, longestWait)
		l.wait = l.pause
	} else if l.tried {
		l.pause = 0
	}
	l.tried, l.right = false, 0
	if l.wait > 0 {
		l.wait--
		return nil
	}
	if len(history) <= grams || n < 1 {
		return nil
	}
	last := history[len(history)-grams:]
	for end := len(history) - 1; end >= grams; end-- {
		if slices.Equal(history[end-grams:end], last) {
			l.tried = true
			return history[end:min(end+n, len(history))]
		}
	}
	return nil
}

// hit says that a guess was right.
func (l *lookup) hit() { l.right++ }

// ahead is what was chosen behind guesses that are not known to be right yet.
type ahead struct {
	ids    []int32       // the guesses
	chosen []text.Chosen // what follows each
}

// after is the token that follows id, where id was guessed and the mask allows
// what was chosen without one: then it is what would be chosen under it.
func (a *ahead) after(id int32, allowed []uint32) (text.Chosen, bool) {
	if len(a.ids) == 0 || len(a.chosen) == 0 || a.ids[0] != id || allowed != nil && !has(allowed, a.chosen[0].ID) {
		a.ids, a.chosen = nil, nil
		return text.Chosen{}, false
	}
	chosen := a.chosen[0]
	a.ids, a.chosen = a.ids[1:], a.chosen[1:]
	return chosen, true
}
