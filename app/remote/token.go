package remote

import (
	"strconv"
	"strings"

	"sirocco/model/chat"
)

// logprobs are the tokens of a piece of an answer.
type logprobs struct {
	Content []logprob `json:"content"`
}

type logprob struct {
	candidate
	Top []candidate `json:"top_logprobs"`
}

type candidate struct {
	Token   string  `json:"token"`
	Logprob float64 `json:"logprob"`
	Bytes   []int   `json:"bytes"`
}

// unknownID is a token whose id the server did not tell and its bytes do not.
const unknownID = -1

// idMark begins a token that vLLM gives as its id.
const idMark = "token_id:"

// tokenOf reads one token with its top alternatives.
func (e *Engine) tokenOf(l *logprob, top int) chat.Token {
	token := chat.Token{Candidate: e.candidate(&l.candidate)}
	for i := range l.Top[:min(top, len(l.Top))] {
		token.Top = append(token.Top, e.candidate(&l.Top[i]))
	}
	return token
}

// candidate finds a token's id: told by vLLM, else by its exact bytes, for no
// two entries of the vocabulary have the same.
func (e *Engine) candidate(c *candidate) chat.Candidate {
	out := chat.Candidate{ID: unknownID, Text: c.Token, Logprob: c.Logprob}
	if digits, told := strings.CutPrefix(c.Token, idMark); told {
		if id, err := strconv.ParseInt(digits, 10, 32); err == nil && id >= 0 {
			out.ID, out.Text = int32(id), e.tok.Piece(int32(id))
		}
		return out
	}
	if !e.confirmed {
		return out
	}
	bytes := []byte(c.Token)
	if c.Bytes != nil {
		bytes = bytes[:0]
		for _, b := range c.Bytes {
			bytes = append(bytes, byte(b))
		}
	}
	if id, ok := e.tok.ID(string(bytes)); ok {
		out.ID, out.Text = id, e.tok.Piece(id)
	} else if id, ok := e.tok.Special(string(bytes)); ok {
		out.ID = id
	}
	return out
}
