package eval

import (
	"regexp"
	"strings"
)

// The ways in which answers name a choice, surest first.
var (
	letterAlone    = regexp.MustCompile(`^[\s(\[*"'` + "`" + `]*([A-Za-z])[\s)\].:*"'` + "`" + `]*$`)
	answerIs       = regexp.MustCompile(`(?i)(?:answer|choice|option)\s*(?:is|:|=)?\s*[:*\s(\["'` + "`" + `]*\b([A-Z])\b`)
	boxed          = regexp.MustCompile(`\\boxed\{\s*(?:\\text\{)?\(?([A-Z])\)?\}?\s*\}`)
	letterFirst    = regexp.MustCompile(`^[\s(\[*]*([A-Z])(?:[).:\]]|\*\*)`)
	letterInside   = regexp.MustCompile(`[(\[]([A-Z])[)\]]`)
	letterByDot    = regexp.MustCompile(`(?:^|\s)([A-Z])[.:)](?:\s|$)`)
	letterOnItsOwn = regexp.MustCompile(`\b([B-HJ-Z])\b`) // A and I are words
)

// answerOf is the letter of the choice an answer names, "" when it names none or
// several.
func answerOf(answer string, choices []string) string {
	valid := func(found string) string {
		found = strings.ToUpper(found)
		if len(found) == 1 && found[0] >= 'A' && int(found[0]-'A') < len(choices) {
			return found
		}
		return ""
	}
	if m := letterAlone.FindStringSubmatch(answer); m != nil {
		return valid(m[1])
	}
	for _, pattern := range []*regexp.Regexp{boxed, answerIs} {
		if all := pattern.FindAllStringSubmatch(answer, -1); all != nil {
			if found := valid(all[len(all)-1][1]); found != "" {
				return found
			}
		}
	}
	inside := letterInside.FindAllStringSubmatch(answer, -1)
	if len(inside) > 1 && only(inside) == "" {
		return "" // (A) or (B)
	}
	if m := letterFirst.FindStringSubmatch(answer); m != nil {
		return valid(m[1])
	}
	if found := named(answer, choices); found != "" {
		return found
	}
	for _, pattern := range []*regexp.Regexp{letterInside, letterByDot, letterOnItsOwn} {
		if found := valid(only(pattern.FindAllStringSubmatch(answer, -1))); found != "" {
			return found
		}
	}
	return ""
}

// named is the one choice whose own words stand in the answer. A choice that
// stands inside a longer one that is named too does not count.
func named(answer string, choices []string) string {
	text := plain(answer)
	best, length, rivals := -1, 0, 0
	for i, choice := range choices {
		words := plain(choice)
		if !containsWords(text, words) {
			continue
		}
		switch {
		case best < 0 || len(words) > length && containsWords(words, plain(choices[best])):
			best, length = i, len(words)
		case !containsWords(plain(choices[best]), words):
			rivals++
		}
	}
	if best < 0 || rivals > 0 {
		return ""
	}
	return letter(best)
}

// only is the letter all matches agree on.
func only(found [][]string) string {
	one := ""
	for _, m := range found {
		if one != "" && m[1] != one {
			return ""
		}
		one = m[1]
	}
	return one
}
