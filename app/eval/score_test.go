package eval

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"sirocco/model/chat"
)

// What each way of judging takes for right.
func TestScores(t *testing.T) {
	for _, c := range []struct {
		match       Match
		right, said string
		want        float64
	}{
		{MatchExact, "Paris", " paris. ", 1},
		{MatchExact, "Paris", "It is Paris", 0},
		{MatchExact, "Paris", "The capital?\n**Answer:** Paris.", 1},
		{MatchExact, "ﬁve km", "five  km", 1}, // NFKC
		{MatchContains, "cat", "A cat, I think.", 1},
		{MatchContains, "cat", "A category.", 0},
		{MatchContains, "cat", "category: cat", 1},
		{MatchRegex, `(?i)\b3\b`, "There are 3.", 1},
		{MatchRegex, `^3$`, "There are 3.", 0},
		{MatchNumber, "1200", "about 1,200 people", 1},
		{MatchNumber, "1200", "1200.4", 1}, // no decimals were asked for
		{MatchNumber, "3.14", "pi is 3.1416", 1},
		{MatchNumber, "3.14", "3.15", 0},
		{MatchNumber, "-5", "it is −5 °C", 1},
		{MatchNumber, "5", "none", 0},
		{MatchNumber, "47", "First 12.\nAnswer: 47", 1},
		{MatchRelaxed, "100", "104.9", 1},
		{MatchRelaxed, "100", "106", 0},
		{MatchRelaxed, "0.05", "5%", 1},
		{MatchRelaxed, "0", "0.01", 0},
		{MatchRelaxed, "Germany", "germany", 1},
		{MatchRelaxed, "2,000", "Final answer: 2010", 1},
		{MatchANLS, "1/8/93", "1/8/93", 1},
		{MatchANLS, "Jane Doe", "jane  doe", 1},
		{MatchANLS, "abcd", "abcx", 0.75},
		{MatchANLS, "abcd", "abxy", 0}, // one half is too far
		{MatchJSON, `{"b":[1,2]}`, "```json\n{\"a\": {\"b\": [1, 2.0]}}\n```", 1},
		{MatchJSON, `{"b":[1,2]}`, `{"a": {"b": [2, 1]}}`, 0},
		{MatchJSON, `"x"`, "no JSON", 0},
	} {
		q := &Question{Match: c.match, Answers: []string{c.right}}
		if c.match == MatchJSON {
			q.Path = "$.a"
		}
		if got, seen := q.score(c.said, nil); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %q for %q gets %g (seen: %q), want %g", c.match, c.said, c.right, got, seen, c.want)
		}
	}
}

// The best of several right answers counts.
func TestSeveralAnswers(t *testing.T) {
	q := &Question{Match: MatchANLS, Answers: []string{"1/8/1993", "1/8/93"}}
	if got, _ := q.score("1/8/93", nil); got != 1 {
		t.Errorf("the score is %g", got)
	}
}

// The ways in which models name a choice, and texts that name none.
func TestChoices(t *testing.T) {
	choices := []string{"a red circle", "a blue square", "a red", "none"}
	for said, want := range map[string]string{
		"B": "B", "b": "B", "(B)": "B", "B.": "B", " **B** ": "B", "B) a blue square": "B", "B. a blue square because A is wrong": "B",
		"The answer is B.": "B", "After thinking of A and C, the correct answer is (B).": "B", "answer: B": "B", "Answer: **B**": "B",
		`so \boxed{B}`: "B", `so \boxed{\text{B}}`: "B", "It shows a blue square.": "B", "It shows a red circle.": "A", "I choose (B)": "B",
		"It must be B": "B", "option B": "B",
		"": "", "I do not know.": "", "E": "", "(A) or (B)": "", "a red circle or a blue square": "", "A picture.": "",
	} {
		if got := answerOf(said, choices); got != want {
			t.Errorf("%q chooses %q, want %q", said, got, want)
		}
	}
}

// Calls are compared as values, in any order, and none may be too many.
func TestCalls(t *testing.T) {
	call := func(name, arguments string) chat.ToolCall { return chat.ToolCall{Name: name, Arguments: arguments} }
	q := &Question{Match: MatchCalls, Calls: []Call{{"f", json.RawMessage(`{"a": 1, "b": [2]}`)}, {"g", nil}}}
	for _, c := range []struct {
		calls []chat.ToolCall
		want  float64
	}{
		{[]chat.ToolCall{call("g", `{"any": 1}`), call("f", `{"b": [2], "a": 1.0}`)}, 1},
		{[]chat.ToolCall{call("f", `{"b": [2], "a": 1}`)}, 0},
		{[]chat.ToolCall{call("f", `{"b": [2], "a": 2}`), call("g", "{}")}, 0},
		{[]chat.ToolCall{call("f", `{"b": [2], "a": 1}`), call("g", "{}"), call("g", "{}")}, 0},
		{[]chat.ToolCall{call("f", `{"b": [2`), call("g", "{}")}, 0},
	} {
		if got, _ := q.score("", c.calls); got != c.want {
			t.Errorf("%+v gets %g", c.calls, got)
		}
	}
	if got, _ := (&Question{Match: MatchCalls}).score("words", nil); got != 1 {
		t.Error("no call was expected and none came, but that is wrong")
	}
}

// Wilson's interval at values known from tables.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		right, of int
		low, high float64
	}{{0, 0, 0, 1}, {0, 10, 0, 0.2775}, {8, 10, 0.4902, 0.9433}, {50, 100, 0.4038, 0.5962}, {10, 10, 0.7225, 1}} {
		if low, high := wilson(c.right, c.of); math.Abs(low-c.low) > 1e-4 || math.Abs(high-c.high) > 1e-4 {
			t.Errorf("%d of %d: %.4f to %.4f", c.right, c.of, low, high)
		}
	}
}

// An endless answer ends in a piece that comes again and again.
func TestEndless(t *testing.T) {
	for text, want := range map[string]bool{
		"Hello. " + strings.Repeat("and so on ", 50):                       true,
		strings.Repeat("a", 100):                                           true,
		strings.Repeat("A line of some length, which is said again.\n", 9): true,
		"A line, a line, a line.":                                          false,
		strings.Repeat(" ", 500):                                           false,
		"":                                                                 false,
	} {
		if endless(text) != want {
			t.Errorf("%.30q… (%d bytes) is endless: %v", text, len(text), !want)
		}
	}
}

// The parts of JSONPath that questions use.
func TestPaths(t *testing.T) {
	const text = `{"a": {"b c": [10, {"d": true}]}, "0": "zero"}`
	for path, want := range map[string]string{"$.a['b c'][0]": "10", `$["a"]["b c"][1].d`: "true", "$": text, "": text, "$.none": "", "$.a.x.y": ""} {
		if got := valueAt(text, path); got != want {
			t.Errorf("%s is %s", path, got)
		}
	}
}
