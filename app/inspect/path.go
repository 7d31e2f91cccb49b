package inspect

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
)

// part is a step of a JSON path: .name, ["name"] or [0].
var part = regexp.MustCompile(`^(?:\.([A-Za-z_][\w-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\['([^']*)'\])`)

// parsePath reads the plain part of RFC 9535: names and indices, no wildcards
// and no filters, because a path here names one value.
func parsePath(path string) (steps []any, err error) {
	if path == "" || path[0] != '$' {
		return nil, fmt.Errorf("the path %q does not begin with $", path)
	}
	for rest := path[1:]; rest != ""; {
		m := part.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("the path %q cannot be read from %q on; names (.a, [\"a\"]) and indices ([0]) are known", path, rest)
		}
		switch {
		case m[2] != "":
			index, err := strconv.Atoi(m[2])
			if err != nil {
				return nil, fmt.Errorf("the path %q has an index that is too large", path)
			}
			steps = append(steps, index)
		case m[3] != "":
			var name string
			if err := json.Unmarshal([]byte(m[3]), &name); err != nil {
				return nil, fmt.Errorf("the path %q has a name that cannot be read: %w", path, err)
			}
			steps = append(steps, name)
		default:
			steps = append(steps, m[1]+m[4])
		}
		rest = rest[len(m[0]):]
	}
	return steps, nil
}

// lookUp finds the value of a path in a JSON text.
func lookUp(text, path string) (any, error) {
	steps, err := parsePath(path)
	if err != nil {
		return nil, err
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return nil, fmt.Errorf("what it is looked for in is not JSON: %s", shorten(text))
	}
	for _, step := range steps {
		found := false
		switch at := step.(type) {
		case string:
			object, _ := value.(map[string]any)
			value, found = object[at]
		case int:
			if list, _ := value.([]any); at < len(list) {
				value, found = list[at], true
			}
		}
		if !found {
			return nil, fmt.Errorf("%s is not there: nothing at %v", path, step)
		}
	}
	return value, nil
}
