//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"regexp"

	"sirocco/model/chat"
)

var weather = chat.Tool{Name: "get_weather", Description: "The weather in a city.",
	Parameters: json.RawMessage(`{"type": "object", "properties": {"city": {"type": "string", "maxLength": 20}}, "required": ["city"], "additionalProperties": false}`)}

var nineLetters = regexp.MustCompile(`^[a-zA-Z0-9]{9}$`)

// tools asks with every form of tool_choice; where a call must come, it comes
// whole, with arguments that fit.
func tools(b *bench) (string, error) {
	said := ""
	for _, choice := range []string{"auto", "none", "required", "function"} {
		request, err := question("What is the weather in Paris?")
		if err != nil {
			return "", err
		}
		request.Tools, request.ToolChoice = []chat.Tool{weather}, choice
		if choice == "function" {
			request.ToolName = weather.Name
		}
		pieces := 0
		done, err := answer(b.ctx, b.there, request, func(e chat.Event) {
			if e.Kind == chat.KindCall {
				pieces++
			}
		})
		if err != nil {
			return "", fmt.Errorf("tool_choice %s: %w", choice, err)
		}
		if err := calls(choice, done); err != nil {
			return "", fmt.Errorf("tool_choice %s: %w (%q, %+v)", choice, err, done.Text, done.ToolCalls)
		}
		said += fmt.Sprintf("%s %d calls in %d pieces (%s); ", choice, len(done.ToolCalls), pieces, done.FinishReason)
	}
	return said + "ids and arguments fit", nil
}

// calls judges the calls of an answer.
func calls(choice string, done *chat.Done) error {
	must := choice == "required" || choice == "function"
	if must && len(done.ToolCalls) == 0 || choice == "none" && len(done.ToolCalls) > 0 {
		return fmt.Errorf("%d calls", len(done.ToolCalls))
	}
	for _, call := range done.ToolCalls {
		if !nineLetters.MatchString(call.ID) || call.Name != weather.Name {
			return fmt.Errorf("the call %q of %q", call.ID, call.Name)
		}
		var arguments struct{ City *string }
		if done.FinishReason == chat.FinishToolCalls && (json.Unmarshal([]byte(call.Arguments), &arguments) != nil || must && arguments.City == nil) {
			return fmt.Errorf("the arguments %s", call.Arguments)
		}
	}
	return nil
}
