package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"sirocco/app/inspect"
)

// verdict is what became of one case.
type verdict struct {
	File   string `json:"file"`
	Title  string `json:"title,omitempty"`
	Pass   bool   `json:"pass"`
	Error  string `json:"error,omitempty"` // it could not be run
	Model  string `json:"model,omitempty"`
	Device string `json:"device,omitempty"`
	// Saved names another model or device that the case was saved with.
	Saved string `json:"saved_with,omitempty"`
	// Tokens is "same", "differ" or "not compared" against the saved answer.
	Tokens  string    `json:"tokens,omitempty"`
	Expect  []outcome `json:"expect,omitempty"`
	Seconds float64   `json:"seconds"`
}

type outcome struct {
	Expect string `json:"expect"`
	Pass   bool   `json:"pass"`
	Reason string `json:"reason,omitempty"`
}

// compare notes whether it is the saved model that answered, and as it did then.
func (v *verdict) compare(session *inspect.Session, run *inspect.Run) {
	then := session.About
	if then.Model.Name != "" && (then.Model.Name != v.Model || then.Device.Name != v.Device) {
		v.Saved = then.Model.Name + " on " + then.Device.Name
	}
	v.Tokens = "not compared"
	if saved := inspect.TokensOf(run.Saved, 0); len(saved) > 0 && inspect.Told(run.Done) {
		v.Tokens = "differ"
		if same, _ := inspect.SameTokens(saved, run.Done); same {
			v.Tokens = "same"
		}
	}
}

// verdicts prints cases as they end and counts them.
type verdicts struct {
	out           io.Writer
	json          bool
	cases, failed int
}

func (s *verdicts) add(v verdict) error {
	s.cases++
	if !v.Pass {
		s.failed++
	}
	if s.json {
		return json.NewEncoder(s.out).Encode(v)
	}
	_, err := io.WriteString(s.out, v.text())
	return err
}

// text is a case for people: one line, and the reasons below where it failed.
func (v *verdict) text() string {
	name := v.File
	if v.Title != "" {
		name += ": " + v.Title
	}
	if v.Error != "" {
		return fmt.Sprintf("FAIL  %s\n      %s\n", name, v.Error)
	}
	word := "pass"
	if !v.Pass {
		word = "FAIL"
	}
	text := fmt.Sprintf("%s  %s (%.1f s; tokens: %s)\n", word, name, v.Seconds, v.Tokens)
	for _, e := range v.Expect {
		if !e.Pass {
			text += fmt.Sprintf("      expected that %s: %s\n", e.Expect, e.Reason)
		}
	}
	if v.Saved != "" {
		text += fmt.Sprintf("      saved with %s; run with %s on %s\n", v.Saved, v.Model, v.Device)
	}
	return text
}

func (s *verdicts) sum() error {
	if s.json {
		return json.NewEncoder(s.out).Encode(map[string]int{"cases": s.cases, "passed": s.cases - s.failed, "failed": s.failed})
	}
	_, err := fmt.Fprintf(s.out, "%d cases: %d passed, %d failed\n", s.cases, s.cases-s.failed, s.failed)
	return err
}
