package main

import (
	"bufio"
	"fmt"
	"strings"
)

// list is what is refused.
type list struct {
	parts    map[string]string // a word inside any declared name → the field's word
	names    map[string]string // a whole declared name, by "package name" → the field's word
	packages map[string]string // a package's name → the field's word
	spoken   map[string]string // a word of a comment or a document → the field's word
}

// parseList reads lines of the forms
//
//	part seat -> slot            refused as a word of any declared name
//	name model step -> decode    refused as a whole name declared in a package (* is any)
//	package reply -> outputparser
//	text gaze -> attention map   refused in comments and documents
func parseList(text string) (*list, error) {
	l := &list{map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}}
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		old, better, ok := strings.Cut(line, " -> ")
		fields := strings.Fields(old)
		switch {
		case ok && len(fields) == 2 && fields[0] == "part":
			l.parts[fields[1]] = better
		case ok && len(fields) == 3 && fields[0] == "name":
			l.names[fields[1]+" "+fields[2]] = better
		case ok && len(fields) == 2 && fields[0] == "package":
			l.packages[fields[1]] = better
		case ok && len(fields) == 2 && fields[0] == "text":
			l.spoken[fields[1]] = better
		default:
			return nil, fmt.Errorf("line %d of the list is none of part, name, package and text: %s", n, line)
		}
	}
	return l, lines.Err()
}

// refused tells the better word for a name that a package declares, or "".
func (l *list) refused(pkg, name string) string {
	for _, key := range []string{pkg + " " + name, "* " + name} {
		if better, ok := l.names[key]; ok {
			return better
		}
	}
	for _, part := range split(name) {
		if better, ok := l.parts[part]; ok {
			return better
		}
	}
	return ""
}

// split cuts a name where its words begin: "hearNearTop_k" is hear, near, top, k.
func split(name string) []string {
	var words []string
	begin := 0
	lower := func(b byte) bool { return b >= 'a' && b <= 'z' }
	upper := func(b byte) bool { return b >= 'A' && b <= 'Z' }
	for i := 1; i <= len(name); i++ {
		if i < len(name) && name[i] != '_' && !(upper(name[i]) && (!upper(name[i-1]) || i+1 < len(name) && lower(name[i+1]))) {
			continue
		}
		if word := strings.ToLower(strings.Trim(name[begin:i], "_")); word != "" {
			words = append(words, word)
		}
		begin = i
	}
	return words
}
