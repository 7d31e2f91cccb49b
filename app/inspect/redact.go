package inspect

import (
	"encoding/json"
	"regexp"
	"strings"

	"sirocco/model/chat"
)

// Rule finds secrets in text. What its group "secret" matches is taken out, or
// the whole match where it has none.
type Rule struct {
	Name    string
	Pattern *regexp.Regexp
}

// Rules are those used when a session is saved.
var Rules = []Rule{
	{"private key", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)`)},
	{"authorization", regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+(?P<secret>[A-Za-z0-9._~+/=-]{12,})`)},
	{"API key", regexp.MustCompile(`\b(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9]{16,}`)},
	{"token", regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|hf_[A-Za-z0-9]{20,}|xox[abprs]-[\w-]{10,})`)},
	{"AWS key", regexp.MustCompile(`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`)},
	{"web token", regexp.MustCompile(`\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}`)},
	{"password", regexp.MustCompile(`(?i)["']?\b(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?token|auth[_-]?token|client[_-]?secret)\b\\*["']?\s*[:=]\s*\\*["']?(?P<secret>[^\s"'\\,;}&]{4,})`)},
	{"login in an address", regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://[^\s/:@"]+:(?P<secret>[^\s/@"]+)@`)},
}

const redacted = "[redacted]"

// Redact takes secrets out of a text and says how many there were.
func Redact(text string, rules []Rule) (clean string, count int) {
	for _, rule := range rules {
		group := max(rule.Pattern.SubexpIndex("secret"), 0)
		var out strings.Builder
		from := 0
		for _, m := range rule.Pattern.FindAllStringSubmatchIndex(text, -1) {
			start, end := m[2*group], m[2*group+1]
			if text[start:end] == redacted {
				continue
			}
			out.WriteString(text[from:start])
			out.WriteString(redacted)
			from, count = end, count+1
		}
		if from > 0 {
			text = out.String() + text[from:]
		}
	}
	return text, count
}

// Redact takes the secrets out of a session. A secret would still be spelt by
// the tokens it came as, so then the token lists go too, and so do pieces of
// text and of calls, which the messages and sums repeat as a whole.
func (s *Session) Redact(rules []Rule) error {
	count := 0
	s.Title, count = Redact(s.Title, rules)
	s.Redacted += count
	request, n, err := redactJSON(s.Request, rules)
	if err != nil {
		return err
	}
	s.Request, s.Redacted = request, s.Redacted+n
	events := make([]chat.Timed, len(s.Events))
	for i, e := range s.Events {
		if events[i], n, err = redactEvent(e, rules); err != nil {
			return err
		}
		s.Redacted += n
	}
	if s.Redacted == 0 {
		return nil
	}
	s.Looks = nil // they are about tokens
	s.Events = events[:0]
	for _, e := range events {
		switch e.Kind {
		case chat.KindToken, chat.KindText, chat.KindCall:
			continue
		case chat.KindPrompt:
			prompt := *e.Prompt
			prompt.IDs = nil
			e.Prompt = &prompt
		}
		s.Events = append(s.Events, e)
	}
	return nil
}

func redactEvent(e chat.Timed, rules []Rule) (chat.Timed, int, error) {
	if e.Kind == chat.KindPrompt {
		return e, 0, nil
	}
	data, err := json.Marshal(e)
	if err != nil {
		return e, 0, err
	}
	clean, n, err := redactJSON(data, rules)
	if err != nil || n == 0 {
		return e, n, err
	}
	var out chat.Timed
	return out, n, json.Unmarshal(clean, &out)
}

// redactJSON goes through the strings of a JSON text and keeps the rest as it is,
// the order of keys too.
func redactJSON(data []byte, rules []Rule) (out []byte, count int, err error) {
	clean := quoted.ReplaceAllFunc(data, func(literal []byte) []byte {
		var text string
		if err = json.Unmarshal(literal, &text); err != nil {
			return literal
		}
		redactedText, n := Redact(text, rules)
		if n == 0 {
			return literal
		}
		count += n
		written, _ := json.Marshal(redactedText)
		return written
	})
	// {"password": "x"} as JSON itself, not as text within a string.
	clean = member.ReplaceAllFunc(clean, func(m []byte) []byte {
		groups := member.FindSubmatch(m)
		if string(groups[2]) == `"`+redacted+`"` || string(groups[2]) == `""` {
			return m
		}
		count++
		return append(append([]byte(nil), groups[1]...), `"`+redacted+`"`...)
	})
	return clean, count, err
}

var (
	quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	member = regexp.MustCompile(`(?i)("(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?token|auth[_-]?token|client[_-]?secret|authorization)"\s*:\s*)("(?:[^"\\]|\\.)*")`)
)
