package tools

import (
	"errors"
	"runtime"
	"strings"
)

// splitWords cuts a command line into words as a POSIX shell would, without
// anything else a shell does: quotes of both kinds and backslashes keep spaces in
// a word, and $ ; | > mean themselves. On Windows a backslash is a backslash.
func splitWords(line string) (words []string, err error) {
	var word strings.Builder
	var quote rune
	inWord, escaped := false, false
	for _, r := range line {
		switch {
		case escaped:
			if quote == '"' && r != '"' && r != '\\' {
				word.WriteByte('\\')
			}
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'' && runtime.GOOS != "windows":
			escaped, inWord = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == ' ' || r == '\t' || r == '\n':
			if inWord {
				words = append(words, word.String())
				word.Reset()
			}
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 || escaped {
		return nil, errors.New("a quotation mark is not closed, or the last character is a backslash")
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}
