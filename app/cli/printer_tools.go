package cli

import (
	"fmt"

	"sirocco/model/chat"
)

// tool says on stderr what becomes of a call that is run. The terminal's own
// question is not repeated.
func (p *printer) tool(e chat.Event) {
	switch e.Kind {
	case chat.KindApproval:
		if a := e.Approval; a.Decision != "" && a.Decision != chat.Deny && a.By != "person" {
			p.line("running %s(%s)", a.Name, plain(a.Arguments))
		}
	case chat.KindRun:
		p.printf("%s", progress(e.Run))
	case chat.KindResult:
		p.result(e.Result)
	}
}

// progress is how far a run is, for the status line.
func progress(r *chat.Run) string {
	switch {
	case r.Total > 0:
		return fmt.Sprintf("%s: %.0f of %.0f %s", r.Name, r.Done, r.Total, plain(r.Note))
	case r.Done > 0 || r.Note != "":
		return fmt.Sprintf("%s: %.0f %s", r.Name, r.Done, plain(r.Note))
	}
	return fmt.Sprintf("%s is running", r.Name)
}

// result says how a call ended, and why when it did not end well.
func (p *printer) result(r *chat.Result) {
	switch r.Status {
	case chat.RunDone:
		p.line("%s answered after %.2f s", r.Name, r.Seconds)
	case chat.RunDenied:
		p.line("%s was not run", r.Name)
	default:
		p.line("%s: %s: %s", r.Name, r.Status, brief(plain(r.Text)))
	}
	for _, note := range r.Notes {
		p.line("%s: %s", r.Name, plain(note))
	}
}

// brief is a text that fits a few lines.
func brief(text string) string {
	const most = 400
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// line says something lasting on stderr.
func (p *printer) line(format string, args ...any) {
	p.clear()
	fmt.Fprintf(p.s.Err, "sirocco: "+format+"\n", args...)
}
