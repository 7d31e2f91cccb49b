package serve

import "sirocco/model/chat"

// logprobs are the log-probabilities of generated tokens, the final stop token
// included, as vLLM gives them.
type logprobs struct {
	Content []tokenLogprob `json:"content"`
	Refusal *string        `json:"refusal"`
}

type tokenLogprob struct {
	candidate
	Top []candidate `json:"top_logprobs"`
}

type candidate struct {
	Token   string  `json:"token"`
	Logprob float64 `json:"logprob"`
	Bytes   []int   `json:"bytes"`
}

// impossible stands for minus infinity, which JSON cannot write; vLLM's value.
const impossible = -9999

// logprob copies what an event holds, for it is valid only until the next one.
func (s *Server) logprob(t *chat.Token, top int) tokenLogprob {
	out := tokenLogprob{candidate: s.candidate(t.Candidate), Top: []candidate{}}
	for _, c := range t.Top[:min(top, len(t.Top))] {
		out.Top = append(out.Top, s.candidate(c))
	}
	return out
}

// candidate gives the exact bytes of a token: a part of a character is no text.
func (s *Server) candidate(c chat.Candidate) candidate {
	data := []byte(c.Text)
	if s.o.Tokenizer != nil && !s.o.Tokenizer.IsSpecial(c.ID) {
		data = s.o.Tokenizer.Bytes(c.ID)
	}
	out := candidate{Token: c.Text, Logprob: max(c.Logprob, impossible), Bytes: make([]int, len(data))}
	for i, b := range data {
		out.Bytes[i] = int(b)
	}
	return out
}
