package view

import (
	"strings"

	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// Call is one tool call of an answer.
type Call struct {
	ID, Name, Arguments string
	Result              string
	Seconds             float64
	Failed, Done        bool
	Round, Index        int // its place in the turn, as the inspector counts
}

// Line is the quiet line that stands for a call: get_rate(…) → 1.08  0.2 s.
func (c Call) Line() string {
	line := c.Name + "(" + oneLine(strings.Trim(c.Arguments, "{} \n"), 48) + ")"
	if result := c.isEmitted(); c.Done && result != "" {
		arrow := " → "
		if c.Failed {
			arrow = " ✗ "
		}
		line += arrow + oneLine(result, 48)
	}
	if c.Seconds > 0 {
		line += "   " + Short(c.Seconds) + " s"
	}
	return line
}

// isEmitted is the result without the line that tells the model of edited arguments:
// the call shows them.
func (c Call) isEmitted() string {
	if first, rest, ok := strings.Cut(c.Result, "\n"); ok && strings.HasPrefix(first, "[The user changed the arguments") {
		return rest
	}
	return c.Result
}

// oneLine is text without line ends, cut to so many characters.
func oneLine(text string, most int) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return string(r)
}

// begin opens another round of an answer: what was said before a call and what is
// said after it are paragraphs of one answer.
func (a *Answer) begin(r *chat.Round) {
	a.round, a.base = r.Index, len(a.Calls)
	if r.Index == 0 {
		return
	}
	a.Finish, a.State = "", Reading
	a.Doing, a.Share = i18n.T("Reading the question…"), -1
	if a.Text != "" {
		a.add("\n\n")
	}
}

// call gathers the pieces of a tool call.
func (a *Answer) call(d *chat.CallDelta) {
	a.State = Writing
	for len(a.Calls) <= a.base+d.Index {
		a.Calls = append(a.Calls, Call{Round: a.round, Index: len(a.Calls) - a.base})
	}
	c := &a.Calls[a.base+d.Index]
	if d.ID != "" {
		c.ID = d.ID
	}
	if d.Name != "" {
		c.Name = d.Name
	}
	c.Arguments += d.Arguments
}

// of finds the call that an event is about; nil when it was never told.
func (a *Answer) of(r chat.RunOf) *Call {
	if i := a.base + r.Index; r.Index >= 0 && i < len(a.Calls) {
		a.Calls[i].ID = r.ID // the loop's, where the model gave none
		return &a.Calls[i]
	}
	return nil
}

// approval shows that somebody is asked, and what was decided.
func (a *Answer) approval(p *chat.Approval) {
	a.State, a.Share, a.Doing = Reading, -1, ""
	if c := a.of(p.RunOf); c != nil && p.Decision != "" {
		c.Arguments = p.Arguments
	}
}

// running shows a run and how far it is.
func (a *Answer) running(r *chat.Run) {
	a.State, a.Share = Reading, -1
	a.Doing = i18n.T("Running %s…", r.Name)
	if r.Note != "" {
		a.Doing += " " + oneLine(r.Note, 60)
	}
	if r.Total > 0 {
		a.Share = r.Done / r.Total
	}
}

// result ends a call.
func (a *Answer) result(r *chat.Result) {
	a.Doing, a.Share = "", -1
	if c := a.of(r.RunOf); c != nil {
		c.Result, c.Seconds, c.Done, c.Failed = r.Text, r.Seconds, true, r.Status != chat.RunDone
	}
	for i := range r.Pictures {
		a.Shown = append(a.Shown, &r.Pictures[i])
	}
	for _, note := range r.Notes {
		a.Notices = append(a.Notices, r.Name+": "+note)
	}
}
