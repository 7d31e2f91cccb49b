package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// reader walks over a JSON text once and in place. encoding/json would build every value of a 19 MB file first;
// this reads the few that are wanted and only checks the others. Errors give the byte where reading stopped.
type reader struct {
	data  []byte
	pos   int
	depth int
}

// deepest is the nesting at which a file is refused; a real one has four levels.
const deepest = 64

var errEnd = errors.New("the file ends in the middle of a value; was it cut off?")

func (r *reader) fail(want string) error {
	if r.pos >= len(r.data) {
		return errEnd
	}
	return fmt.Errorf("%s expected at byte %d, found %q", want, r.pos, r.data[r.pos:min(r.pos+12, len(r.data))])
}

// peek skips white space and gives the next byte, 0 at the end.
func (r *reader) peek() byte {
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; c {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

// accept consumes the next byte if it is c.
func (r *reader) accept(c byte) bool {
	if r.peek() != c || r.pos >= len(r.data) {
		return false
	}
	r.pos++
	return true
}

// object calls each with every key; each must consume the value.
func (r *reader) object(each func(key []byte) error) error {
	return r.list('{', '}', "an object", func(int) error {
		key, err := r.content()
		if err != nil {
			return err
		}
		if !r.accept(':') {
			return r.fail("a colon")
		}
		return each(key)
	})
}

// array calls each with every index; each must consume the value.
func (r *reader) array(each func(i int) error) error {
	return r.list('[', ']', "a list", each)
}

func (r *reader) list(open, end byte, what string, each func(i int) error) error {
	if !r.accept(open) {
		return r.fail(what)
	}
	if r.depth++; r.depth > deepest {
		return fmt.Errorf("values are nested more than %d deep at byte %d", deepest, r.pos)
	}
	for i := 0; !r.accept(end); i++ {
		if i > 0 && !r.accept(',') {
			return r.fail("a comma")
		}
		if err := each(i); err != nil {
			return err
		}
	}
	r.depth--
	return nil
}

// content reads a string and gives its bytes, in place when it has no escapes.
func (r *reader) content() ([]byte, error) {
	if !r.accept('"') {
		return nil, r.fail("a string")
	}
	start, escaped := r.pos, false
	for ; r.pos < len(r.data); r.pos++ {
		switch c := r.data[r.pos]; {
		case c == '"':
			r.pos++
			if escaped {
				return unescape(r.data[start-1 : r.pos])
			}
			return r.data[start : r.pos-1], nil
		case c == '\\':
			escaped = true
			r.pos++
		case c < ' ':
			return nil, r.fail("a character of a string")
		}
	}
	r.pos = len(r.data)
	return nil, errEnd
}

func unescape(quoted []byte) ([]byte, error) {
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return nil, fmt.Errorf("%.40s is not a JSON string", quoted)
	}
	return []byte(s), nil
}

// integer reads a whole number of 0 or more; what does not fit is refused.
func (r *reader) integer() (int64, error) {
	c := r.peek()
	if c < '0' || c > '9' {
		return 0, r.fail("a whole number of 0 or more")
	}
	start, n := r.pos, int64(0)
	for ; r.pos < len(r.data); r.pos++ {
		c := r.data[r.pos]
		if c == '.' || c == 'e' || c == 'E' {
			r.pos = start
			return 0, r.fail("a whole number of 0 or more")
		}
		if c < '0' || c > '9' {
			break
		}
		if n > (math.MaxInt64-9)/10 {
			r.pos = start
			return 0, r.fail("a smaller number")
		}
		n = n*10 + int64(c-'0')
	}
	return n, nil
}

// null consumes a null.
func (r *reader) null() bool {
	if r.peek() != 'n' || len(r.data)-r.pos < 4 || string(r.data[r.pos:r.pos+4]) != "null" {
		return false
	}
	r.pos += 4
	return true
}

// skip checks and passes over any value.
func (r *reader) skip() error {
	switch r.peek() {
	case '{':
		return r.object(func([]byte) error { return r.skip() })
	case '[':
		return r.array(func(int) error { return r.skip() })
	case '"':
		_, err := r.content()
		return err
	}
	start := r.pos
	for r.pos < len(r.data) && isLiteral(r.data[r.pos]) {
		r.pos++
	}
	if !json.Valid(r.data[start:r.pos]) {
		r.pos = start
		return r.fail("a value")
	}
	return nil
}

// isLiteral is true for the bytes of numbers, true, false and null.
func isLiteral(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E'
}
