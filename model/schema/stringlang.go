package schema

import "sirocco/model/schema/lang"

// start is the automaton state before the first character.
func (s *stringLang) start() int32 {
	if s.lang == nil {
		return 0
	}
	return s.lang.Start()
}

// viable says whether a string that has led to q in n characters can still be completed.
func (s *stringLang) viable(q int32, n int) bool {
	switch {
	case q == lang.Dead || n > s.max:
		return false
	case s.lang == nil:
		return true
	}
	return s.lang.Shortest(q) <= s.max-n && (s.lang.Longest(q) >= lang.Unbounded || s.lang.Longest(q) >= s.min-n)
}

func (s *stringLang) accepts(q int32, n int) bool {
	return n >= s.min && n <= s.max && (s.lang == nil || s.lang.Accepts(q))
}

// short is about how many characters are still needed.
func (s *stringLang) short(q int32, n int) int {
	need := max(0, s.min-n)
	if s.lang != nil {
		need = max(need, s.lang.Shortest(q))
	}
	return need
}

func (s *stringLang) next(q int32, r rune) int32 {
	if s.lang == nil {
		return 0
	}
	to := s.lang.Next(q, r)
	if s.live != nil && to != lang.Dead && !s.live[to] {
		return lang.Dead
	}
	return to
}

// clip keeps a count only as far as it matters, so that long strings come back to the same state.
func (s *stringLang) clip(n int) int {
	if s.max == unlimited {
		return min(n, s.min)
	}
	return n
}

// within says whether some character of the spans keeps the string viable; scratch is lent.
func (s *stringLang) within(spans [3]span, q int32, n int, scratch []int32) bool {
	for _, x := range spans {
		if x.lo > x.hi {
			continue
		}
		if s.lang == nil {
			if s.viable(0, n) {
				return true
			}
			continue
		}
		for _, to := range s.lang.Targets(scratch[:0], q, x.lo, x.hi) {
			if s.viable(to, n) {
				return true
			}
		}
	}
	return false
}
