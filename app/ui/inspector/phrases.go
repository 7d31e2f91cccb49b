//go:build !headless

package inspector

import (
	"sirocco/app/view/words"
	"sirocco/model/chat"
)

// origin names a source of prompt tokens.
func origin(kind string) string {
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
	case "tool_result":
		return words.T("tool result")
	}
	return words.T("control")
}

// decision says how a call was decided about.
func decision(a *chat.Approval) string {
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

// status says how a run ended; a tool's own word stays as it is.
func status(of string) string {
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
