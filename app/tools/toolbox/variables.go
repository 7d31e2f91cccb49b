package toolbox

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sirocco/app/tools"
)

// reference is ${…} in a value, or {env:…} as opencode writes it.
var (
	reference = regexp.MustCompile(`\$\{([^{}]*)\}`)
	opencoded = regexp.MustCompile(`\{env:([^{}]*)\}`)
	variable  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// expand puts in what the entry refers to, and splits a command of one line.
func (e *entryReader) expand() error {
	s := &e.spec
	for i := range s.Command {
		if err := e.put(&s.Command[i]); err != nil {
			return err
		}
	}
	for i := range s.Roots {
		if err := e.put(&s.Roots[i]); err != nil {
			return err
		}
		s.Roots[i] = atHome(s.Roots[i])
	}
	for _, values := range []map[string]string{s.Env, s.Headers} {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			value := values[name]
			if err := e.put(&value); err != nil {
				return err
			}
			values[name] = value
		}
	}
	if err := e.put(&s.Dir); err != nil {
		return err
	}
	s.Dir = atHome(s.Dir)
	if s.URL != "" {
		if err := e.put(&s.URL); err != nil {
			return err
		}
		return checkAddress(s.URL)
	}
	s.Command[0] = atHome(s.Command[0])
	return e.split()
}

// keep writes opencode's references as ours, and leaves all as they are.
func (e *entryReader) keep() {
	if !e.opencode {
		return
	}
	write := func(text string) string { return opencoded.ReplaceAllString(text, "$${env:$1}") }
	s := &e.spec
	for i := range s.Command {
		s.Command[i] = write(s.Command[i])
	}
	for _, values := range []map[string]string{s.Env, s.Headers} {
		for name, value := range values {
			values[name] = write(value)
		}
	}
	s.URL, s.Dir = write(s.URL), write(s.Dir)
}

// split takes a command of one line apart where no program has that name.
func (e *entryReader) split() error {
	s := &e.spec
	if len(s.Command) > 1 || !strings.ContainsAny(s.Command[0], " \t") {
		return nil
	}
	if info, err := os.Stat(s.Command[0]); err == nil && !info.IsDir() {
		return nil
	}
	line, err := tools.ParseServer(s.Command[0])
	if err != nil || len(line.Command) == 0 {
		return errors.New("its command cannot be split into words; is a quotation mark not closed?")
	}
	s.Command = line.Command
	return nil
}

// atHome is a path with its ~ replaced.
func atHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~/")
	home, err := os.UserHomeDir()
	if !ok || err != nil {
		return path
	}
	return filepath.Join(home, rest)
}

// put replaces the references in a text.
func (e *entryReader) put(text *string) (fault error) {
	replace := func(pattern *regexp.Regexp, prefix string) {
		*text = pattern.ReplaceAllStringFunc(*text, func(whole string) string {
			value, known, err := e.value(prefix + pattern.FindStringSubmatch(whole)[1])
			if err != nil && fault == nil {
				fault = err
			}
			if !known {
				return whole
			}
			return value
		})
	}
	replace(reference, "")
	if e.opencode {
		replace(opencoded, "env:")
	}
	return fault
}

// value is what a reference stands for; known is false for what is no reference of
// ours, such as a shell's own.
func (e *entryReader) value(name string) (value string, known bool, err error) {
	switch name {
	case "workspaceFolder", "cwd":
		value, err = os.Getwd()
		return value, true, err
	case "userHome":
		value, err = os.UserHomeDir()
		return value, true, err
	case "pathSeparator", "/":
		return string(filepath.Separator), true, nil
	}
	if id, ok := strings.CutPrefix(name, "input:"); ok {
		value, err = e.input(id)
		return value, true, err
	}
	name, otherwise, hasDefault := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(name, "env:"), "env."), ":-")
	if !variable.MatchString(name) {
		return "", false, nil
	}
	value, set := e.lookup(name)
	switch {
	case set && (value != "" || !hasDefault):
		return value, true, nil
	case hasDefault:
		return otherwise, true, nil
	}
	return "", true, fmt.Errorf("the environment variable %s is not set; set it, or write ${%s:-a default}", name, name)
}

// Expand puts environment variables into a text that a person wrote for a server.
func Expand(text string) (string, error) {
	e := &entryReader{reader: &reader{}}
	err := e.put(&text)
	return text, err
}

// lookup finds an environment variable.
func (r *reader) lookup(name string) (string, bool) {
	if r.options.Lookup == nil {
		return os.LookupEnv(name)
	}
	return r.options.Lookup(name)
}
