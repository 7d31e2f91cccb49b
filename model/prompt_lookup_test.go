package model

import (
	"slices"
	"testing"

	"sirocco/model/chat"
	"sirocco/model/text"
)

func TestLookup(t *testing.T) {
	said := []int32{1, 2, 3, 4, 5, 6, 9, 9, 2, 3, 4}
	var l promptLookup
	if got := l.draft(said, 2); !slices.Equal(got, []int32{5, 6}) {
		t.Errorf("guessed %v, want what followed 2 3 4", got)
	}
	l.accept()
	if got := l.draft(said, 7); !slices.Equal(got, []int32{5, 6, 9, 9, 2, 3, 4}) {
		t.Errorf("guessed %v", got)
	}
	if got := l.draft(said, 7); got != nil {
		t.Errorf("guessed %v at once after a wrong guess", got)
	}
	if got := (&promptLookup{}).draft([]int32{1, 2, 3, 4, 5, 6}, 7); got != nil {
		t.Errorf("guessed %v of nothing", got)
	}
	if got := (&promptLookup{}).draft([]int32{7, 7, 7, 7}, 3); !slices.Equal(got, []int32{7}) {
		t.Errorf("guessed %v of a repetition", got)
	}
	tries := 0
	for l := (promptLookup{}); tries < 100_000; tries++ {
		if l.draft(said, 7); tries > 10_000 {
			if l.pause != maxPause {
				t.Errorf("pauses for %d", l.pause)
			}
			break
		}
	}
}

// What was chosen behind a guess counts where the guess was right and the mask of its place allows the choice.
func TestAhead(t *testing.T) {
	chosen := []text.SampledToken{{ID: 40}, {ID: 70}}
	mask := make([]uint32, 3)
	mask[40>>5] |= 1 << (40 & 31)
	a := speculated{[]int32{5, 40}, chosen}
	if got, ok := a.after(5, mask); !ok || got.ID != 40 {
		t.Errorf("after a right guess %v, %t", got, ok)
	}
	if got, ok := a.after(40, mask); ok {
		t.Errorf("%v was taken against the mask", got)
	}
	if _, ok := a.after(40, nil); ok {
		t.Error("what was given up came back")
	}
	b := speculated{[]int32{5, 40}, chosen}
	if got, ok := b.after(6, nil); ok {
		t.Errorf("after a wrong guess %v", got)
	}
}

// Guesses change the time an answer takes and nothing else: ids, log-probabilities, what masks forbade.
func TestGuessesChangeNothing(t *testing.T) {
	m := open(t, Options{Context: 1024})
	words := "Say it again: round green circle, round green circle, round green circle, round green circle."
	for name, change := range map[string]func(*chat.Request){
		"greedy":      func(*chat.Request) {},
		"temperature": func(r *chat.Request) { r.Sampling = chat.Sampling{Temperature: 0.3, Seed: 5} },
		"stop":        func(r *chat.Request) { r.Stop = []string{"gree"} },
		"limit":       func(r *chat.Request) { r.MaxTokens = 9 },
		"schema": func(r *chat.Request) {
			r.Schema = []byte(`{"type":"array","items":{"const":"round green circle"},"minItems":4}`)
		},
	} {
		request := ask(t, words, false)
		request.MaxTokens, request.NoGuard = 40, true
		change(request)
		var answers [2]*chat.Done
		for i := range answers {
			m.noSpeculation = i == 0
			m.slots.clear()
			answers[i], _ = answer(t, m, request)
		}
		if answers[0].Text != answers[1].Text || !slices.EqualFunc(answers[0].Tokens, answers[1].Tokens, sameToken) {
			t.Errorf("%s: without guesses %q, with them %q", name, answers[0].Text, answers[1].Text)
		}
	}
}

func sameToken(a, b chat.Token) bool {
	return a.Candidate == b.Candidate && a.Forbidden == b.Forbidden && (a.Wanted == nil) == (b.Wanted == nil)
}
