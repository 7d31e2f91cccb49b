package remote

import (
	"errors"
	"fmt"
	"io"
)

// Limits on what a server sends. An honest one is far from them.
const (
	largestReply   = 64 << 20  // that is no stream
	largestEvent   = 16 << 20  // of a stream
	largestAnswer  = 256 << 20 // what is kept of one, whatever the context
	largestName    = 1 << 10
	largestVersion = 200
	tokenBytes     = 256    // of one token's text, and of its alternatives
	usualContext   = 131072 // of a server that does not tell its own
)

// errGivenUp is a server that sends more than any honest one does. Asking again
// would not help.
var errGivenUp = errors.New("that is more than an answer can be, so the rest is not read")

func givenUp(format string, args ...any) error {
	return fmt.Errorf("%s; %w", fmt.Sprintf(format, args...), errGivenUp)
}

// events is a stream of events that ends with an error when one of them is far
// too long.
type events struct {
	io.ReadCloser
	size  int  // of the event so far
	empty bool // nothing stands in the line so far
}

// Read counts what has been read since the last empty line.
func (e *events) Read(p []byte) (int, error) {
	n, err := e.ReadCloser.Read(p)
	for _, c := range p[:n] {
		e.size++
		switch {
		case c == '\n' && e.empty:
			e.size = 0
		case c == '\n':
			e.empty = true
		case c != '\r':
			e.empty = false
		}
	}
	if e.size > largestEvent {
		return 0, givenUp("it sent a single piece of more than %d MB", largestEvent>>20)
	}
	return n, err
}

// readWhole reads a body that must not be longer than so many bytes.
func readWhole(body io.Reader, most int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, int64(most)+1))
	if err == nil && len(data) > most {
		return nil, givenUp("it sent more than %d MB at once", most>>20)
	}
	return data, err
}

// roomFor is how many bytes an answer may have: what its context could hold, with
// so many alternatives for each token.
func roomFor(context, alternatives int) int {
	if context <= 0 {
		context = usualContext
	}
	context = min(context, largestAnswer/tokenBytes)
	return min(context*tokenBytes*(2+max(alternatives, 0)), largestAnswer)
}

// weight is about how many bytes are kept of a piece of an answer.
func (c *chunk) weight() int {
	bytes := 16 // an endless answer of empty pieces ends as well
	for i := range c.Choices {
		for _, d := range []*delta{c.Choices[i].Delta, c.Choices[i].Message} {
			if d == nil {
				continue
			}
			bytes += len(d.Content)
			for _, call := range d.ToolCalls {
				bytes += 64 + len(call.ID) + len(call.Function.Name) + len(call.Function.Arguments)
			}
		}
		if l := c.Choices[i].Logprobs; l != nil {
			for k := range l.Content {
				bytes += len(l.Content[k].Token)
				for _, other := range l.Content[k].Top {
					bytes += len(other.Token)
				}
			}
		}
	}
	return bytes
}
