// Package eval asks a model questions whose answers are known and says how many
// it got right: a file of questions in, a line per answer and a report out.
//
// question.go is what is asked, read.go and the format files turn files into
// questions, run.go asks them, score.go and its neighbours judge, report.go sums
// up. Open this file first.
package eval

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"sirocco/model/chat"
)

// Question is one thing to ask and what a right answer is.
type Question struct {
	ID     string
	Group  string // for the report's breakdown: a subject, a difficulty
	System *string
	// Text is the question; "<image 1>" in it is the place of the first picture.
	// Pictures without a place stand before the text.
	Text    string
	Images  []Picture
	Choices []string

	Match   Match
	Answers []string // any of them is right
	Path    string   // of the value in a JSON answer, $.a[0].b
	Calls   []Call   // expected with MatchCalls; empty expects none
	Code    *Code    // with MatchCode

	Tools      []chat.Tool
	ToolChoice string
	ToolName   string
	Schema     json.RawMessage
	MaxTokens  int
}

// Picture is a file's bytes, or where to find them.
type Picture struct {
	Path string
	Data []byte
}

// Call is an expected tool call.
type Call struct {
	Name      string
	Arguments json.RawMessage // compared as JSON values; empty takes any
}

// Code is a program that judges generated code.
type Code struct {
	Prompt string // the beginning of a function the answer goes on with
	Entry  string // the function's name
	Test   string // what must run through
}

// Match is how an answer is held against the right one.
type Match string

// The ways to judge. All but regex and json look at the answer's last line that
// begins with "answer:" or "final answer:" when there is one.
const (
	MatchExact    Match = "exact"    // the same words, but for case, blanks and a final full stop
	MatchContains Match = "contains" // the right answer's words stand in it, whole
	MatchRegex    Match = "regex"    // it matches, anywhere
	MatchNumber   Match = "number"   // its last number is the same
	MatchChoice   Match = "choice"   // the letter it chooses
	MatchRelaxed  Match = "relaxed"  // ChartQA: numbers within 5 %, else exact
	MatchANLS     Match = "anls"     // DocVQA: likeness of letters, 0 below one half
	MatchJSON     Match = "json"     // the value at Path
	MatchCalls    Match = "calls"    // the tool calls, in any order
	MatchCode     Match = "code"     // its code passes the tests
)

var matches = []Match{MatchExact, MatchContains, MatchRegex, MatchNumber, MatchChoice, MatchRelaxed, MatchANLS, MatchJSON, MatchCalls, MatchCode}

// hash tells one question from another, so that results of a changed question
// are not taken for its own.
func (q *Question) hash() string {
	sum := sha256.New()
	data, err := json.Marshal(q)
	if err != nil {
		data = []byte(q.ID) // a schema that is no JSON, which the engine refuses
	}
	sum.Write(data)
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// words is the question as it is put, with its choices by letter.
func (q *Question) words() string {
	if len(q.Choices) == 0 {
		return q.Text
	}
	var b strings.Builder
	b.WriteString(strings.TrimRight(q.Text, "\n"))
	b.WriteString("\n\n")
	for i, choice := range q.Choices {
		fmt.Fprintf(&b, "%s. %s\n", letter(i), choice)
	}
	b.WriteString("\nAnswer with the letter of the right choice.")
	return b.String()
}

// letter names choice i: A, B, C …
func letter(i int) string { return string(rune('A' + i)) }

// request is the question as the engine takes it.
func (q *Question) request(load func(Picture) ([]byte, error)) (*chat.Request, error) {
	r := &chat.Request{Tools: q.Tools, ToolChoice: q.ToolChoice, ToolName: q.ToolName, Schema: q.Schema, MaxTokens: q.MaxTokens}
	if q.System != nil && *q.System != "" {
		r.Messages = append(r.Messages, chat.Text(chat.System, *q.System))
	}
	user := chat.Message{Role: chat.User, PartList: len(q.Images) > 0}
	pictures := make([]chat.Part, len(q.Images))
	for i, picture := range q.Images {
		data, err := load(picture)
		if err != nil {
			return nil, fmt.Errorf("reading picture %d of question %s: %w", i+1, q.ID, err)
		}
		pictures[i].Image = &chat.Image{Name: fmt.Sprintf("picture %d", i+1), Data: data}
	}
	user.Parts = placed(q.words(), pictures)
	r.Messages = append(r.Messages, user)
	return r, nil
}

// placed puts pictures where the text names them, and the others before it.
func placed(text string, pictures []chat.Part) (parts []chat.Part) {
	named := make([]bool, len(pictures))
	var inside []chat.Part
	for rest := text; rest != ""; {
		at, end, n := nextPlace(rest, len(pictures))
		if at < 0 {
			inside = append(inside, chat.Part{Text: rest})
			break
		}
		if strings.TrimSpace(rest[:at]) != "" {
			inside = append(inside, chat.Part{Text: rest[:at]})
		}
		if !named[n] {
			inside = append(inside, pictures[n])
		}
		named[n] = true
		rest = rest[end:]
	}
	for i, part := range pictures {
		if !named[i] {
			parts = append(parts, part)
		}
	}
	return append(parts, inside...)
}

// nextPlace finds the first "<image N>" of a picture there is.
func nextPlace(text string, pictures int) (at, end, n int) {
	at = -1
	for i := range pictures {
		mark := fmt.Sprintf("<image %d>", i+1)
		if found := strings.Index(text, mark); found >= 0 && (at < 0 || found < at) {
			at, end, n = found, found+len(mark), i
		}
	}
	return at, end, n
}
