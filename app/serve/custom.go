package serve

import (
	"sirocco/app/openai"
	"sirocco/model/chat"
)

// customCall is a call of a custom tool in a chat completion: a text instead of
// arguments.
type customCall struct {
	Index  *int        `json:"index,omitempty"` // in a stream
	ID     string      `json:"id"`
	Type   string      `json:"type"` // custom
	Custom customInput `json:"custom"`
}

type customInput struct {
	Name  string `json:"name"`
	Input string `json:"input"`
}

// customItem is a call of a custom tool in a response.
type customItem struct {
	ID        string `json:"id"`
	Type      string `json:"type"` // custom_tool_call
	Status    string `json:"status"`
	CallID    string `json:"call_id"`
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
	Input     string `json:"input"`
}

// callsOf are an answer's calls in OpenAI's shape, with the client's names.
func (q *request) callsOf(d *chat.Done) []any {
	var calls []any
	for _, c := range d.ToolCalls {
		own := q.Names.Original(c.Name)
		if own.Custom {
			calls = append(calls, customCall{ID: c.ID, Type: "custom", Custom: customInput{own.Full(), openai.CustomInput(c.Arguments)}})
			continue
		}
		c.Name = own.Full()
		calls = append(calls, c)
	}
	return calls
}

// customPieces hold the arguments of custom calls until they are whole, by the
// call's index: their text cannot be told from JSON that is cut in the middle.
type customPieces map[int]*chat.ToolCall

// add takes a piece of a call. It reports whether the call is a custom one, and
// returns it when it is whole.
func (c customPieces) add(q *request, d *chat.CallDelta) (call *customCall, custom bool) {
	if d.Name != "" && q.Names.Original(d.Name).Custom {
		c[d.Index] = &chat.ToolCall{ID: d.ID, Name: d.Name}
	}
	held := c[d.Index]
	if held == nil {
		return nil, false
	}
	held.Arguments += d.Arguments
	if !d.Complete {
		return nil, true
	}
	return &customCall{Index: &d.Index, ID: held.ID, Type: "custom",
		Custom: customInput{q.Names.Original(held.Name).Full(), openai.CustomInput(held.Arguments)}}, true
}

// closeCustom tells of a custom tool's call, whose text is known as a whole.
func (a *items) closeCustom(arguments, status string) {
	a.custom.Input = openai.CustomInput(arguments)
	e := a.about("response.custom_tool_call_input.delta")
	e.Delta = &a.custom.Input
	a.sendUsage(e)
	e = a.about("response.custom_tool_call_input.done")
	e.Input = &a.custom.Input
	a.sendUsage(e)
	a.custom.Status = status
	a.closed(a.custom)
}
