package toolbox

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// text reads a word. Numbers and true or false mean their spelling.
func text(value json.RawMessage) (string, error) {
	var word string
	switch {
	case len(value) == 0 || value[0] == '{' || value[0] == '[':
		return "", errors.New("a text is expected")
	case value[0] != '"':
		return string(value), nil
	}
	err := json.Unmarshal(value, &word)
	return word, err
}

// texts reads a list of words, or one.
func texts(value json.RawMessage) ([]string, error) {
	if len(value) == 0 || value[0] != '[' {
		word, err := text(value)
		return []string{word}, err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(value, &list); err != nil {
		return nil, err
	}
	var words []string
	for _, item := range list {
		word, err := text(item)
		if err != nil {
			return nil, errors.New("a list of texts is expected")
		}
		words = append(words, word)
	}
	return words, nil
}

// pairs reads an object of words, or a list of "NAME=value". A null is no pair.
func pairs(value json.RawMessage) (map[string]string, error) {
	all := map[string]string{}
	if len(value) > 0 && value[0] == '[' {
		words, err := texts(value)
		for _, word := range words {
			name, value, _ := strings.Cut(word, "=")
			all[name] = value
		}
		return all, err
	}
	members, err := parseObject(value)
	for _, m := range members {
		if string(m.value) == "null" {
			continue
		}
		word, err := text(m.value)
		if err != nil {
			return nil, errors.New("texts by their names are expected")
		}
		all[m.key] = word
	}
	return all, err
}

// flag reads true or false, also as a word.
func flag(value json.RawMessage, otherwise bool) (bool, error) {
	word, err := text(value)
	switch strings.ToLower(word) {
	case "true", "1", "yes":
		return true, err
	case "false", "0", "no":
		return false, err
	}
	return otherwise, errors.New("true or false is expected")
}

// approved reads which tools run without asking; true means all.
func approved(value json.RawMessage) ([]string, error) {
	switch string(value) {
	case "true":
		return []string{"*"}, nil
	case "false":
		return nil, nil
	}
	names, err := texts(value)
	return slices.DeleteFunc(names, func(name string) bool { return name == "" }), err
}
