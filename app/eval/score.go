package eval

import (
	"encoding/json"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"
	"golang.org/x/text/unicode/norm"

	"sirocco/model/chat"
)

// score judges an answer: 0 is wrong, 1 is right, and what was compared. Code is
// judged by running it, see code.go.
func (q *Question) score(text string, calls []chat.ToolCall) (points float64, seen string) {
	if q.Match == MatchCalls {
		return truth(q.sameCalls(calls)), callsText(calls)
	}
	seen = text
	switch q.Match {
	case MatchChoice:
		seen = answerOf(final(text), q.Choices)
	case MatchNumber:
		seen = lastNumber(final(text))
	case MatchJSON:
		seen = valueAt(text, q.Path)
	case MatchRegex:
	default:
		seen = final(text)
	}
	for _, right := range q.Answers {
		points = max(points, q.compare(seen, right))
	}
	return points, seen
}

// compare holds what was seen against one right answer.
func (q *Question) compare(seen, right string) float64 {
	switch q.Match {
	case MatchChoice:
		return truth(seen == right)
	case MatchContains:
		return truth(containsWords(plain(seen), plain(right)))
	case MatchRegex:
		pattern, err := regexp.Compile(right)
		return truth(err == nil && pattern.MatchString(seen))
	case MatchNumber:
		return truth(sameNumber(seen, right))
	case MatchRelaxed:
		return truth(relaxed(seen, right))
	case MatchANLS:
		return anls(seen, right)
	case MatchJSON:
		return truth(sameJSON(seen, right))
	}
	return truth(plain(seen) == plain(right))
}

func truth(right bool) float64 {
	if right {
		return 1
	}
	return 0
}

// finalMark begins the line with which an answer sums itself up.
var finalMark = regexp.MustCompile(`(?im)^[\s*_#>]*(?:final\s+answer|answer)\s*[:：]\s*`)

// final is what follows the last "Answer:", or the whole text.
func final(text string) string {
	marks := finalMark.FindAllStringIndex(text, -1)
	if marks == nil {
		return strings.TrimSpace(text)
	}
	rest := text[marks[len(marks)-1][1]:]
	first, _, _ := strings.Cut(strings.TrimSpace(rest), "\n")
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(first), "*_`"))
}

// plain takes out what makes no difference: case, the width of blanks, ways of
// writing one character, quotes around and a full stop at the end.
func plain(text string) string {
	text = strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(text))), " ")
	text = strings.Trim(text, "\"'“”‘’`*")
	return strings.TrimSpace(strings.TrimSuffix(text, "."))
}

// containsWords finds words in a text where no letter or digit touches them.
func containsWords(text, words string) bool {
	if words == "" {
		return false
	}
	for from := 0; ; {
		at := strings.Index(text[from:], words)
		if at < 0 {
			return false
		}
		at += from
		before, after := lastRune(text[:at]), firstRune(text[at+len(words):])
		if !wordRune(before) && !wordRune(after) {
			return true
		}
		from = at + 1
	}
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func lastRune(s string) (last rune) {
	for _, r := range s {
		last = r
	}
	return last
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// numbers are numbers as people write them, with commas between thousands.
var numbers = regexp.MustCompile(`[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?|[-−]?\.\d+`)

// lastNumber is the last number in a text; "" when there is none.
func lastNumber(text string) string {
	all := numbers.FindAllString(text, -1)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// number reads a number as people write it.
func number(text string) (float64, bool) {
	text = strings.NewReplacer(",", "", "−", "-", "$", "", "€", "", "£", "").Replace(strings.TrimSpace(text))
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}

// sameNumber compares with as many decimals as the right answer has.
func sameNumber(seen, right string) bool {
	a, okA := number(seen)
	b, okB := number(right)
	if !okA || !okB {
		return false
	}
	decimals := 0
	if _, fraction, found := strings.Cut(strings.TrimSpace(right), "."); found {
		decimals = len(fraction)
	}
	scale := math.Pow(10, float64(min(decimals, 15)))
	return math.Round(a*scale) == math.Round(b*scale) || math.Abs(a-b) <= 1e-9*math.Abs(b)
}

// sameJSON compares two JSON texts as values.
func sameJSON(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}

// fence is a block of code in an answer.
var fence = regexp.MustCompile("(?s)```[a-zA-Z0-9]*\\s*\\n(.*?)```")

// valueAt is the JSON value at a path, $.a[0].b, of an answer that is JSON or has
// it in a fenced block; "" when there is none.
func valueAt(text, path string) string {
	text = strings.TrimSpace(text)
	if block := fence.FindStringSubmatch(text); block != nil && !gjson.Valid(text) {
		text = block[1]
	}
	if !gjson.Valid(text) {
		return ""
	}
	if path = dotted(path); path == "" {
		return text
	}
	return gjson.Get(text, path).Raw
}

// dotted turns $.a[0]['b c'] into the library's a.0.b c.
func dotted(path string) string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "$"), ".")
	path = regexp.MustCompile(`\[(?:'([^']*)'|"([^"]*)"|(\d+))\]`).ReplaceAllString(path, ".$1$2$3")
	return strings.TrimPrefix(path, ".")
}

// sameCalls compares calls with the expected ones, in any order.
func (q *Question) sameCalls(calls []chat.ToolCall) bool {
	if len(calls) != len(q.Calls) {
		return false
	}
	left := slices.Clone(calls)
	for _, want := range q.Calls {
		at := slices.IndexFunc(left, func(c chat.ToolCall) bool {
			return c.Name == want.Name && (len(want.Arguments) == 0 || sameJSON(c.Arguments, string(want.Arguments)))
		})
		if at < 0 {
			return false
		}
		left = slices.Delete(left, at, at+1)
	}
	return true
}

// callsText shows calls in a result.
func callsText(calls []chat.ToolCall) string {
	var list []string
	for _, c := range calls {
		list = append(list, c.Name+c.Arguments)
	}
	return strings.Join(list, " ")
}
