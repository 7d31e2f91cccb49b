package eval

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sirocco/app/openai"
	"sirocco/model/chat"
)

// line is a question in our own format, one JSON object a line.
type line struct {
	ID         string          `json:"id"`
	Group      string          `json:"group"`
	System     *string         `json:"system"`
	Question   string          `json:"question"`
	Images     []string        `json:"images"`
	Choices    []string        `json:"choices"`
	Answer     json.RawMessage `json:"answer"`
	Match      Match           `json:"match"`
	Path       string          `json:"path"`
	Calls      *[]wireCall     `json:"calls"`
	Tools      json.RawMessage `json:"tools"`
	ToolChoice string          `json:"tool_choice"`
	Schema     json.RawMessage `json:"schema"`
	MaxTokens  int             `json:"max_tokens"`
	Prompt     string          `json:"prompt"`
	Entry      string          `json:"entry_point"`
	Test       string          `json:"test"`
}

type wireCall struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

// parseLine reads one question of our own format. Unknown fields are errors: a
// misspelt one would change what is judged without a word.
func parseLine(data []byte, number int) (*Question, error) {
	var l line
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&l); err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	if decoder.More() {
		return nil, errors.New("more than one object stands on it")
	}
	q := &Question{ID: l.ID, Group: l.Group, System: l.System, Text: l.Question, Choices: l.Choices, Match: l.Match, Path: l.Path,
		ToolChoice: l.ToolChoice, Schema: l.Schema, MaxTokens: l.MaxTokens}
	if q.ID == "" {
		q.ID = fmt.Sprintf("line %d", number)
	}
	if strings.TrimSpace(q.Text) == "" {
		return nil, errors.New("it has no \"question\"")
	}
	for _, image := range l.Images {
		picture, err := pictureOf(image)
		if err != nil {
			return nil, err
		}
		q.Images = append(q.Images, picture)
	}
	if err := q.readTools(&l); err != nil {
		return nil, err
	}
	if err := q.readAnswer(&l); err != nil {
		return nil, err
	}
	return q, q.check()
}

// pictureOf is a path, or a data URL's bytes.
func pictureOf(text string) (Picture, error) {
	header, payload, found := strings.Cut(text, ";base64,")
	if !found || !strings.HasPrefix(header, "data:") {
		return Picture{Path: text}, nil
	}
	data, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		return Picture{}, fmt.Errorf("a data URL in \"images\" is no base64: %w", err)
	}
	return Picture{Data: data}, nil
}

// readTools reads what may be called and whether something must be.
func (q *Question) readTools(l *line) (err error) {
	if len(l.Tools) > 0 && string(l.Tools) != "null" {
		if q.Tools, err = openai.ParseTools(l.Tools); err != nil {
			return err
		}
	}
	switch q.ToolChoice {
	case "", "auto", "none", "required":
	default:
		q.ToolChoice, q.ToolName = "function", q.ToolChoice
	}
	return nil
}

// readAnswer reads what is right: the answer itself, a list of right answers,
// calls, or the tests of a program.
func (q *Question) readAnswer(l *line) error {
	switch {
	case l.Calls != nil:
		q.Match = cmpMatch(q.Match, MatchCalls)
		for _, call := range *l.Calls {
			q.Calls = append(q.Calls, Call(call))
		}
	case l.Test != "":
		q.Match = cmpMatch(q.Match, MatchCode)
		q.Code = &Code{Prompt: l.Prompt, Entry: l.Entry, Test: l.Test}
	case l.Path != "":
		q.Match = cmpMatch(q.Match, MatchJSON)
	case len(l.Choices) > 0:
		q.Match = cmpMatch(q.Match, MatchChoice)
	default:
		q.Match = cmpMatch(q.Match, MatchExact)
	}
	var list []json.RawMessage
	if q.Match == MatchJSON || json.Unmarshal(l.Answer, &list) != nil {
		list = []json.RawMessage{l.Answer}
	}
	for _, one := range list {
		var text string
		if q.Match == MatchJSON || json.Unmarshal(one, &text) != nil {
			text = string(one)
		}
		if len(one) > 0 {
			q.Answers = append(q.Answers, text)
		}
	}
	return nil
}

func cmpMatch(given, otherwise Match) Match {
	if given != "" {
		return given
	}
	return otherwise
}

// check refuses a question that could not be judged.
func (q *Question) check() error {
	if !slices.Contains(matches, q.Match) {
		return fmt.Errorf("its \"match\" is %q; it can be one of %v", q.Match, matches)
	}
	switch q.Match {
	case MatchCalls:
		for _, call := range q.Calls {
			if !slices.ContainsFunc(q.Tools, func(t chat.Tool) bool { return t.Name == call.Name }) {
				return fmt.Errorf("it expects a call of %q, which is not among its \"tools\"", call.Name)
			}
		}
		return nil
	case MatchCode:
		if q.Code == nil {
			return errors.New("its \"match\" is code, but it has no \"test\"")
		}
		return nil
	}
	if len(q.Answers) == 0 {
		return errors.New("it has no \"answer\" to compare with")
	}
	if q.Match == MatchChoice {
		return q.checkChoices()
	}
	if q.Match == MatchRegex {
		for _, pattern := range q.Answers {
			if _, err := regexp.Compile(pattern); err != nil {
				return fmt.Errorf("its \"answer\" is no regular expression: %w", err)
			}
		}
	}
	return nil
}

// checkChoices brings the right choice to its letter: it may be given as one or
// as the choice's text.
func (q *Question) checkChoices() error {
	if len(q.Choices) < 2 || len(q.Choices) > 26 {
		return fmt.Errorf("it has %d \"choices\"; 2 to 26 are expected", len(q.Choices))
	}
	for i, answer := range q.Answers {
		if at := slices.Index(q.Choices, answer); at >= 0 {
			q.Answers[i] = letter(at)
		} else if len(answer) != 1 || answer[0] < 'A' || int(answer[0]-'A') >= len(q.Choices) {
			return fmt.Errorf("its \"answer\" %q is neither one of the choices nor the letter of one", answer)
		}
	}
	return nil
}
