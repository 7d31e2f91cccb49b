package toolbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"sirocco/app/tools"
)

// entryReader reads the entry of one server.
type entryReader struct {
	*reader
	spec    tools.ServerSpec
	unknown []string
	args    []string
	fault   error
}

// server reads an entry and adds what it says to the config. what names the entry
// for people; it is made of the entry where it is empty.
func (r *reader) server(what, name string, members []member) {
	e := &entryReader{reader: r, spec: tools.ServerSpec{Name: name}}
	for _, m := range members {
		if err := e.field(m.key, m.value); err != nil && e.fault == nil {
			e.fault = fmt.Errorf("its %q: %w", m.key, err)
		}
	}
	if what == "" {
		what = "the server"
	}
	if name == "" && e.spec.Name != "" {
		what += " (" + e.spec.Name + ")"
	}
	e.spec.Command = append(e.spec.Command, e.args...)
	if len(e.spec.Command) == 0 {
		e.spec.Command = nil
	}
	if e.fault == nil {
		e.fault = e.check()
	}
	switch {
	case e.fault != nil:
	case r.verbatim:
		e.keep()
	case !e.spec.Disabled:
		e.fault = e.expand()
	}
	if e.fault != nil {
		r.note("%s is left out: %v", what, e.fault)
		return
	}
	if len(e.unknown) > 0 {
		r.note("%s: %s not understood and ignored", what, list(e.unknown)+isAre(len(e.unknown)))
	}
	if len(e.spec.AutoApprove) > 0 {
		r.note("%s: these tools run without asking, as its entry says: %s", what, strings.Join(e.spec.AutoApprove, ", "))
	}
	r.config.Servers = append(r.config.Servers, e.spec)
}

func isAre(n int) string {
	if n == 1 {
		return " is"
	}
	return " are"
}

// field reads one field of an entry.
func (e *entryReader) field(key string, value json.RawMessage) (err error) {
	if string(value) == "null" {
		return nil
	}
	s := &e.spec
	switch key {
	case "name":
		var name string
		if name, err = text(value); s.Name == "" {
			s.Name = name
		}
	case "command":
		err = e.command(value)
	case "args":
		e.args, err = texts(value)
	case "env", "environment":
		s.Env, err = pairs(value)
	case "headers", "http_headers":
		s.Headers, err = pairs(value)
	case "cwd", "dir", "workingDirectory":
		s.Dir, err = text(value)
	case "url", "serverUrl", "httpUrl", "serverURL":
		if s.URL, err = text(value); key == "httpUrl" && s.Type == "" {
			s.Type = "http"
		}
	case "type", "transport", "transportType":
		err = e.kind(value)
	case "timeout", "timeout_s":
		s.Timeout, err = e.seconds(key, value)
	case "start_s", "startupTimeout", "initTimeout":
		s.Start, err = e.seconds(key, value)
	case "disabled":
		s.Disabled, err = flag(value, s.Disabled)
	case "enabled":
		var on bool
		on, err = flag(value, true)
		s.Disabled = s.Disabled || !on
	case "roots":
		s.Roots, err = texts(value)
	case "disabledTools", "disabled_tools", "excludeTools":
		s.DisabledTools, err = texts(value)
	case "enabledTools", "enabled_tools", "includeTools":
		s.EnabledTools, err = texts(value)
	case "autoApprove", "alwaysAllow", "auto_approve":
		s.AutoApprove, err = approved(value)
	case "description", "id", "source", "gallery", "version", "icon": // for people, or for that program's own lists
	default:
		e.unknown = append(e.unknown, key)
	}
	return err
}

// command reads a program: a word beside its "args", a list with the arguments, one
// whole line, or an object {"path", "args", "env"} as Zed wrote it once.
func (e *entryReader) command(value json.RawMessage) (err error) {
	switch value[0] {
	case '[':
		e.spec.Command, err = texts(value)
	case '{':
		members, err := parseObject(value)
		if err != nil {
			return err
		}
		for _, m := range members {
			if m.key == "path" {
				m.key = "command"
			}
			if err := e.field(m.key, m.value); err != nil {
				return err
			}
		}
	default:
		var line string
		if line, err = text(value); err == nil && line != "" {
			e.spec.Command = []string{line}
		}
	}
	return err
}

// kind reads how a server is spoken to.
func (e *entryReader) kind(value json.RawMessage) error {
	word, err := text(value)
	switch strings.ToLower(strings.ReplaceAll(word, "_", "-")) {
	case "", "stdio", "local", "remote", "custom", "extension":
	case "http", "streamable-http", "streamablehttp", "https":
		e.spec.Type = "http"
	case "sse":
		e.spec.Type = "sse"
	default:
		return fmt.Errorf("%q is not known; stdio, http and sse are", word)
	}
	return err
}

// longest is the longest time in seconds that anybody writes; more are milliseconds.
const longest = 3600

// seconds reads how long something may take: seconds, or milliseconds where a program
// counts in those.
func (e *entryReader) seconds(key string, value json.RawMessage) (tools.Seconds, error) {
	var n json.Number
	if err := json.Unmarshal(value, &n); err != nil {
		return 0, errors.New("a number of seconds is expected")
	}
	seconds, err := n.Float64()
	if err != nil || seconds < 0 {
		return 0, errors.New("a number of seconds is expected")
	}
	if !strings.HasSuffix(key, "_s") && (e.opencode || seconds > longest) {
		seconds /= 1000
		e.note("the server %s: its %s %s is read as milliseconds", e.spec.Name, key, n)
	}
	return tools.Seconds(seconds), nil
}

// check says why an entry is no server.
func (e *entryReader) check() error {
	s := &e.spec
	switch {
	case s.URL != "" && len(s.Command) > 0:
		return errors.New(`it has both a "command" and a "url"; keep one`)
	case s.URL == "" && (len(s.Command) == 0 || s.Command[0] == ""):
		return errors.New(`it needs either a "command" or a "url"`)
	case s.URL == "" && s.Type == "sse" || s.URL == "" && s.Type == "http":
		return fmt.Errorf("its type is %s, and it has a command in place of a \"url\"", s.Type)
	}
	return nil
}

// checkAddress says why an address cannot be one.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("its address is not one of http or https")
	}
	return nil
}
