package draft7

import (
	"errors"
	"fmt"
	"strings"
)

// group reads what follows an opening parenthesis.
func (p *patternParser) group(s *sequenceState) (width, piece, error) {
	if !p.match("?") {
		return p.capture("", s.depth, s.verbose)
	}
	switch token := p.take(); token {
	case "":
		return width{}, nothing, errors.New("it ends in the middle of a group")
	case "P":
		return p.named(s)
	case ":", ">":
		w, err := p.inside(s.depth, s.verbose)
		return w, item, err
	case "#":
		for t := p.take(); t != ")"; t = p.take() {
			if t == "" {
				return width{}, nothing, errors.New("a comment has no end")
			}
		}
		return width{}, nothing, nil
	case "=", "!":
		_, err := p.inside(s.depth, s.verbose)
		return width{}, item, err
	case "<":
		return width{}, item, p.lookBehind(s)
	case "(":
		return p.conditional(s)
	default:
		return p.flags(token, s)
	}
}

// inside reads the contents of a group and its closing parenthesis.
func (p *patternParser) inside(depth int, verbose bool) (width, error) {
	w, err := p.alternatives(depth+1, verbose)
	if err == nil && !p.match(")") {
		err = errors.New("a parenthesis is not closed")
	}
	return w, err
}

func (p *patternParser) capture(name string, depth int, verbose bool) (width, piece, error) {
	id := len(p.groups)
	p.groups = append(p.groups, nil)
	if name != "" {
		if _, twice := p.names[name]; twice {
			return width{}, nothing, fmt.Errorf("two groups are named %s", name)
		}
		p.names[name] = id
	}
	w, err := p.inside(depth, verbose)
	p.groups[id] = &w
	return w, item, err
}

// named reads (?P<name>…) and (?P=name).
func (p *patternParser) named(s *sequenceState) (width, piece, error) {
	if p.match("<") {
		name, err := p.groupName(">")
		if err != nil {
			return width{}, nothing, err
		}
		return p.capture(name, s.depth, s.verbose)
	}
	if !p.match("=") {
		return width{}, nothing, errors.New("(?P is followed by neither < nor =")
	}
	name, err := p.groupName(")")
	if err != nil {
		return width{}, nothing, err
	}
	id, known := p.names[name]
	if !known {
		return width{}, nothing, fmt.Errorf("no group is named %s", name)
	}
	return p.reference(id)
}

func (p *patternParser) groupName(end string) (string, error) {
	name, err := p.until(end)
	if err == nil && !identifier(name) {
		err = fmt.Errorf("%q cannot name a group", name)
	}
	return name, err
}

// reference is \1 or (?P=name): the group must be complete.
func (p *patternParser) reference(id int) (width, piece, error) {
	if id >= len(p.groups) {
		return width{}, nothing, fmt.Errorf("group %d does not exist", id)
	}
	if p.groups[id] == nil {
		return width{}, nothing, fmt.Errorf("group %d is referred to before its end", id)
	}
	return *p.groups[id], item, p.seenBehind(id)
}

// seenBehind refuses, inside a look-behind, a group that is open or was begun in
// the same look-behind.
func (p *patternParser) seenBehind(id int) error {
	if p.behind > 0 && (id >= p.behind || p.groups[id] == nil) {
		return fmt.Errorf("a look-behind refers to group %d, which is not complete before it", id)
	}
	return nil
}

func (p *patternParser) lookBehind(s *sequenceState) error {
	if !p.match("=") && !p.match("!") {
		return errors.New("(?< needs = or ! behind it")
	}
	outermost := p.behind == 0
	if outermost {
		p.behind = len(p.groups)
	}
	w, err := p.inside(s.depth, s.verbose)
	if outermost {
		p.behind = 0
	}
	if err == nil && w.least != w.most {
		err = errors.New("a look-behind has no fixed width")
	}
	return err
}

// conditional reads (?(group)yes|no) from behind the second parenthesis.
func (p *patternParser) conditional(s *sequenceState) (width, piece, error) {
	name, err := p.until(")")
	if err != nil {
		return width{}, nothing, err
	}
	id, known := p.names[name]
	switch {
	case identifier(name) && !known:
		return width{}, nothing, fmt.Errorf("no group is named %s", name)
	case !identifier(name):
		id = int(decimal(name))
		if strings.Trim(name, "0123456789") != "" || id == 0 || id >= maxGroups {
			return width{}, nothing, fmt.Errorf("%q is no group", name)
		}
		p.highest = max(p.highest, id)
	}
	if p.behind > 0 {
		if id >= len(p.groups) {
			return width{}, nothing, fmt.Errorf("group %d does not exist", id)
		}
		if err := p.seenBehind(id); err != nil {
			return width{}, nothing, err
		}
	}
	return p.branches(s)
}

func (p *patternParser) branches(s *sequenceState) (width, piece, error) {
	if s.depth > maxNesting {
		return width{}, nothing, fmt.Errorf("it is nested more than %d deep", maxNesting)
	}
	w, err := p.sequence(s.depth+1, s.verbose, false)
	if err == nil && p.match("|") {
		var no width
		no, err = p.sequence(s.depth+1, s.verbose, false)
		w = w.or(no)
		if err == nil && p.next == "|" {
			err = errors.New("a conditional has more than two branches")
		}
	} else {
		w.least = 0
	}
	if err == nil && !p.match(")") {
		err = errors.New("a parenthesis is not closed")
	}
	return w, item, err
}

const (
	typeFlags = "aLu"
	allFlags  = "iLmsxatu"
)

// flags reads (?flags), (?flags:…), (?-flags:…) and (?flags-flags:…), the first
// flag or the dash being token.
func (p *patternParser) flags(token string, s *sequenceState) (width, piece, error) {
	on, end, err := p.flagRun(token, ")-:")
	if err != nil {
		return width{}, nothing, err
	}
	if end == ")" {
		if !s.first || s.last != nothing {
			return width{}, nothing, errors.New("flags for the whole stand elsewhere than at its start")
		}
		p.verbose = p.verbose || strings.Contains(on, "x")
		s.verbose = p.verbose
		return width{}, nothing, nil
	}
	off := ""
	if end == "-" {
		first := p.take()
		if first == "-" || first == ":" {
			return width{}, nothing, errors.New("a flag is missing")
		}
		if off, _, err = p.flagRun(first, ":"); err != nil {
			return width{}, nothing, err
		}
	}
	if strings.ContainsAny(off, typeFlags) || strings.Contains(on+off, "t") || strings.ContainsAny(on, off) {
		return width{}, nothing, errors.New("flags are combined that do not go together")
	}
	verbose := (s.verbose || strings.Contains(on, "x")) && !strings.Contains(off, "x")
	w, err := p.inside(s.depth, verbose)
	return w, item, err
}

// flagRun reads flags from token on up to one of the ends.
func (p *patternParser) flagRun(token, ends string) (flags, end string, err error) {
	for token != "-" || flags != "" || !strings.Contains(ends, "-") {
		if token == "" || !strings.Contains(allFlags, token) {
			return "", "", fmt.Errorf("%q is no flag", token)
		}
		flags += token
		if token == "L" || token == "a" && strings.Contains(flags, "u") || token == "u" && strings.Contains(flags, "a") {
			return "", "", errors.New("flags are combined that do not go together")
		}
		token = p.take()
		if token != "" && strings.Contains(ends, token) {
			break
		}
	}
	return flags, token, nil
}
