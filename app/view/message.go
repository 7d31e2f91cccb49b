package view

import (
	"strings"

	"sirocco/model/chat"
)

// Message is one turn of the conversation as it is shown.
type Message struct {
	ID, Parent int64
	Role       chat.Role
	Text       string        // what was asked; an answer's is in Answer
	Pictures   []*chat.Image // of a question, in order
	Files      []File        // text files of a question
	// Version and Versions say which of the branches at this place is shown:
	// 2 of 3. Other holds the ids of all of them.
	Version, Versions int
	Other             []int64
	Answer            *Answer

	said  []chat.Message // an answer with calls and their results, as it is sent back
	heard int64          // the last of those results in the tree; what follows, follows it
}

// File is a text file that went along with a question.
type File struct{ Name, Text string }

// State is how far an answer is.
type State int

// The states of an answer, in their order.
const (
	Waiting State = iota // the engine is being started or is busy
	Reading              // pictures and prompt go in
	Writing              // words come out
	Finished
	Stopped // by the user
	Failed
)

// Over tells whether nothing more will come.
func (s State) Over() bool { return s >= Finished }

// Call is one tool call of an answer.
type Call struct {
	ID, Name, Arguments string
	Result              string
	Seconds             float64
	Failed, Done        bool
}

// Trouble is an error as it stands where the answer would.
type Trouble struct {
	Sentence string // what happened and what to do
	Details  string // the technical text
}

// Line is the quiet line that stands for a call: get_rate(…) → 1.08  0.2 s.
func (c Call) Line() string {
	line := c.Name + "(" + oneLine(strings.Trim(c.Arguments, "{} \n"), 60) + ")"
	if c.Done && c.Result != "" {
		line += " → " + oneLine(c.Result, 40)
	}
	if c.Seconds > 0 {
		line += "   " + Short(c.Seconds) + " s"
	}
	return line
}

// oneLine is text without line ends, cut to so many characters.
func oneLine(text string, most int) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return string(r)
}
