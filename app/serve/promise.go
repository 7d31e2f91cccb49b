package serve

import (
	"fmt"

	"sirocco/model/chat"
)

// promise refuses what a client would rely on but the engine does not enforce: a
// call that must be made, arguments or a text that must fit a schema. What can be
// enforced from here is: "none" takes the token away that begins a call, and
// parallel_tool_calls: false ends the answer after the first (see answer.go).
func (s *Server) promise(request *chat.Request) error {
	switch request.ToolChoice {
	case "required", "function":
		return invalid("tool_choice", "tool_choice can be \"auto\" or \"none\" here; this version cannot guarantee that the model makes a call")
	case "none":
		if err := s.forbidCalls(request); err != nil {
			return err
		}
	}
	if len(request.Schema) > 0 {
		return invalid("response_format", "response_format can be {\"type\": \"text\"} only; this version cannot guarantee that the answer is JSON or fits a schema")
	}
	for i, tool := range request.Tools {
		if tool.Strict != nil && *tool.Strict {
			at := fmt.Sprintf("tools[%d].function.strict", i)
			return invalid(at, at+" is true, but this version cannot guarantee that arguments fit their schema; leave strict out or set it to false")
		}
	}
	return nil
}

// forbidCalls makes the token that begins a tool call as good as impossible: a
// hundred below its logit is a probability of zero in single precision.
func (s *Server) forbidCalls(request *chat.Request) error {
	if s.o.Tokenizer == nil {
		return nil
	}
	id, ok := s.o.Tokenizer.Special("[TOOL_CALLS]")
	if !ok {
		return invalid("tool_choice", "tool_choice is \"none\", but this model's vocabulary has no token for calls that could be forbidden; leave out the tools")
	}
	bias := map[int32]float64{id: -100}
	for other, value := range request.Sampling.LogitBias {
		if other != id {
			bias[other] = value
		}
	}
	request.Sampling.LogitBias = bias
	return nil
}
