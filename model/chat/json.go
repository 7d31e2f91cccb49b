package chat

import (
	"encoding/json"
	"fmt"
)

// MarshalJSON writes an event as one flat object: {"event": kind, …payload…}.
func (e Event) MarshalJSON() ([]byte, error) {
	payload, err := json.Marshal(e.payload())
	if err != nil {
		return nil, fmt.Errorf("writing a %s event as JSON: %w", e.Kind, err)
	}
	kind, err := json.Marshal(e.Kind)
	if err != nil {
		return nil, err
	}
	out := append([]byte(`{"event":`), kind...)
	if len(payload) > len("{}") {
		out = append(out, ',')
		out = append(out, payload[1:]...)
		return out, nil
	}
	return append(out, '}'), nil
}

// payload is the object whose fields follow "event".
func (e Event) payload() any {
	switch e.Kind {
	case KindLoad:
		return e.Load
	case KindPrompt:
		return e.Prompt
	case KindImage:
		return e.Image
	case KindPrefill:
		return e.Prefill
	case KindToken:
		return e.Token
	case KindCall:
		return e.Call
	case KindDone:
		return e.Done
	case KindRound:
		return e.Round
	case KindApproval:
		return e.Approval
	case KindRun:
		return e.Run
	case KindResult:
		return e.Result
	case KindMessage:
		return e.Message
	}
	return struct {
		Text string `json:"text"`
	}{e.Text}
}

// UnmarshalJSON reads what MarshalJSON writes.
func (e *Event) UnmarshalJSON(data []byte) error {
	var head struct {
		Event Kind   `json:"event"`
		Text  string `json:"text"`
	}
	err := json.Unmarshal(data, &head)
	if err != nil {
		return fmt.Errorf("reading an event: %w", err)
	}
	*e = Event{Kind: head.Event}
	switch head.Event {
	case KindLoad:
		e.Load, err = decode[Load](data)
	case KindPrompt:
		e.Prompt, err = decode[Prompt](data)
	case KindImage:
		e.Image, err = decode[ImageEncoded](data)
	case KindPrefill:
		e.Prefill, err = decode[Prefill](data)
	case KindToken:
		e.Token, err = decode[Token](data)
	case KindCall:
		e.Call, err = decode[CallDelta](data)
	case KindDone:
		e.Done, err = decode[Done](data)
	case KindRound:
		e.Round, err = decode[Round](data)
	case KindApproval:
		e.Approval, err = decode[Approval](data)
	case KindRun:
		e.Run, err = decode[Run](data)
	case KindResult:
		e.Result, err = decode[Result](data)
	case KindMessage:
		e.Message, err = decode[Message](data)
	case KindText, KindReason, KindNotice:
		e.Text = head.Text
	default:
		return fmt.Errorf("reading an event: %q is no kind of event", head.Event)
	}
	if err != nil {
		return fmt.Errorf("reading a %s event: %w", head.Event, err)
	}
	return nil
}

func decode[T any](data []byte) (*T, error) {
	payload := new(T)
	err := json.Unmarshal(data, payload)
	return payload, err
}

// wireCall is a finished tool call in OpenAI's shape.
type wireCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function wireFunction `json:"function"`
	// Incomplete is our own addition to the shape.
	Incomplete bool `json:"incomplete,omitempty"`
}

type wireFunction struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// MarshalJSON writes a call in OpenAI's shape.
func (c ToolCall) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireCall{c.ID, "function", wireFunction{c.Name, c.Arguments}, c.Incomplete})
}

// UnmarshalJSON reads a call in OpenAI's shape.
func (c *ToolCall) UnmarshalJSON(data []byte) error {
	var w wireCall
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*c = ToolCall{ID: w.ID, Name: w.Function.Name, Arguments: w.Function.Arguments, Incomplete: w.Incomplete}
	return nil
}
