package view

import "sirocco/model/chat"

// Message is one turn of the conversation as it is shown.
type Message struct {
	ID, Parent int64
	Turn       int64 // the record of an answer's making; 0 while there is none
	Role       chat.Role
	Text       string        // what was asked; an answer's is in Answer
	Pictures   []*chat.Image // of a question, in order
	Files      []File        // text files of a question
	// Version and Versions say which of the branches at this place is shown:
	// 2 of 3. Other holds the ids of all of them.
	Version, Versions int
	Other             []int64
	Answer            *Answer

	text      []chat.Message // an answer with calls and their results, as it is sent back
	lastEvent int64          // its last message in the tree; what follows, follows it
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

// Trouble is an error as it stands where the answer would.
type Trouble struct {
	Sentence string // what happened and what to do
	Details  string // the technical text
}
