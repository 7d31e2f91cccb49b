package tools

import (
	"context"

	"sirocco/model/chat"
)

// Question asks whether a call may run.
type Question struct {
	Call chat.ToolCall
	Tool Tool
	// Changed says in what the tool differs from the one that was allowed before;
	// empty when it was not. See Looser too.
	Changed []string
	// Fault says why the arguments that were edited last do not fit the tool's
	// schema; empty when they were not edited yet.
	Fault string
}

// Verdict answers a Question.
type Verdict struct {
	// Decision is chat.AllowOnce, AllowConversation, AllowAlways or Deny.
	Decision string
	// Arguments replace those of the call when not empty.
	Arguments string
	// Reason is told to the model with a Deny.
	Reason string
}

// Approver decides about calls: a dialog, a question on the terminal, a rule. An
// error ends the question, as the user's interrupt does.
type Approver interface {
	Approve(ctx context.Context, q Question) (Verdict, error)
}

// ApproverFunc is a function that approves.
type ApproverFunc func(ctx context.Context, q Question) (Verdict, error)

// Approve calls the function.
func (f ApproverFunc) Approve(ctx context.Context, q Question) (Verdict, error) { return f(ctx, q) }

// AllowAll is the rule of `ask --yes`.
var AllowAll rule = chat.AllowOnce

// DenyAll lets nothing run; it is also what a Loop without an Approver does.
var DenyAll rule = chat.Deny

// rule is an Approver that always says the same.
type rule string

// Approve says it.
func (r rule) Approve(context.Context, Question) (Verdict, error) {
	return Verdict{Decision: string(r), Reason: "nobody is there to allow it"}, nil
}

// approval is what became of asking about a call.
type approval struct {
	arguments string
	decision  string
	by        string
	reason    string
	edited    bool
}

func (a approval) allowed() bool { return a.decision != chat.Deny && a.decision != "" }

// remembered is the standing permission of a tool, if there is one.
func (l *Loop) remembered(t *Tool) (approval, bool) {
	switch {
	case t.Unasked:
		return approval{decision: chat.AllowOnce, by: "rule"}, true
	case l.conversation.allows(t):
		return approval{decision: chat.AllowConversation, by: "remembered"}, true
	case l.Permits.Allows(t):
		return approval{decision: chat.AllowAlways, by: "remembered"}, true
	}
	return approval{}, false
}

// decide asks until the answer is no, or yes to arguments that fit.
func (l *Loop) decide(ctx context.Context, t *Tool, call chat.ToolCall) (approval, error) {
	q := Question{Call: call, Tool: *t, Changed: l.conversation.changes(t)}
	if len(q.Changed) == 0 {
		q.Changed = l.Permits.Changes(t)
	}
	a := approval{arguments: call.Arguments, by: "person"}
	if _, isRule := l.Approver.(rule); isRule || l.Approver == nil {
		a.by = "rule"
	}
	for {
		verdict, err := l.approver().Approve(ctx, q)
		if err != nil {
			return a, err
		}
		if a.decision, a.reason = verdict.Decision, verdict.Reason; a.decision == chat.Deny {
			return a, nil
		}
		if verdict.Arguments != "" && verdict.Arguments != a.arguments {
			a.arguments, a.edited = verdict.Arguments, verdict.Arguments != call.Arguments
		}
		if fault, _ := l.checks.fault(t, a.arguments); fault != "" {
			q.Call.Arguments, q.Fault = a.arguments, fault
			continue
		}
		return a, l.remember(t, a.decision)
	}
}

func (l *Loop) approver() Approver {
	if l.Approver == nil {
		return DenyAll
	}
	return l.Approver
}

// remember keeps a permission for as long as it was given.
func (l *Loop) remember(t *Tool, decision string) error {
	switch decision {
	case chat.AllowConversation:
		if l.conversation == nil {
			l.conversation = permits{}
		}
		l.conversation.add(t)
	case chat.AllowAlways:
		return l.Permits.Add(t)
	}
	return nil
}
