package draft7

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	octal = "01234567"
	hexa  = "0123456789abcdefABCDEF"
)

func badEscape(token string) error { return fmt.Errorf("%s is no escape", token) }

// escape reads an escape outside of a class.
func (p *patternParser) escape(token string) (width, piece, error) {
	switch c := token[1]; {
	case strings.IndexByte("AbBZ", c) >= 0:
		return width{}, place, nil
	case strings.IndexByte("dDsSwW", c) >= 0:
		return width{1, 1}, item, nil
	case c == '0':
		p.run(2, octal)
		return width{1, 1}, item, nil
	case c >= '1' && c <= '9':
		return p.numbered(token[1:])
	}
	_, err := p.character(token)
	return width{1, 1}, item, err
}

// numbered reads a group reference of one or two digits, or three octal digits.
func (p *patternParser) numbered(digits string) (width, piece, error) {
	digits += p.run(1, "0123456789")
	if len(digits) == 2 && strings.Trim(digits, octal) == "" {
		if third := p.run(1, octal); third != "" {
			if digits[0] > '3' {
				return width{}, nothing, badEscape(`\` + digits + third)
			}
			return width{1, 1}, item, nil
		}
	}
	id, _ := strconv.Atoi(digits)
	return p.reference(id)
}

// shortEscapes stand for one control character each, except for the backslash.
var shortEscapes = map[byte]rune{'a': 7, 'b': 8, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11, '\\': '\\'}

// character reads an escape that stands for one character. \b is one in a class
// only; outside it never comes here.
func (p *patternParser) character(token string) (rune, error) {
	c := token[1]
	if short, ok := shortEscapes[c]; ok {
		return short, nil
	}
	switch c {
	case 'x':
		return p.hex(token, 2)
	case 'u':
		return p.hex(token, 4)
	case 'U':
		return p.hex(token, 8)
	case 'N':
		return p.characterName()
	}
	if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
		return 0, badEscape(token)
	}
	return []rune(token)[1], nil
}

func (p *patternParser) hex(token string, n int) (rune, error) {
	digits := p.run(n, hexa)
	r, err := strconv.ParseUint(digits, 16, 32)
	if len(digits) != n || err != nil || r > 0x10FFFF {
		return 0, badEscape(token + digits)
	}
	return rune(r), nil
}

// characterName reads \N{NAME}. The names themselves are not known here: any of
// the right form is taken.
func (p *patternParser) characterName() (rune, error) {
	if !p.match("{") {
		return 0, errors.New(`\N is not followed by {`)
	}
	name, err := p.until("}")
	if err == nil && strings.Trim(strings.ToUpper(name), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -()") != "" {
		err = fmt.Errorf("%q is no character's name", name)
	}
	return 0, err
}

// class reads a character class behind its opening bracket.
func (p *patternParser) class() error {
	p.match("^")
	for empty := true; ; empty = false {
		token := p.take()
		if token == "]" && !empty {
			return nil
		}
		low, single, err := p.member(token)
		if err != nil {
			return err
		}
		if !p.match("-") {
			continue
		}
		token = p.take()
		if token == "]" {
			return nil
		}
		high, alsoSingle, err := p.member(token)
		if err != nil {
			return err
		}
		if !single || !alsoSingle || high < low {
			return errors.New("a range in a character class has its ends the wrong way round or is no range")
		}
	}
}

// member reads one member of a class; single is false for \d and its like.
func (p *patternParser) member(token string) (r rune, single bool, err error) {
	if token == "" {
		return 0, false, errors.New("a character class is not closed")
	}
	if token[0] != '\\' {
		return []rune(token)[0], true, nil
	}
	c := token[1]
	if strings.IndexByte("dDsSwW", c) >= 0 {
		return 0, false, nil
	}
	if c >= '0' && c <= '7' {
		digits := token[1:] + p.run(2, octal)
		n, _ := strconv.ParseInt(digits, 8, 32)
		if n > 0o377 {
			return 0, false, badEscape(`\` + digits)
		}
		return rune(n), true, nil
	}
	r, err = p.character(token)
	return r, true, err
}
