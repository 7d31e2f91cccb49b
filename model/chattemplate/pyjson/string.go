package pyjson

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string, the next byte being its opening quote. A string without
// escapes, such as a picture's data URL, is a slice of the text, not a copy.
func (p *parser) str() (string, error) {
	p.at++
	start := p.at
	end := plain(p.text, start)
	if end < len(p.text) && p.text[end] == '"' {
		p.at = end + 1
		return p.text[start:end], nil
	}
	buf := make([]byte, 0, end-start+16)
	for {
		buf = append(buf, p.text[p.at:end]...)
		p.at = end
		switch {
		case end == len(p.text):
			return "", &SyntaxError{start - 1, "a string has no end"}
		case p.text[end] == '"':
			p.at++
			return string(buf), nil
		case p.text[end] != '\\':
			return "", p.wrong("a control character stands in a string")
		}
		var err error
		if buf, err = p.escape(buf); err != nil {
			return "", err
		}
		end = plain(p.text, p.at)
	}
}

// plain is the end of the run of characters at i that stand for themselves.
func plain(s string, i int) int {
	for i < len(s) && s[i] >= 0x20 && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}

// shortEscapes are the characters that a backslash and one letter stand for.
var shortEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads one escape at the backslash and appends what it stands for.
func (p *parser) escape(buf []byte) ([]byte, error) {
	p.at++
	c := p.peek()
	if short := shortEscapes[c]; short != 0 {
		p.at++
		return append(buf, short), nil
	}
	if c != 'u' {
		return nil, p.wrong("an unknown escape stands in a string")
	}
	r, ok := hex4(p.text, p.at+1)
	if !ok {
		return nil, p.wrong("\\u was expected to have four hexadecimal digits")
	}
	p.at += 5
	if strings.HasPrefix(p.text[p.at:], `\u`) {
		low, ok := hex4(p.text, p.at+2)
		if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
			p.at += 6
			return utf8.AppendRune(buf, pair), nil
		}
	}
	return appendRune(buf, r), nil
}

func hex4(s string, i int) (rune, bool) {
	if len(s)-i < 4 {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[i : i+4]) {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// appendRune is utf8.AppendRune that lets a surrogate through as three bytes.
func appendRune(buf []byte, r rune) []byte {
	if !utf16.IsSurrogate(r) {
		return utf8.AppendRune(buf, r)
	}
	return append(buf, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0xBF, 0x80|byte(r)&0xBF)
}

// Clean turns a string that may hold lone surrogates into valid UTF-8, as the
// reference does just before it makes tokens: a high surrogate and a low one
// side by side become their character, any other becomes U+FFFD. Bytes that are
// no UTF-8 at all become U+FFFD too.
func Clean(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	buf := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if high := surrogate(s[i:]); high != 0 {
			r := utf16.DecodeRune(high, surrogate(s[i+3:]))
			buf = utf8.AppendRune(buf, r) // U+FFFD when they are no pair
			if i += 3; r != utf8.RuneError {
				i += 3
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		buf = utf8.AppendRune(buf, r)
		i += size
	}
	return string(buf)
}

// surrogate is the surrogate that s begins with, or 0.
func surrogate(s string) rune {
	if len(s) < 3 || s[0] != 0xED || s[1] < 0xA0 || s[1] > 0xBF || s[2] < 0x80 || s[2] > 0xBF {
		return 0
	}
	return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F)
}
