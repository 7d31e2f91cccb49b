package model

import (
	"fmt"

	"sirocco/model/chat"
	"sirocco/model/tekken"
)

// toolMask is the set of tokens an answer may use under the request's
// tool_choice: nil when every token is allowed, one bit per id otherwise.
// Choices that would have to force a call are refused until calls can be made
// valid by construction.
func toolMask(request *chat.Request, tok *tekken.Tokenizer) ([]uint32, error) {
	switch request.ToolChoice {
	case "", "auto":
		return nil, nil
	case "none":
		call, ok := tok.Special("[TOOL_CALLS]")
		if !ok {
			return nil, nil
		}
		return allBut(call, tok.VocabSize()), nil
	}
	return nil, &chat.RequestError{Param: "tool_choice", Message: fmt.Sprintf("tool_choice %q cannot be enforced by this version; it knows \"auto\" and \"none\"", request.ToolChoice)}
}

// allBut allows every id except one.
func allBut(id int32, vocab int) []uint32 {
	mask := make([]uint32, (vocab+31)/32)
	for i := range mask {
		mask[i] = ^uint32(0)
	}
	mask[id/32] &^= 1 << (id % 32)
	return mask
}
