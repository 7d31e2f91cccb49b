package controller

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"sirocco/app/inspect"
	"sirocco/app/view/i18n"
)

// Save writes a turn as a session file, secrets redacted, with what is expected
// when it runs again.
func (d *Controller) Save(v *TurnView, path string, expect []inspect.Expect) (redacted int, err error) {
	session, err := inspect.NewSession(v.Name(), v.Created.UTC(), v.About, v.Request, v.Events, true)
	if err != nil {
		return 0, err
	}
	session.Expect, session.Looks = expect, v.Looks()
	if err := session.Redact(inspect.Rules); err != nil {
		return 0, err
	}
	data, err := session.Write()
	if err != nil {
		return 0, err
	}
	return session.Redacted, write(path, data)
}

// Page writes a turn as an HTML page.
func (d *Controller) Page(v *TurnView, path string) error {
	var out bytes.Buffer
	if err := inspect.WriteHTML(&out, v.Name(), v.Created, v.Turn, d.words()); err != nil {
		return err
	}
	return write(path, out.Bytes())
}

// Expectations is what a saved case of a turn expects: the calls it made with exactly
// these arguments, else its words.
func Expectations(v *TurnView) []inspect.Expect {
	expect := []inspect.Expect{}
	if len(v.Rounds) > 0 {
		for i, c := range v.Rounds[0].Calls {
			expect = append(expect, inspect.Expect{Kind: inspect.ExpectArguments, Call: &i, Name: c.Name, Value: []byte(c.Arguments)})
		}
	}
	if len(expect) > 0 {
		return append(expect, inspect.Expect{Kind: inspect.ExpectValid})
	}
	if text := strings.TrimSpace(v.Text()); text != "" {
		return []inspect.Expect{{Kind: inspect.ExpectText, Contains: text}}
	}
	return nil
}

// Name is the turn's for people and files.
func (v *TurnView) Name() string { return i18n.T("%s, turn %d", v.Title, v.Number) }

// words is the vocabulary, or nothing at all where there is none.
func (d *Controller) words() inspect.Vocabulary {
	if d.Words == nil {
		return nil
	}
	return d.Words()
}

func write(path string, data []byte) error {
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("%s: %w", i18n.T("saving the turn"), err)
	}
	return nil
}
