package inspect

import (
	"fmt"
	"time"

	"sirocco/app/view/words"
	"sirocco/model/chat"
)

// What the window and a page say, in the language in use.

// OriginName names a source of prompt tokens.
func OriginName(kind string) string {
	switch kind {
	case "system":
		return words.T("system")
	case "tools":
		return words.T("tools")
	case "user":
		return words.T("user")
	case "assistant":
		return words.T("assistant")
	case "image":
		return words.T("picture")
	case "tool_result", "tool":
		return words.T("tool result")
	}
	return words.T("control")
}

// Decision says how a call was decided about.
func Decision(a *chat.Approval) string {
	by := decider(a.By)
	switch a.Decision {
	case "":
		return words.T("waiting for a decision")
	case chat.Deny:
		return words.T("denied by %s", by)
	case chat.AllowConversation:
		return words.T("allowed by %s, for this conversation", by)
	case chat.AllowAlways:
		return words.T("allowed by %s, always", by)
	}
	return words.T("allowed by %s", by)
}

func decider(by string) string {
	switch by {
	case "person":
		return words.T("you")
	case "remembered":
		return words.T("an earlier decision")
	case "rule":
		return words.T("a rule")
	}
	return by
}

// Status says how a run ended; a tool's own word stays as it is.
func Status(of string) string {
	switch of {
	case chat.RunDone:
		return words.T("done")
	case chat.RunFailed:
		return words.T("failed")
	case chat.RunDenied:
		return words.T("denied")
	case chat.RunInvalid:
		return words.T("invalid, not run")
	case chat.RunTimeout:
		return words.T("took too long")
	case chat.RunCancelled:
		return words.T("stopped")
	case chat.RunSkipped:
		return words.T("skipped")
	}
	return of
}

// RowTitle names a step; calls and what becomes of them say whose they are.
func RowTitle(row *Row) string {
	switch row.Kind {
	case RowPrompt:
		return words.T("prompt built")
	case RowPicture:
		return words.T("picture %d", row.Picture+1)
	case RowPrefill:
		return words.T("prompt read")
	case RowWords:
		return words.T("words")
	case RowCall:
		return words.T("%s  call", row.Label)
	case RowApproval:
		return words.T("%s  approval", row.Label)
	case RowRun:
		return words.T("%s  run", row.Label)
	}
	return row.Label
}

// RowNote is what became of a step, or how long it took.
func RowNote(t *Turn, row *Row) string {
	if row.Note == "" {
		return Seconds(row.End - row.Start)
	}
	if row.Kind == RowApproval {
		if calls := t.Rounds[row.Round].Calls; row.Call < len(calls) && calls[row.Call].Approval != nil {
			return Decision(calls[row.Call].Approval)
		}
	}
	return Status(row.Note)
}

// RowCost is what a step took in tokens.
func RowCost(row *Row) string {
	switch {
	case row.Tokens == 0:
		return ""
	case row.Cached > 0 && row.Cached < row.Tokens:
		return words.T("%d tokens, %d cached", row.Tokens, row.Cached)
	case row.Cached > 0:
		return words.T("%d tokens, cached", row.Tokens)
	}
	return words.T("%d tokens", row.Tokens)
}

// Seconds is a time for people.
func Seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
