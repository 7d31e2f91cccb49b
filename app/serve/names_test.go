package serve

import (
	"strings"
	"testing"
)

// A tool whose name the template does not take is called back by the client's own
// name, on every route, whole and streamed; a custom tool gets its text.
func TestCallsComeBackUnderTheClientsNames(t *testing.T) {
	const question = `"model":"m","max_tokens":50,"messages":[{"role":"user","content":"u"}],"input":"u",`
	for _, c := range []struct {
		name, url, tools string
		called           string // the name that the model writes
		want             []string
	}{
		{"chat", "/v1/chat/completions", `"tools":[{"type":"function","function":{"name":"get.weather/now"}}]`, "get_weather_now",
			[]string{`"name":"get.weather/now"`}},
		{"messages", "/v1/messages", `"tools":[{"name":"get.weather","input_schema":{"type":"object"}}]`, "get_weather",
			[]string{`"type":"tool_use"`, `"name":"get.weather"`}},
		{"responses", "/v1/responses", `"tools":[{"type":"namespace","name":"geo","description":"d","tools":[{"type":"function","name":"weather"}]}]`, "geo__weather",
			[]string{`"type":"function_call"`, `"name":"weather","namespace":"geo"`}},
		{"custom on responses", "/v1/responses", `"tools":[{"type":"custom","name":"note"}]`, "note",
			[]string{`"type":"custom_tool_call"`, `"name":"note"`, `"input":"Rome"`}},
		{"custom on chat", "/v1/chat/completions", `"tools":[{"type":"custom","custom":{"name":"note"}}]`, "note",
			[]string{`"type":"custom"`, `"custom":{"name":"note","input":"Rome"}`}},
	} {
		for _, stream := range []string{"false", "true"} {
			t.Run(c.name+" stream "+stream, func(t *testing.T) {
				engine := &fake{play: makes(c.called)}
				if strings.HasPrefix(c.name, "custom") {
					engine.play = makesWith(`{"input": "Rome"}`, c.called)
				}
				w := ask(newServer(t, engine, Options{}), "POST", c.url, `{`+question+`"stream":`+stream+`,`+c.tools+`}`)
				for _, want := range c.want {
					if !strings.Contains(w.Body.String(), want) {
						t.Errorf("%s is missing in\n%s", want, w.Body)
					}
				}
				if strings.Contains(w.Body.String(), "get_weather") || strings.Contains(w.Body.String(), "geo__") {
					t.Errorf("the template's name reaches the client:\n%s", w.Body)
				}
			})
		}
	}
}

// What was left out is said in the reply's header.
func TestNoticesInTheHeader(t *testing.T) {
	engine := &fake{play: says("stop", "Yes.")}
	w := ask(newServer(t, engine, Options{}), "POST", "/v1/responses", `{"input":"u","tools":[{"type":"web_search"},{"type":"function","name":"f"}]}`)
	if got := w.Header().Get(noticeHeader); w.Code != 200 || !strings.Contains(got, "web_search") {
		t.Errorf("status %d, %s: %q", w.Code, noticeHeader, got)
	}
	if tools := engine.last().Tools; len(tools) != 1 || tools[0].Name != "f" {
		t.Errorf("the engine was given %+v", tools)
	}
}
