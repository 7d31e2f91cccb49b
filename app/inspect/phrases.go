package inspect

import (
	"fmt"
	"time"

	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// What the window and a page say, in the language in use.

// OriginName names a source of prompt tokens.
func OriginName(kind string) string {
	switch kind {
	case "system":
		return i18n.T("system")
	case "tools":
		return i18n.T("tools")
	case "user":
		return i18n.T("user")
	case "assistant":
		return i18n.T("assistant")
	case "image":
		return i18n.T("picture")
	case "tool_result", "tool":
		return i18n.T("tool result")
	}
	return i18n.T("control")
}

// Decision says how a call was decided about.
func Decision(a *chat.Approval) string {
	by := decider(a.By)
	switch a.Decision {
	case "":
		return i18n.T("waiting for a decision")
	case chat.Deny:
		return i18n.T("denied by %s", by)
	case chat.AllowConversation:
		return i18n.T("allowed by %s, for this conversation", by)
	case chat.AllowAlways:
		return i18n.T("allowed by %s, always", by)
	}
	return i18n.T("allowed by %s", by)
}

func decider(by string) string {
	switch by {
	case "person":
		return i18n.T("you")
	case "remembered":
		return i18n.T("an earlier decision")
	case "rule":
		return i18n.T("a rule")
	}
	return by
}

// Status says how a run ended; a tool's own word stays as it is.
func Status(of string) string {
	switch of {
	case chat.RunDone:
		return i18n.T("done")
	case chat.RunFailed:
		return i18n.T("failed")
	case chat.RunDenied:
		return i18n.T("denied")
	case chat.RunInvalid:
		return i18n.T("invalid, not run")
	case chat.RunTimeout:
		return i18n.T("took too long")
	case chat.RunCancelled:
		return i18n.T("stopped")
	case chat.RunSkipped:
		return i18n.T("skipped")
	}
	return of
}

// RowTitle names a step; calls and what becomes of them say whose they are.
func RowTitle(row *Row) string {
	switch row.Kind {
	case RowPrompt:
		return i18n.T("prompt built")
	case RowPicture:
		return i18n.T("picture %d", row.Picture+1)
	case RowPrefill:
		return i18n.T("prompt read")
	case RowWords:
		return i18n.T("words")
	case RowCall:
		return i18n.T("%s  call", row.Label)
	case RowApproval:
		return i18n.T("%s  approval", row.Label)
	case RowRun:
		return i18n.T("%s  run", row.Label)
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
		return i18n.T("%d tokens, %d cached", row.Tokens, row.Cached)
	case row.Cached > 0:
		return i18n.T("%d tokens, cached", row.Tokens)
	}
	return i18n.T("%d tokens", row.Tokens)
}

// Seconds is a time for people.
func Seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
