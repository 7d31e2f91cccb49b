package serve

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Every field of a chat completion, with values it must not have: a 400 in OpenAI's
// shape that names the field, whole or streamed, and the engine is never asked.
func TestEveryFieldIsChecked(t *testing.T) {
	const text = `"x"`
	function := func(more string) string {
		return `[{"type": "function", "function": {"name": "f"` + more + `}}]`
	}
	for field, wrong := range map[string][]string{
		"messages":                           {`3`, `"x"`, `{}`, `[]`},
		"messages[0]":                        {`[3]`, `["x"]`},
		"messages[0].role":                   {`[{"content": "x"}]`, `[{"role": 3, "content": "x"}]`, `[{"role": "wizard", "content": "x"}]`},
		"messages[0].content":                {`[{"role": "user", "content": 3}]`, `[{"role": "user", "content": {}}]`},
		"messages[0].content[0]":             {`[{"role": "user", "content": ["x"]}]`},
		"model":                              {`3`, `[]`},
		"temperature":                        {text, `-0.1`, `2.1`, `true`, `1e999`},
		"top_p":                              {text, `-0.1`, `1.1`},
		"top_k":                              {text, `-2`, `1.5`},
		"min_p":                              {text, `-0.1`, `1.1`},
		"repetition_penalty":                 {text, `0`, `-1`},
		"presence_penalty":                   {text, `-2.1`, `2.1`},
		"frequency_penalty":                  {text, `-2.1`, `2.1`},
		"logit_bias":                         {text, `[]`, `{"x": 1}`, `{"-1": 1}`, `{"1": 101}`, `{"1": "x"}`},
		"seed":                               {text, `1.5`, `100000000000000000000`},
		"n":                                  {text, `0`, `129`, `1.5`},
		"max_tokens":                         {text, `-2`, `1.5`},
		"max_completion_tokens":              {text, `-2`},
		"stop":                               {`3`, `""`, `[3]`, `[""]`, `{}`},
		"logprobs":                           {text, `1`},
		"top_logprobs":                       {text, `-1`, `21`, `1`}, // the last without logprobs
		"stream":                             {text, `1`},
		"stream_options":                     {text, `[]`},
		"tools":                              {text, `{}`},
		"tools[0]":                           {`[3]`},
		"tools[0].type":                      {`[{"type": 5}]`},
		"tools[0].function":                  {`[{"type": "function"}]`, `[{"type": "function", "function": 3}]`},
		"tools[0].function.name":             {`[{"type": "function", "function": {}}]`, `[{"type": "function", "function": {"name": 3}}]`},
		"tools[0].function.parameters":       {function(`, "parameters": []`), function(`, "parameters": "x"`)},
		"tools[0].function.description":      {function(`, "description": 3`)},
		"tools[0].function.strict":           {function(`, "strict": 1`)},
		"tool_choice":                        {`3`, `"maybe"`, `"required"`}, // the last without tools
		"tool_choice.type":                   {`{"type": "x"}`},
		"tool_choice.function":               {`{"type": "function"}`},
		"tool_choice.function.name":          {`{"type": "function", "function": {}}`, `{"type": "function", "function": {"name": "f"}}`},
		"parallel_tool_calls":                {text, `1`},
		"response_format":                    {text, `[]`},
		"response_format.type":               {`{}`, `{"type": "xml"}`},
		"response_format.json_schema":        {`{"type": "json_schema"}`, `{"type": "json_schema", "json_schema": 3}`},
		"response_format.json_schema.schema": {`{"type": "json_schema", "json_schema": {"schema": []}}`},
		"stream_options.include_usage":       {`{"include_usage": 1}`},
		"continue_final_message":             {text, `1`},
	} {
		top := strings.FieldsFunc(field, func(r rune) bool { return r == '.' || r == '[' })[0]
		for _, value := range wrong {
			body := hello(fmt.Sprintf("%q: %s", top, value))
			if top == "messages" {
				body = fmt.Sprintf(`{"messages": %s}`, value)
			}
			for _, body := range []string{body, strings.Replace(body, "{", `{"stream": true, `, 1)} {
				if top == "stream" {
					body = hello(fmt.Sprintf("%q: %s", top, value))
				}
				engine := &fake{}
				w := ask(newServer(t, engine, Options{}), "POST", chatURL, body)
				got := w.Body.Bytes()
				if w.Code != http.StatusBadRequest || len(engine.heard) != 0 {
					t.Errorf("%s: status %d, the engine was asked %d times: %s", body, w.Code, len(engine.heard), got)
				} else if look(t, got, "error.param") != field || look(t, got, "error.type") != "invalid_request_error" || look(t, got, "error.message") == "" {
					t.Errorf("%s: %s", body, got)
				}
			}
		}
	}
}
