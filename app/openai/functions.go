package openai

import (
	"fmt"

	"sirocco/model/chat"
)

// Before there were tools, an assistant called one function at a time, in
// "function_call", and its result came from the role "function", with the name of
// the function and no id. Both are still in OpenAI's types, and agents keep them in
// their histories.

const functionRole chat.Role = "function"

// functionCall reads a call in the older form. Its id is made up: the result that
// follows has none.
func (r *messageReader) functionCall(o object, m *chat.Message) error {
	v, given := o.get("function_call")
	if !given || !r.opts.Lenient {
		return nil
	}
	call, err := r.calledFunction(o.child("function_call", v))
	if err != nil {
		return err
	}
	r.calls++
	call.ID = functionID(r.calls)
	m.ToolCalls = append(m.ToolCalls, call)
	return nil
}

// functionMessage reads a result in the older form; it belongs to the last call.
func (r *messageReader) functionMessage(o object, m *chat.Message) (done bool, err error) {
	if m.Role != functionRole {
		return false, nil
	}
	if err := o.needText("name", &m.Name); err != nil {
		return false, err
	}
	m.Role, m.ToolCallID = chat.ToolRole, functionID(r.calls)
	return true, r.content(o, m)
}

func functionID(n int) string { return fmt.Sprintf("function_%d", n) }
