package toolbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"sirocco/app/keyring"
)

// Input is a value that a file leaves open, for a person to give: VS Code's "inputs".
type Input struct {
	ID          string   `json:"id"`
	Description string   `json:"description,omitempty"`
	Default     string   `json:"default,omitempty"`
	Password    bool     `json:"password,omitempty"`
	Options     []string `json:"options,omitempty"` // one of these; none: anything
}

// readInputs reads the list of a file.
func (r *reader) readInputs(value json.RawMessage) {
	var entries []json.RawMessage
	if err := json.Unmarshal(value, &entries); err != nil {
		r.note("\"inputs\" is left out: a list is expected")
		return
	}
	for i, entry := range entries {
		var in Input
		if err := json.Unmarshal(entry, &in); err != nil || in.ID == "" {
			r.note("inputs[%d] is left out: an object with an \"id\" is expected", i)
			continue
		}
		r.inputs[in.ID] = in
	}
}

// input is the value of an input; a person is asked once for all that use it.
func (r *reader) input(id string) (string, error) {
	in, ok := r.inputs[id]
	if !ok {
		return "", fmt.Errorf("it refers to the input %q, which the file does not list in \"inputs\"", id)
	}
	if value, ok := r.lookup(inputVariable(id)); ok {
		return value, nil
	}
	if r.options.Ask == nil {
		return "", fmt.Errorf("it needs a value for %q, and nobody can be asked here", describe(in))
	}
	value, err := r.options.Ask(in)
	if err != nil {
		return "", fmt.Errorf("it needs a value for %q: %w", describe(in), err)
	}
	return value, nil
}

// inputVariable is the environment variable that answers an input where nobody can be
// asked.
func inputVariable(id string) string {
	return "SIROCCO_INPUT_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, id)
}

func describe(in Input) string {
	if text := strings.TrimSpace(in.Description); text != "" {
		return text
	}
	return in.ID
}

// inputService is our name in the system's keyring for what was answered.
const inputService = "sirocco mcp inputs"

var errEmpty = errors.New("nothing was given")

// remembered asks for each input of a file once and keeps the answer in the keyring.
// Where there is no keyring it is asked for again the next time.
func (o Options) remembered(path string) func(Input) (string, error) {
	if whole, err := filepath.Abs(path); err == nil {
		path = whole
	}
	now := map[string]string{}
	return func(in Input) (string, error) {
		if value, ok := now[in.ID]; ok {
			return value, nil
		}
		name := in.ID + " of " + path
		value, ok := keyring.Get(inputService, name)
		if !ok {
			if o.Ask == nil && in.Default != "" {
				return in.Default, nil
			}
			if o.Ask == nil {
				return "", fmt.Errorf("nobody can be asked here; set %s, or run it once on a terminal or in the window", inputVariable(in.ID))
			}
			var err error
			if value, err = o.Ask(in); err != nil {
				return "", err
			}
			if value == "" {
				value = in.Default
			}
			if value == "" {
				return "", errEmpty
			}
			_ = keyring.Set(inputService, name, value) // asked again the next time
		}
		now[in.ID] = value
		return value, nil
	}
}
