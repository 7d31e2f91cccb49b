package chattemplate

import (
	"fmt"
	"strings"
	"time"
)

// FillSystem fills {name}, {today} and {yesterday} into a system prompt as the
// model card does with Python's str.format: dates are local and written
// 2006-01-02, doubled braces stand for single ones, anything else in braces is an
// error.
func FillSystem(template, name string, now time.Time) (string, error) {
	fields := map[string]string{
		"name":      name,
		"today":     now.Format(time.DateOnly),
		"yesterday": now.AddDate(0, 0, -1).Format(time.DateOnly),
	}
	var out strings.Builder
	for rest := template; rest != ""; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			out.WriteString(rest)
			break
		}
		out.WriteString(rest[:i])
		brace := rest[i]
		rest = rest[i+1:]
		if rest != "" && rest[0] == brace {
			out.WriteByte(brace)
			rest = rest[1:]
			continue
		}
		field, after, closed := strings.Cut(rest, "}")
		if brace == '}' || !closed {
			return "", fmt.Errorf("the system prompt has a single %q on line %d; write %q for a brace that is meant as text",
				brace, lineOf(template, rest), strings.Repeat(string(brace), 2))
		}
		value, known := fields[field]
		if !known {
			return "", fmt.Errorf("the system prompt has {%s} on line %d; only {name}, {today} and {yesterday} can be filled in "+
				"(write {{ and }} for braces that are meant as text)", field, lineOf(template, rest))
		}
		out.WriteString(value)
		rest = after
	}
	return out.String(), nil
}

// lineOf is the number of the line on which rest, the end of text, begins.
func lineOf(text, rest string) int {
	return 1 + strings.Count(text[:len(text)-len(rest)], "\n")
}
