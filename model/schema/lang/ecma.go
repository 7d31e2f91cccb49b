package lang

import (
	"fmt"
	"strconv"
	"strings"
)

// The classes that ECMA-262 and Go name alike and mean differently, as the inside of a bracket.
const (
	space    = `\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`
	notSpace = `\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}` +
		`\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`
	dot = `[^\n\r\x{2028}\x{2029}]`
)

// translate rewrites an ECMA-262 expression in Go's spelling. What Go cannot say is refused here by name.
func translate(expr string) (string, error) {
	t := &translator{in: expr}
	for t.pos < len(t.in) {
		if err := t.one(); err != nil {
			return "", err
		}
	}
	return t.out.String(), nil
}

type translator struct {
	in  string
	pos int
	out strings.Builder
}

func (t *translator) remaining() string { return t.in[t.pos:] }

func (t *translator) accept(n int, put string) error {
	t.pos += n
	t.out.WriteString(put)
	return nil
}

// one rewrites the next element outside brackets.
func (t *translator) one() error {
	rest := t.remaining()
	switch {
	case strings.HasPrefix(rest, "(?=") || strings.HasPrefix(rest, "(?!") || strings.HasPrefix(rest, "(?<=") || strings.HasPrefix(rest, "(?<!"):
		return fmt.Errorf("uses look-around (%.3s), which a token mask cannot follow", rest)
	case strings.HasPrefix(rest, "(?:") || strings.HasPrefix(rest, "(?<"):
		return t.accept(3, rest[:3])
	case rest[0] == '.':
		return t.accept(1, dot)
	case rest[0] == '[':
		return t.class()
	case rest[0] == '\\':
		return t.escape(false)
	}
	return t.accept(1, rest[:1])
}

// class rewrites a bracket.
func (t *translator) class() error {
	rest := t.remaining()
	for _, special := range []struct{ from, to string }{{"[^]", `[\x{0}-\x{10ffff}]`}, {"[]", `[^\x{0}-\x{10ffff}]`}} {
		if strings.HasPrefix(rest, special.from) {
			return t.accept(len(special.from), special.to)
		}
	}
	t.accept(1, "[")
	if strings.HasPrefix(t.remaining(), "^") {
		t.accept(1, "^")
	}
	for t.pos < len(t.in) {
		switch c := t.in[t.pos]; c {
		case ']':
			return t.accept(1, "]")
		case '[':
			t.accept(1, `\[`)
		case '\\':
			if err := t.escape(true); err != nil {
				return err
			}
		case '-':
			t.hyphen()
		default:
			t.accept(1, string([]byte{c}))
		}
	}
	return fmt.Errorf("has a bracket that is never closed")
}

// hyphen keeps a range's hyphen and escapes one that stands for itself: beside a class such as \w, or at either end.
func (t *translator) hyphen() {
	before := t.in[:t.pos]
	after := t.in[t.pos+1:]
	literal := strings.HasSuffix(before, "[") || strings.HasSuffix(before, "[^") || strings.HasPrefix(after, "]") ||
		endsInClass(before) || (len(after) > 1 && after[0] == '\\' && strings.IndexByte("dDwWsS", after[1]) >= 0)
	if literal || t.rangeJustClosed() {
		t.accept(1, `\-`)
		return
	}
	t.accept(1, "-")
}

func endsInClass(s string) bool {
	n := len(s)
	return n >= 2 && strings.IndexByte("dDwWsS", s[n-1]) >= 0 && oddBackslashes(s[:n-1])
}

func oddBackslashes(s string) bool {
	n := len(s) - len(strings.TrimRight(s, `\`))
	return n%2 == 1
}

// rangeJustClosed says whether the hyphen follows a complete range (a-z-9): there it stands for itself.
func (t *translator) rangeJustClosed() bool {
	s := t.in[:t.pos]
	return len(s) >= 3 && s[len(s)-2] == '-' && !oddBackslashes(s[:len(s)-2]) && s[len(s)-3] != '[' && !strings.HasSuffix(s[:len(s)-2], "[^")
}

// escape rewrites a backslash and what belongs to it.
func (t *translator) escape(inClass bool) error {
	rest := t.remaining()
	if len(rest) < 2 {
		return fmt.Errorf("ends in a backslash")
	}
	switch c := rest[1]; c {
	case 's', 'S':
		set := map[byte]string{'s': space, 'S': notSpace}[c]
		if !inClass {
			set = "[" + set + "]"
		}
		return t.accept(2, set)
	case 'd', 'D', 'w', 'W', 'f', 'n', 'r', 't', 'v':
		return t.accept(2, rest[:2])
	case 'b', 'B':
		if inClass {
			return t.accept(2, `\x{8}`)
		}
		return t.accept(2, rest[:2])
	case 'p', 'P':
		return t.property(rest, inClass)
	case 'x', 'u':
		return t.hex(rest)
	case 'c':
		if len(rest) > 2 && (rest[2]|0x20) >= 'a' && (rest[2]|0x20) <= 'z' {
			return t.accept(3, fmt.Sprintf(`\x{%x}`, rest[2]&0x1f))
		}
	case '0':
		if len(rest) == 2 || rest[2] < '0' || rest[2] > '9' {
			return t.accept(2, `\x{0}`)
		}
	default:
		if c >= '1' && c <= '9' {
			return fmt.Errorf("uses the back reference %.2s, which no automaton can follow", rest)
		}
		if c >= 0x80 || (c|0x20) >= 'a' && (c|0x20) <= 'z' {
			break
		}
		return t.accept(2, fmt.Sprintf(`\x{%x}`, c))
	}
	return fmt.Errorf("uses the escape %.2q, which ECMA-262 does not define", rest)
}

// propertyNames are the long names that Go spells short.
var propertyNames = map[string]string{
	"Letter": "L", "Lowercase_Letter": "Ll", "Uppercase_Letter": "Lu", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd",
	"Punctuation": "P", "punct": "P", "Symbol": "S", "Separator": "Z", "Space_Separator": "Zs", "Mark": "M", "Other": "C",
}

func (t *translator) property(rest string, inClass bool) error {
	end := strings.IndexByte(rest, '}')
	if len(rest) < 4 || rest[2] != '{' || end < 0 {
		return fmt.Errorf("uses a property escape without a name in braces")
	}
	name := rest[3:end]
	for _, prefix := range []string{"General_Category=", "gc=", "Script=", "sc="} {
		name = strings.TrimPrefix(name, prefix)
	}
	if short, ok := propertyNames[name]; ok {
		name = short
	}
	if set, ok := emoji[name]; ok {
		return t.emoji(rest, end+1, set, inClass)
	}
	return t.accept(end+1, rest[:2]+"{"+name+"}")
}

// emoji writes a property that Go does not know as a bracket of its characters.
func (t *translator) emoji(rest string, length int, set string, inClass bool) error {
	switch negated := rest[1] == 'P'; {
	case !inClass && negated:
		return t.accept(length, "[^"+set+"]")
	case !inClass:
		return t.accept(length, "["+set+"]")
	case negated:
		return fmt.Errorf("uses %.*s inside a bracket, which cannot be said exactly", length, rest)
	}
	return t.accept(length, set)
}

// hex rewrites \xHH, \uHHHH, a surrogate pair and \u{H…}.
func (t *translator) hex(rest string) error {
	digits := 2
	if rest[1] == 'u' {
		digits = 4
		if end := strings.IndexByte(rest, '}'); strings.HasPrefix(rest, `\u{`) && end > 0 {
			return t.accept(end+1, `\x`+rest[2:end+1])
		}
	}
	v, ok := hexAt(rest, 2, digits)
	if !ok {
		return fmt.Errorf("uses the escape %.6q with too few digits", rest)
	}
	if low, ok := hexAt(rest, 8, 4); ok && v>>10 == 0x36 && rest[6:8] == `\u` && low>>10 == 0x37 {
		return t.accept(12, fmt.Sprintf(`\x{%x}`, 0x10000+(v&0x3ff)<<10+low&0x3ff))
	}
	return t.accept(2+digits, fmt.Sprintf(`\x{%x}`, v))
}

func hexAt(s string, at, n int) (uint64, bool) {
	if len(s) < at+n {
		return 0, false
	}
	v, err := strconv.ParseUint(s[at:at+n], 16, 32)
	return v, err == nil
}
