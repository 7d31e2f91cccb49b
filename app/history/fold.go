package history

import "sirocco/model/chat"

// fold puts a stream of events together into the messages it stands for. An
// engine alone tells its answer by text, calls and done; a tool loop also says
// outright which messages now belong to the conversation, and is believed.
type fold struct {
	text      []byte
	calls     []chat.ToolCall
	finish    string
	isMessage bool // the loop has named this round's answer as a message
	any       bool // this round has something to keep
}

// made is a message that the stream has completed, or, with no message, the
// reason why the last answer ended.
type made struct {
	message *chat.Message
	finish  string
}

// step takes one event and returns what it completes.
func (f *fold) step(e chat.Event) []made {
	switch e.Kind {
	case chat.KindRound:
		return f.end("")
	case chat.KindText:
		f.text, f.any = append(f.text, e.Text...), true
	case chat.KindCall:
		f.call(e.Call)
	case chat.KindDone:
		return f.done(e.Done)
	case chat.KindMessage:
		if e.Message.Role == chat.Assistant {
			f.isMessage = true
		}
		return []made{{message: e.Message, finish: f.finish}}
	}
	return nil
}

func (f *fold) call(d *chat.CallDelta) {
	for len(f.calls) <= d.Index && len(f.calls) < 1<<10 {
		f.calls = append(f.calls, chat.ToolCall{Incomplete: true})
	}
	if d.Index < 0 || d.Index >= len(f.calls) {
		return
	}
	call := &f.calls[d.Index]
	call.ID, call.Name, call.Arguments = call.ID+d.ID, call.Name+d.Name, call.Arguments+d.Arguments
	call.Incomplete = !d.Complete
	f.any = true
}

// done believes the sum over the pieces.
func (f *fold) done(d *chat.Done) []made {
	f.text, f.calls, f.finish, f.any = []byte(d.Text), d.ToolCalls, d.FinishReason, true
	if f.isMessage {
		return []made{{finish: f.finish}}
	}
	return nil
}

// end closes a round: an answer nobody named as a message becomes one. finish is
// the reason for an answer that has none of its own.
func (f *fold) end(finish string) []made {
	last := *f
	*f = fold{}
	if last.isMessage || !last.any {
		return nil
	}
	if last.finish != "" {
		finish = last.finish
	}
	message := chat.Text(chat.Assistant, string(last.text))
	if len(last.text) == 0 {
		message.Parts = nil
	}
	message.ToolCalls = last.calls
	return []made{{message: &message, finish: finish}}
}
