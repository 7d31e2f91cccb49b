package inspect

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"sirocco/model/chat"
)

// The kinds of Expect.
const (
	ExpectArguments = "arguments"    // a call has exactly these arguments
	ExpectValid     = "schema_valid" // calls fit their tools' schemas, an answer fits its schema
	ExpectPath      = "json_path"    // a place in a call's arguments, or in the answer, equals a value
	ExpectText      = "text"         // the answer contains a text
	ExpectTokens    = "tokens"       // the tokens are those that were saved
)

// Expect is something that must hold when a session is run again.
type Expect struct {
	Kind string `json:"kind"`
	// Name is the tool of the call meant; empty is any. Call is its number among
	// the calls of the answer, from 0.
	Name string `json:"name,omitempty"`
	Call *int   `json:"call,omitempty"`
	// Value is what arguments or a path must equal, whatever the order of keys.
	Value json.RawMessage `json:"value,omitempty"`
	// Path is a JSON path such as $.place.cities[0]: names and indices.
	Path     string `json:"path,omitempty"`
	Contains string `json:"contains,omitempty"`
}

// check refuses an expectation that cannot be meant.
func (e *Expect) check() error {
	switch e.Kind {
	case ExpectArguments:
		if len(e.Value) == 0 {
			return errors.New("\"arguments\" needs a \"value\"")
		}
	case ExpectPath:
		if len(e.Value) == 0 {
			return errors.New("\"json_path\" needs a \"value\"")
		}
		_, err := parsePath(e.Path)
		return err
	case ExpectText:
		if e.Contains == "" {
			return errors.New("\"text\" needs a \"contains\" that is not empty")
		}
	case ExpectValid, ExpectTokens:
	default:
		return fmt.Errorf("its kind is %q; arguments, schema_valid, json_path, text or tokens was expected", e.Kind)
	}
	return nil
}

// Describe says in a few words what is expected.
func (e *Expect) Describe() string {
	of := ""
	if e.Call != nil {
		of = fmt.Sprintf(" of call %d", *e.Call)
	}
	if e.Name != "" {
		of += " of " + e.Name
	}
	switch e.Kind {
	case ExpectArguments:
		return "the arguments" + of + " are " + string(e.Value)
	case ExpectValid:
		return "the calls fit their schemas"
	case ExpectPath:
		return e.Path + of + " is " + string(e.Value)
	case ExpectText:
		return fmt.Sprintf("the answer contains %q", e.Contains)
	}
	return "the tokens are those that were saved"
}

// Run is what a session gave when it was asked again, beside what it had given.
type Run struct {
	Request *chat.Request
	Done    *chat.Done
	Saved   *Turn // what the file holds
}

// Holds says whether an expectation holds, and if not, why in one sentence.
func (e *Expect) Holds(r *Run) error {
	switch e.Kind {
	case ExpectText:
		if !strings.Contains(r.Done.Text, e.Contains) {
			return fmt.Errorf("the answer is %q", shorten(r.Done.Text))
		}
		return nil
	case ExpectValid:
		return r.valid()
	case ExpectTokens:
		return r.sameTokens()
	case ExpectPath:
		return e.pathHolds(r)
	}
	call, err := e.call(r.Done.ToolCalls)
	if err != nil {
		return err
	}
	return equal(call.Arguments, e.Value, "the arguments are")
}

// call is the one that is meant.
func (e *Expect) call(calls []chat.ToolCall) (*chat.ToolCall, error) {
	names := make([]string, len(calls))
	for i := range calls {
		names[i] = calls[i].Name
		if (e.Call == nil || *e.Call == i) && (e.Name == "" || e.Name == calls[i].Name) {
			return &calls[i], nil
		}
	}
	if len(calls) == 0 {
		return nil, errors.New("the answer made no call")
	}
	return nil, fmt.Errorf("there is no such call; the answer called %s", strings.Join(names, ", "))
}

func (e *Expect) pathHolds(r *Run) error {
	text := r.Done.Text
	if e.Call != nil || e.Name != "" || len(r.Done.ToolCalls) > 0 {
		call, err := e.call(r.Done.ToolCalls)
		if err != nil {
			return err
		}
		text = call.Arguments
	}
	value, err := lookUp(text, e.Path)
	if err != nil {
		return err
	}
	found, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return equal(string(found), e.Value, "it is")
}

// equal compares two JSON texts by value.
func equal(got string, want json.RawMessage, is string) error {
	var a, b any
	if err := json.Unmarshal([]byte(got), &a); err != nil {
		return fmt.Errorf("%s not JSON: %s", is, shorten(got))
	}
	if err := json.Unmarshal(want, &b); err != nil {
		return fmt.Errorf("the expected value is not JSON: %w", err)
	}
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("%s %s", is, shorten(got))
	}
	return nil
}

// valid checks every call against its tool's schema and the answer against its.
func (r *Run) valid() error {
	for _, call := range r.Done.ToolCalls {
		i := slices.IndexFunc(r.Request.Tools, func(t chat.Tool) bool { return t.Name == call.Name })
		if i < 0 {
			return fmt.Errorf("it calls %s, which is none of the tools", call.Name)
		}
		if err := fits(r.Request.Tools[i].Parameters, call.Arguments, "the arguments of "+call.Name); err != nil {
			return err
		}
	}
	if len(r.Request.Schema) > 0 && len(r.Done.ToolCalls) == 0 {
		return fits(r.Request.Schema, r.Done.Text, "the answer")
	}
	return nil
}

func fits(schema []byte, text, what string) error {
	found, err := Validate(schema, text)
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%s: %s", what, strings.TrimSpace(found[0].Path+" "+found[0].Text))
	}
	return err
}

// sameTokens compares with the saved first answer: same seed and same device
// give the same tokens.
func (r *Run) sameTokens() error {
	saved := TokensOf(r.Saved, 0)
	if len(saved) == 0 {
		return errors.New("the file holds no tokens to compare with")
	}
	if !Told(r.Done) {
		return r.sameWords()
	}
	if same, where := SameTokens(saved, r.Done); !same {
		return fmt.Errorf("they differ from token %d on", where+1)
	}
	return nil
}

// Told says whether an answer's tokens are known. Servers without /tokenize give none,
// or such as have no ids.
func Told(done *chat.Done) bool {
	if len(done.Tokens) == 0 {
		return done.Text == "" && len(done.ToolCalls) == 0
	}
	return !slices.ContainsFunc(done.Tokens, func(t chat.Token) bool { return t.ID < 0 })
}

// sameWords compares what was said, where nobody tells the tokens.
func (r *Run) sameWords() error {
	if len(r.Saved.Rounds) == 0 || r.Saved.Rounds[0].Done == nil {
		return nil // nothing to compare
	}
	then := r.Saved.Rounds[0].Done
	if then.Text != r.Done.Text {
		return fmt.Errorf("the words differ: the answer is %q", shorten(r.Done.Text))
	}
	if len(then.ToolCalls) != len(r.Done.ToolCalls) {
		return fmt.Errorf("it made %d calls, not %d", len(r.Done.ToolCalls), len(then.ToolCalls))
	}
	for i, call := range then.ToolCalls {
		now := r.Done.ToolCalls[i]
		if call.Name != now.Name {
			return fmt.Errorf("call %d is of %s, not of %s", i+1, now.Name, call.Name)
		}
		if err := equal(now.Arguments, json.RawMessage(call.Arguments), "the arguments of "+now.Name+" are"); err != nil {
			return err
		}
	}
	return nil
}

// SameTokens compares an answer with saved ids; where is the first difference.
func SameTokens(saved []int32, done *chat.Done) (same bool, where int) {
	ids := make([]int32, len(done.Tokens))
	for i, token := range done.Tokens {
		ids[i] = token.ID
	}
	return slices.Equal(saved, ids), common(saved, ids)
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	return text
}
