package inspect

import (
	"fmt"
	"time"

	"sirocco/model/chat"
)

// The kinds of Row.
const (
	RowPrompt   = "prompt"
	RowPicture  = "picture"
	RowPrefill  = "prefill"
	RowWords    = "words"
	RowCall     = "call"
	RowApproval = "approval"
	RowRun      = "run"
)

// Row is one step of a turn with its time.
type Row struct {
	Kind       string
	Label      string
	Round      int
	Call       int // index of the call in its round, -1 for other rows
	Picture    int // of a picture's row
	Start, End time.Duration
	Tokens     int
	Cached     int    // of Tokens, or all for a picture from the cache
	Note       string // "denied by you", "failed", a run's progress
	Open       bool   // still going on
}

// row adds a row to the timeline; its round is the running one.
func (t *Turn) row(r *Row) *Row {
	r.Round = len(t.Rounds) - 1
	if r.Kind != RowCall && r.Kind != RowApproval && r.Kind != RowRun {
		r.Call = -1
	}
	t.Rows = append(t.Rows, r)
	return r
}

// last is when the step before ended: a step begins where the one before it
// stopped.
func (t *Turn) last(r *Round) time.Duration {
	at := r.Began
	for _, row := range t.Rows {
		if row.Round == r.Index {
			at = max(at, row.End)
		}
	}
	return at
}

func (t *Turn) image(e chat.Timed) {
	r := t.round(e.At)
	r.Images = append(r.Images, *e.Image)
	t.images++
	row := &Row{Kind: RowPicture, Label: fmt.Sprintf("picture %d encoded", e.Image.Index+1), Picture: e.Image.Index, Tokens: e.Image.Grid.Tokens,
		Start: max(r.Began, e.At-time.Duration(e.Image.Seconds*float64(time.Second))), End: e.At}
	if e.Image.Cached {
		row.Cached, row.Label = row.Tokens, fmt.Sprintf("picture %d from the cache", e.Image.Index+1)
	}
	t.row(row)
}

func (t *Turn) prefill(e chat.Timed) {
	r := t.round(e.At)
	r.Cached = e.Prefill.Cached
	row := t.find(RowPrefill, -1)
	if row == nil {
		row = t.row(&Row{Kind: RowPrefill, Label: "prompt read", Start: t.last(r), Tokens: e.Prefill.Total, Cached: e.Prefill.Cached})
	}
	row.End, row.Open = e.At, e.Prefill.Done < e.Prefill.Total
}

// find is the row of a kind and call in the running round.
func (t *Turn) find(kind string, call int) *Row {
	for i := len(t.Rows) - 1; i >= 0; i-- {
		if row := t.Rows[i]; row.Round == len(t.Rounds)-1 && row.Kind == kind && row.Call == call {
			return row
		}
	}
	return nil
}

// token keeps a token. What it was for is told by the events after it.
func (t *Turn) token(e chat.Timed) {
	r := t.round(e.At)
	token := &Token{Token: *e.Token, At: e.At, Call: -1}
	token.Top = append([]chat.Candidate(nil), e.Token.Top...)
	r.Tokens = append(r.Tokens, token)
	t.wait = append(t.wait, token)
	if t.writes != nil {
		t.writes.End = e.At
	}
}

func (t *Turn) text(e chat.Timed) {
	r := t.round(e.At)
	r.Text += e.Text
	t.write(e.At, RowWords, "words", -1)
}

func (t *Turn) delta(e chat.Timed) {
	r := t.round(e.At)
	if e.Call.Index < 0 || e.Call.Index >= 1<<10 {
		return
	}
	c := t.callAt(r, e.Call.Index)
	c.ID, c.Name, c.Arguments, c.Incomplete = c.ID+e.Call.ID, c.Name+e.Call.Name, c.Arguments+e.Call.Arguments, !e.Call.Complete
	t.write(e.At, RowCall, c.Name, e.Call.Index)
}

// write gives the waiting tokens to a row of words or of a call, beginning it
// where it is new.
func (t *Turn) write(at time.Duration, kind, label string, call int) {
	if t.writes == nil || t.writes.Kind != kind || t.writes.Call != call {
		start := t.last(t.Rounds[len(t.Rounds)-1])
		if t.writes != nil {
			t.writes.Open = false
			if len(t.wait) > 0 {
				start = t.wait[0].At
			}
		}
		t.writes = t.row(&Row{Kind: kind, Label: label, Call: call, Start: start, End: at, Open: true})
	}
	t.writes.Label = label
	t.writes.End = max(t.writes.End, at)
	t.own(call)
}

func (t *Turn) own(call int) {
	for _, token := range t.wait {
		token.Call = call
	}
	t.writes.Tokens += len(t.wait)
	t.wait = t.wait[:0]
}

// flush gives what still waits, such as the token of the end, to the last row.
func (t *Turn) flush(at time.Duration) {
	if t.writes == nil && len(t.wait) > 0 {
		t.write(at, RowWords, "words", -1)
	}
	if t.writes != nil {
		t.own(t.writes.Call)
		t.writes.Open = false
	}
	t.writes = nil
}

func (t *Turn) approval(e chat.Timed) {
	r := t.round(e.At)
	t.callAt(r, max(e.Approval.Index, 0)).Approval = e.Approval
	row := t.find(RowApproval, e.Approval.Index)
	if row == nil {
		row = t.row(&Row{Kind: RowApproval, Label: e.Approval.Name, Call: e.Approval.Index, Start: e.At})
	}
	row.End, row.Open = e.At, e.Approval.Decision == ""
	row.Note = Decision(e.Approval)
}

func (t *Turn) run(e chat.Timed) {
	r := t.round(e.At)
	c := t.callAt(r, max(e.Run.Index, 0))
	row := t.find(RowRun, e.Run.Index)
	if row == nil {
		c.Began = e.At
		row = t.row(&Row{Kind: RowRun, Label: e.Run.Name, Call: e.Run.Index, Start: e.At, Open: true})
	}
	row.End, row.Note, c.Note = e.At, e.Run.Note, e.Run.Note
	if e.Run.Total > 0 {
		row.Note = fmt.Sprintf("%.0f of %.0f %s", e.Run.Done, e.Run.Total, e.Run.Note)
	}
}

func (t *Turn) result(e chat.Timed) {
	r := t.round(e.At)
	c := t.callAt(r, max(e.Result.Index, 0))
	c.Result, c.Ended = e.Result, e.At
	row := t.find(RowRun, e.Result.Index)
	if row == nil { // it never ran; the timeline still says what became of it
		row = t.row(&Row{Kind: RowRun, Label: e.Result.Name, Call: e.Result.Index, Start: e.At})
	}
	row.End, row.Open, row.Note = e.At, false, ""
	if e.Result.Status != chat.RunDone {
		row.Note = e.Result.Status
	}
}
