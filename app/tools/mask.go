package tools

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
)

// mask takes what an entry holds out of texts: what its command line, environment,
// headers and address say is between the user and the server. In its place stands
// where it comes from.
type mask struct {
	errors  *strings.Replacer // everything, out of errors and the last words of a program
	results *strings.Replacer // what is surely a secret, out of what the model reads
}

// hidden is a text of an entry and what to write in its place.
type hidden struct {
	text, label string
	sure        bool // a secret and nothing else
}

// Lengths below which a text is no secret but a word that others use, too.
const (
	shortestSecret = 4
	shortestWord   = 6
)

func newMask(list []hidden) *mask {
	slices.SortStableFunc(list, func(a, b hidden) int { return len(b.text) - len(a.text) })
	var all, sure []string
	m := &mask{}
	for _, h := range list {
		if len(h.text) < shortestSecret || !h.sure && (len(h.text) < shortestWord || exists(h.text)) {
			continue
		}
		for _, text := range spellings(h.text) {
			all = append(all, text, "("+h.label+")")
			if h.sure {
				sure = append(sure, text, "("+h.label+")")
			}
		}
	}
	m.errors, m.results = strings.NewReplacer(all...), strings.NewReplacer(sure...)
	return m
}

// exists says that a word is a file or folder, whose name an error needs.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// spellings are the ways in which a text is written within others.
func spellings(text string) []string {
	inJSON, _ := json.Marshal(text) // strings always have a JSON
	list := []string{text}
	for _, other := range []string{string(inJSON[1 : len(inJSON)-1]), url.QueryEscape(text), url.PathEscape(text)} {
		if !slices.Contains(list, other) {
			list = append(list, other)
		}
	}
	return list
}

// ofError is an error without what the entry holds; errors.Is still finds its cause.
func (m *mask) ofError(err error) error {
	if err == nil {
		return nil
	}
	if words := m.errors.Replace(err.Error()); words != err.Error() {
		return &fault{words, err}
	}
	return err
}

// ofOutput is a run's result without the entry's secrets.
func (m *mask) ofOutput(out Output, err error) (Output, error) {
	out.Text = m.results.Replace(out.Text)
	for i := range out.Notes {
		out.Notes[i] = m.results.Replace(out.Notes[i])
	}
	return out, m.ofError(err)
}

// ofTool is a tool whose definition holds none of the entry's secrets.
func (m *mask) ofTool(t Tool) Tool {
	t.Title, t.Description = m.results.Replace(t.Title), m.results.Replace(t.Description)
	if text := m.results.Replace(string(t.Parameters)); text != string(t.Parameters) && json.Valid([]byte(text)) {
		t.Parameters = json.RawMessage(text)
	}
	return t
}

// mask is that of a server's entry.
func (s *ServerSpec) mask() *mask {
	list := ofEnvironment(s.Env)
	for name, value := range s.Headers {
		list = append(list, hidden{value, "its header " + name, true})
		if _, key, ok := strings.Cut(value, " "); ok { // after Bearer or Basic
			list = append(list, hidden{strings.TrimSpace(key), "its header " + name, true})
		}
	}
	if s.URL != "" {
		return newMask(append(list, ofAddress(s.URL, "its address", false)...))
	}
	return newMask(append(list, ofArguments(s.Command)...))
}

// mask is that of a program's entry.
func (s *CommandSpec) mask() *mask {
	return newMask(append(ofEnvironment(s.Env), ofArguments(s.Command)...))
}

func ofEnvironment(env map[string]string) (list []hidden) {
	for name, value := range env {
		if !word.MatchString(value) || secretName.MatchString(name) {
			list = append(list, ofValue(name, value, "its variable "+name)...)
		}
	}
	return list
}

// ofArguments are those of a command line, whose program's name is no secret.
func ofArguments(command []string) (list []hidden) {
	flag := ""
	for i, argument := range command {
		if i == 0 {
			continue
		}
		label := fmt.Sprintf("argument %d of its command", i)
		name, value, pair := strings.Cut(argument, "=")
		switch {
		case pair: // --name=value, or NAME=value after -e
			list = append(list, ofValue(name, value, label)...)
		case strings.HasPrefix(argument, "-"):
			flag = argument
			continue
		case !word.MatchString(argument) || secretName.MatchString(flag):
			list = append(list, ofValue(flag, argument, label)...)
		}
		flag = ""
	}
	return list
}

// ofValue is a value by the name it goes by.
func ofValue(name, value, label string) []hidden {
	list := []hidden{{value, label, secretName.MatchString(name) && !everyday.MatchString(value) || looksSecret(value)}}
	if strings.Contains(value, "://") {
		list = append(list, ofAddress(value, label, true)...)
	}
	return list
}

// secretName matches the names that secrets go by.
var secretName = regexp.MustCompile(`(?i)(key|token|secret|passw|pwd|auth|credential|cookie|bearer|session|pat$|pin$)`)

// word matches plain words, which an error may well hold for itself.
var word = regexp.MustCompile(`^[a-z]{1,12}$`)

// everyday matches the values that names like AUTH_MODE have.
var everyday = regexp.MustCompile(`^(true|false|none|null|basic|bearer|oauth2?|digest|default|stdio|https?)$`)

// These match words that nobody chose: issuers' prefixes, or long and of both kinds.
var (
	issued = regexp.MustCompile(`^(sk|pk|rk|ghp|gho|ghs|glpat|xox[a-z]|hf|eyJ|AKIA|AIza|npm)[-_A-Za-z0-9]`)
	random = regexp.MustCompile(`^[A-Za-z0-9_+=-]{20,}$`)
	digit  = regexp.MustCompile(`[0-9]`)
	letter = regexp.MustCompile(`[A-Za-z]`)
)

func looksSecret(word string) bool {
	return issued.MatchString(word) && len(word) >= 8 || random.MatchString(word) && digit.MatchString(word) && letter.MatchString(word)
}

// ofAddress are the parts of an address that may be keys: its user, its query, and
// what looks like a key in its path.
func ofAddress(address, label string, within bool) []hidden {
	u, err := url.Parse(address)
	if err != nil {
		return []hidden{{address, label, false}}
	}
	var list []hidden
	if !within {
		list = append(list, hidden{address, label, false})
	}
	if password, ok := u.User.Password(); ok {
		list = append(list, hidden{password, "the password of " + label, true},
			hidden{base64.StdEncoding.EncodeToString([]byte(u.User.Username() + ":" + password)), label, true})
	}
	if user := u.User.Username(); user != "" {
		list = append(list, hidden{user, "the user of " + label, looksSecret(user)})
	}
	for name, values := range u.Query() {
		for _, value := range values {
			list = append(list, hidden{value, name + " of " + label, secretName.MatchString(name) || looksSecret(value)})
		}
	}
	if query := u.RawQuery; query != "" {
		list = append(list, hidden{query, "the query of " + label, false})
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		list = append(list, hidden{part, "a part of " + label, looksSecret(part)})
	}
	return list
}
