package outputparser

import "strings"

// value finds the end of the first JSON value in text that comes in pieces. It
// counts brackets and minds strings; whether what lies between is JSON is for
// json.Valid to say.
type value struct {
	kind    byte // first character's kind: '{' bracketed, '"' string, '0' bare word; 0 before it
	depth   int
	quoted  bool // inside a string
	escaped bool // after a backslash in it
}

const blank = " \t\r\n"

// scan takes the next piece, which must not begin with a blank when nothing came
// before. It returns how many bytes of it belong to the value, and whether the
// value ends there.
func (v *value) scan(s string) (n int, done bool) {
	for i := range len(s) {
		c := s[i]
		if v.kind == 0 {
			v.kind = kindOf(c)
		}
		switch {
		case v.escaped:
			v.escaped = false
		case v.quoted:
			v.escaped = c == '\\'
			v.quoted = c != '"'
		case c == '"':
			v.quoted = true
		case c == '{', c == '[':
			v.depth++
		case c == '}', c == ']':
			v.depth--
		}
		switch {
		case v.kind == '0' && strings.IndexByte(blank+",:]}", c) >= 0:
			return i, true
		case v.kind != '0' && v.depth <= 0 && !v.quoted:
			return i + 1, true
		}
	}
	return len(s), false
}

func kindOf(c byte) byte {
	switch c {
	case '{', '[':
		return '{'
	case '"':
		return '"'
	}
	return '0'
}
