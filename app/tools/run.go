package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sirocco/app/crash"
	"sirocco/model/chat"
)

// job is one call on its way to a result.
type job struct {
	chat.RunOf
	call   chat.ToolCall
	tool   *Tool // nil: there is none of that name
	asked  approval
	note   string // about its arguments
	result *chat.Result
}

// runCalls decides about the calls of an answer, runs those that may run, and
// adds a result for each to the conversation.
func (t *turn) runCalls(done *chat.Done) error {
	jobs := t.jobs(done.ToolCalls)
	broken := t.decideAll(jobs, finished(done))
	if errors.Is(broken, errConsumerGone) {
		return broken
	}
	for rest := jobs; len(rest) > 0; {
		n := runAll(rest)
		if err := t.run(rest[:n], len(jobs)); err != nil {
			return err
		}
		rest = rest[n:]
	}
	if err := t.conclude(jobs); err != nil {
		return err
	}
	if t.ctx.Err() != nil { // the approver says so too
		return nil
	}
	return broken
}

func (t *turn) jobs(calls []chat.ToolCall) []*job {
	jobs := make([]*job, len(calls))
	for i, call := range calls {
		jobs[i] = &job{RunOf: chat.RunOf{Index: i, ID: call.ID, Name: call.Name}, call: call}
		for k := range t.tools {
			if t.tools[k].Name == call.Name {
				jobs[i].tool = &t.tools[k]
			}
		}
	}
	return jobs
}

// decideAll gives a result to every call that must not run. When asking breaks,
// no call that was not decided yet runs.
func (t *turn) decideAll(jobs []*job, whole bool) (broken error) {
	for _, j := range jobs {
		status, why := t.refusal(j, whole)
		if status == "" && broken == nil && t.ctx.Err() == nil {
			status, why, broken = t.approve(j)
		}
		if status == "" && (broken != nil || t.ctx.Err() != nil) {
			status, why = chat.RunCancelled, "this call was not run: the user stopped before it was allowed"
		}
		if status == "" {
			continue
		}
		if err := t.finish(j, chat.Result{Status: status, Text: why}); err != nil {
			return err
		}
	}
	return broken
}

// refusal says why a call is not even asked about; an empty status means that it
// may be.
func (t *turn) refusal(j *job, whole bool) (status, why string) {
	switch {
	case !whole || j.call.Incomplete:
		return chat.RunSkipped, "this call was not run: the answer was cut off before its end"
	case j.Index >= t.limits.Calls:
		return chat.RunSkipped, fmt.Sprintf("this call was not run: at most %d calls of one answer are", t.limits.Calls)
	case t.round >= t.limits.Rounds:
		return chat.RunSkipped, "this call was not run: the rounds of calls for this question are used up"
	case j.tool == nil:
		return chat.RunInvalid, fmt.Sprintf("error: there is no tool named %s; %s", j.Name, t.names())
	}
	fault, note := t.checks.fault(j.tool, j.call.Arguments)
	if j.note = note; fault != "" {
		return chat.RunInvalid, "error: " + fault
	}
	return "", ""
}

// names lists the tools for a model that called another.
func (t *turn) names() string {
	names := make([]string, len(t.tools))
	for i := range t.tools {
		names[i] = t.tools[i].Name
	}
	if len(names) == 0 {
		return "there are no tools"
	}
	return "the tools are " + strings.Join(names, ", ")
}

// approve finds out whether a call may run, and shows that.
func (t *turn) approve(j *job) (status, why string, err error) {
	a, known := t.remembered(j.tool)
	a.arguments = j.call.Arguments
	shown := chat.Approval{RunOf: j.RunOf, Arguments: a.arguments, Source: j.tool.Source, ReadOnly: j.tool.ReadOnly}
	if !known {
		waiting := shown
		if err := t.emit(chat.Event{Kind: chat.KindApproval, Approval: &waiting}); err != nil {
			return "", "", err
		}
		if a, err = t.decide(t.ctx, j.tool, j.call); err != nil {
			return "", "", err
		}
	}
	j.asked = a
	shown.Arguments, shown.Decision, shown.By, shown.Edited = a.arguments, a.decision, a.by, a.edited
	if !a.allowed() {
		status, why = chat.RunDenied, "this call was not run: the user did not allow it"
		if a.reason != "" {
			why += " (" + a.reason + ")"
		}
	}
	return status, why, t.emit(chat.Event{Kind: chat.KindApproval, Approval: &shown})
}

// runAll says how many of the jobs run at the same time: those in a row that
// say of themselves that they change nothing, else one after the other in the
// model's order.
func runAll(jobs []*job) int {
	n := 0
	for n < len(jobs) && (jobs[n].result != nil || jobs[n].tool.ReadOnly || jobs[n].tool.Unasked) {
		n++
	}
	return max(n, 1)
}

// run lets jobs happen at the same time, showing how far they are. of is how many
// calls the answer has.
func (t *turn) run(jobs []*job, of int) error {
	progress := make(chan chat.Run, 16)
	type ending struct {
		job    *job
		result chat.Result
	}
	ended := make(chan ending, len(jobs))
	running := 0
	for _, j := range jobs {
		if j.result != nil {
			continue
		}
		begun := chat.Run{RunOf: j.RunOf, Arguments: j.asked.arguments}
		if err := t.emit(chat.Event{Kind: chat.KindRun, Run: &begun}); err != nil {
			return err
		}
		running++
		crash.Go(func() { ended <- ending{j, t.execute(j, of, progress)} })
	}
	for running > 0 {
		select {
		case p := <-progress:
			if err := t.emit(chat.Event{Kind: chat.KindRun, Run: &p}); err != nil {
				return err
			}
		case e := <-ended:
			running--
			if err := t.passOn(progress); err != nil { // what it said before its end
				return err
			}
			if err := t.finish(e.job, e.result); err != nil {
				return err
			}
		}
	}
	return nil
}

// passOn tells of all progress that waits to be told.
func (t *turn) passOn(progress <-chan chat.Run) error {
	for {
		select {
		case p := <-progress:
			if err := t.emit(chat.Event{Kind: chat.KindRun, Run: &p}); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// grace is how long a run may take to notice that its time is over.
const grace = 500 * time.Millisecond

// execute runs one call to its end, or to that of its time.
func (t *turn) execute(j *job, of int, progress chan<- chat.Run) chat.Result {
	started := time.Now()
	limit := t.limits.Time
	if j.tool.Timeout > 0 {
		limit = j.tool.Timeout
	}
	ctx, stop := context.WithCancel(t.ctx)
	defer stop()
	deadline := time.AfterFunc(limit, stop)
	defer deadline.Stop()
	finished := make(chan chat.Result, 1)
	crash.Go(func() {
		out, err := call(ctx, j.tool, Call{Arguments: j.asked.arguments, Progress: func(done, total float64, note string) {
			deadline.Reset(limit) // it works; silence is what ends a run
			select {
			case progress <- chat.Run{RunOf: j.RunOf, Arguments: j.asked.arguments, Done: done, Total: total, Note: note}:
			default: // the listener is behind; the next word will do
			}
		}})
		if err != nil {
			finished <- t.broken(ctx, limit, err)
			return
		}
		finished <- t.shape(out, of)
	})
	var result chat.Result
	select {
	case result = <-finished:
	case <-ctx.Done():
		select {
		case result = <-finished:
		case <-time.After(grace):
			result = t.broken(ctx, limit, ctx.Err())
		}
	}
	if j.note != "" {
		result.Notes = append(result.Notes, j.note)
	}
	if j.asked.edited {
		result.Text = "[The user changed the arguments to " + j.asked.arguments + " before the run.]\n" + result.Text
	}
	result.Seconds = time.Since(started).Seconds()
	return result
}

// call runs a tool; its panic is an error like any other.
func call(ctx context.Context, tool *Tool, c Call) (out Output, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("the tool %s failed in itself: %v", tool.Name, fault)
		}
	}()
	return tool.Run(ctx, c)
}

// broken is the result of a run that came to no end of its own.
func (t *turn) broken(ctx context.Context, limit time.Duration, err error) chat.Result {
	switch {
	case t.ctx.Err() != nil:
		return chat.Result{Status: chat.RunCancelled, Text: "this call was stopped by the user before its end"}
	case ctx.Err() != nil:
		return chat.Result{Status: chat.RunTimeout, Text: fmt.Sprintf("error: the tool did not answer within %v and was stopped", limit)}
	}
	text, _ := valid(err.Error())
	return chat.Result{Status: chat.RunFailed, Text: "error: " + text}
}

// finish shows how a call ended.
func (t *turn) finish(j *job, r chat.Result) error {
	r.RunOf = j.RunOf
	j.result = &r
	return t.emit(chat.Event{Kind: chat.KindResult, Result: &r})
}

// conclude adds the results to the conversation, and the pictures in a turn of
// their own, since the template has no place for them in a result.
func (t *turn) conclude(jobs []*job) error {
	shown := chat.Message{Role: chat.User, PartList: true}
	for i, j := range jobs {
		text := j.result.Text
		if i == len(jobs)-1 && t.round == t.limits.Rounds-1 {
			text += fmt.Sprintf("\n[%d rounds of calls are used up; answer now with what is known.]", t.limits.Rounds)
		}
		m := chat.Text(chat.ToolRole, text)
		m.ToolCallID, m.Name = j.ID, j.Name
		if err := t.send(m); err != nil {
			return err
		}
		for k := range j.result.Pictures {
			shown.Parts = append(shown.Parts,
				chat.Part{Text: fmt.Sprintf("[Picture %d of %s, call %s]", k+1, j.Name, j.ID)},
				chat.Part{Image: &j.result.Pictures[k]})
		}
	}
	if err := t.send(shown); err != nil {
		return err
	}
	if t.round == t.limits.Rounds-1 {
		return t.notice("tools were called in %d rounds, which is the limit; the model is asked to answer without more", t.limits.Rounds)
	}
	return nil
}
