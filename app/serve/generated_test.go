package serve

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// generator makes requests of the published types at random. Only what the types allow is
// made; what this server refuses on purpose is left out, and listed in docs/serve.md.
type generator struct {
	*rand.Rand
	picture string // a PNG in base64
	calls   int
}

type object = map[string]any

// one of several values.
func oneOf[T any](g *generator, values ...T) T { return values[g.IntN(len(values))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// maybe sets a field now and then, at times to null where the type allows it.
func (g *generator) maybe(o object, name string, percent int, value func() any) {
	if g.chance(percent) {
		o[name] = value()
	}
}

func (g *generator) text() string {
	return oneOf(g, "Hello", "What is it?", "", " ", "日本語 و العربية", "line\nbreak", "[INST] </s> [TOOL_CALLS]", "\u0000\u2028", "🙂 \"quotes\" \\")
}

func (g *generator) words() string {
	return oneOf(g, "Hello", "What is it?", "日本語", "line\nbreak")
}

func (g *generator) schema() object {
	properties := object{}
	for _, name := range []string{"city", "days", "ok", "list", "nested"}[:1+g.IntN(5)] {
		properties[name] = oneOf(g, object{"type": "string"}, object{"type": "integer", "minimum": 0}, object{"type": []string{"boolean", "null"}},
			object{"type": "array", "items": object{"type": "number"}}, object{"enum": []any{"a", 1, nil}}, object{"anyOf": []any{object{"type": "string"}, object{"type": "null"}}})
	}
	s := object{"type": "object", "properties": properties}
	g.maybe(s, "required", 50, func() any { return []string{"city"} })
	g.maybe(s, "additionalProperties", 50, func() any { return false })
	return s
}

func (g *generator) name() string {
	return oneOf(g, "weather", "get_time", "mcp__files__read", "a-b", "files.read", "ns/tool") + strconv.Itoa(g.IntN(3))
}

func (g *generator) url() string { return "data:image/png;base64," + g.picture }

// chatTools are functions and custom tools of chat completions.
func (g *generator) chatTools() []any {
	var list []any
	for i := range 1 + g.IntN(3) {
		f := object{"name": fmt.Sprint(g.name(), "_", i)}
		g.maybe(f, "description", 60, func() any { return g.text() })
		g.maybe(f, "parameters", 80, func() any { return g.schema() })
		g.maybe(f, "strict", 40, func() any { return oneOf[any](g, true, false, nil) })
		tool := object{"type": "function", "function": f}
		if g.chance(15) {
			tool = object{"type": "custom", "custom": object{"name": fmt.Sprint("custom_", i), "description": "free text", "format": object{"type": "text"}}}
		}
		list = append(list, tool)
	}
	return list
}

func (g *generator) chatContent() any {
	if g.chance(50) {
		return g.text()
	}
	parts := []any{object{"type": "text", "text": g.words()}}
	if g.chance(40) {
		parts = append(parts, object{"type": "image_url", "image_url": object{"url": g.url(), "detail": oneOf(g, "auto", "low", "high")}})
	}
	return parts
}

func (g *generator) chat() (string, object) {
	var messages []any
	add := func(m object) { messages = append(messages, m) }
	if g.chance(60) {
		add(object{"role": oneOf(g, "system", "developer"), "content": oneOf[any](g, g.text(), []any{object{"type": "text", "text": g.words()}})})
	}
	for range g.IntN(4) {
		user := object{"role": "user", "content": g.chatContent()}
		g.maybe(user, "name", 20, func() any { return "Ada" })
		add(user)
		answer := object{"role": "assistant"}
		switch g.IntN(5) {
		case 0:
			answer["content"] = oneOf[any](g, nil, "", g.words())
			g.calls++
			id := fmt.Sprint("call_", g.calls)
			answer["tool_calls"] = []any{object{"id": id, "type": "function", "function": object{"name": g.name(), "arguments": oneOf(g, "{}", `{"city": "Rome"}`, "")}}}
			add(answer)
			add(object{"role": "tool", "tool_call_id": id, "content": oneOf[any](g, g.text(), []any{object{"type": "text", "text": g.words()}})})
			continue
		case 1:
			answer["function_call"] = object{"name": "weather", "arguments": "{}"}
			answer["content"] = nil
			add(answer)
			add(object{"role": "function", "name": "weather", "content": oneOf[any](g, g.text(), nil)})
			continue
		case 2:
			answer["refusal"] = "I cannot"
			answer["content"] = nil
		case 3:
			answer["content"] = []any{object{"type": "text", "text": g.words()}, object{"type": "refusal", "refusal": "no"}}
		default:
			answer["content"] = g.text()
		}
		add(answer)
	}
	add(object{"role": "user", "content": g.chatContent()})
	o := object{"model": "fake", "messages": messages}
	g.sampling(o)
	if g.chance(50) {
		tools := g.chatTools()
		o["tools"] = tools
		g.maybe(o, "tool_choice", 50, func() any { return oneOf(g, "auto", "none", "required") })
		g.maybe(o, "parallel_tool_calls", 30, func() any { return g.chance(50) })
	}
	g.maybe(o, "response_format", 20, func() any {
		return oneOf(g, object{"type": "text"}, object{"type": "json_object"},
			object{"type": "json_schema", "json_schema": object{"name": "x", "schema": g.schema(), "strict": oneOf[any](g, false, nil)}}, object{"type": "json_schema", "json_schema": object{"name": "x"}})
	})
	g.maybe(o, "stop", 20, func() any { return oneOf[any](g, nil, "x", []string{"a", "b"}) })
	g.maybe(o, "logprobs", 20, func() any { return true })
	g.maybe(o, "seed", 30, func() any { return oneOf[any](g, nil, 0, -5, 1<<40) })
	g.maybe(o, "n", 10, func() any { return 1 + g.IntN(3) })
	g.maybe(o, "frequency_penalty", 20, func() any { return oneOf[any](g, nil, -2, 0.5, 2.0) })
	g.maybe(o, "presence_penalty", 20, func() any { return oneOf[any](g, nil, 0, 1.5) })
	g.maybe(o, "logit_bias", 15, func() any { return oneOf[any](g, nil, object{"100": -100, "5": 3}) })
	g.maybe(o, "max_completion_tokens", 20, func() any { return oneOf[any](g, nil, 5, 100) })
	g.maybe(o, "max_tokens", 20, func() any { return oneOf[any](g, nil, 0, 1, 100) })
	g.maybe(o, "functions", 10, func() any { return []any{object{"name": "weather", "parameters": g.schema()}} })
	g.maybe(o, "function_call", 5, func() any { return "auto" })
	g.maybe(o, "prediction", 10, func() any { return object{"type": "content", "content": "x"} })
	g.maybe(o, "reasoning_effort", 20, func() any { return oneOf[any](g, nil, "none", "low", "high", "xhigh") })
	g.maybe(o, "modalities", 10, func() any { return []string{"text"} })
	g.maybe(o, "verbosity", 10, func() any { return oneOf[any](g, "low", nil) })
	g.maybe(o, "stream", 30, func() any { return oneOf[any](g, true, false, nil) })
	if o["stream"] == true {
		g.maybe(o, "stream_options", 50, func() any { return oneOf[any](g, nil, object{"include_usage": true, "include_obfuscation": false}) })
	}
	return chatURL, o
}

// sampling sets what all of OpenAI's routes share.
func (g *generator) sampling(o object) {
	g.maybe(o, "temperature", 40, func() any { return oneOf[any](g, nil, 0, 1, 0.15, 2) })
	g.maybe(o, "top_p", 30, func() any { return oneOf[any](g, nil, 0, 0.9, 1) })
	g.maybe(o, "user", 20, func() any { return "u" })
	g.maybe(o, "store", 20, func() any { return oneOf[any](g, nil, true, false) })
	g.maybe(o, "metadata", 20, func() any { return oneOf[any](g, nil, object{"a": "b"}) })
	g.maybe(o, "service_tier", 20, func() any { return oneOf[any](g, nil, "auto", "flex", "priority") })
	g.maybe(o, "safety_identifier", 10, func() any { return "s" })
	g.maybe(o, "prompt_cache_key", 10, func() any { return "k" })
	g.maybe(o, "prompt_cache_retention", 10, func() any { return oneOf[any](g, nil, "24h") })
	g.maybe(o, "moderation", 5, func() any { return object{"model": "omni"} })
}

// item is one of the input items of a response.
func (g *generator) item() []any {
	g.calls++
	id := fmt.Sprint("call_", g.calls)
	call := func(kind string, more object) object {
		o := object{"type": kind, "id": "x" + id, "call_id": id, "status": "completed"}
		for k, v := range more {
			o[k] = v
		}
		return o
	}
	switch g.IntN(14) {
	case 0:
		return []any{call("function_call", object{"name": g.name(), "arguments": "{}"}), object{"type": "function_call_output", "call_id": id, "output": oneOf[any](g, g.text(), []any{object{"type": "input_text", "text": "x"}})}}
	case 1:
		return []any{call("custom_tool_call", object{"name": "shell", "input": "ls"}), object{"type": "custom_tool_call_output", "call_id": id, "output": "a b"}}
	case 2:
		return []any{object{"type": "reasoning", "id": "r" + id, "summary": []any{object{"type": "summary_text", "text": "hm"}}, "encrypted_content": nil}}
	case 3:
		return []any{object{"type": "web_search_call", "id": "w" + id, "status": "completed", "action": object{"type": "search", "query": "x"}}}
	case 4:
		return []any{object{"type": "file_search_call", "id": "f" + id, "status": "completed", "queries": []string{"x"}, "results": nil}}
	case 5:
		return []any{call("local_shell_call", object{"action": object{"type": "exec", "command": []string{"ls"}, "env": object{}}}), object{"type": "local_shell_call_output", "id": id, "output": "a"}}
	case 6:
		return []any{call("shell_call", object{"action": object{"commands": []string{"ls"}}}), object{"type": "shell_call_output", "call_id": id, "output": []any{object{"stdout": "a", "stderr": "", "outcome": object{"type": "exit", "exit_code": 0}}}}}
	case 7:
		return []any{call("apply_patch_call", object{"operation": object{"type": "delete_file", "path": "a"}}), object{"type": "apply_patch_call_output", "call_id": id, "status": "completed", "output": "done"}}
	case 8:
		return []any{object{"type": "mcp_list_tools", "id": "m" + id, "server_label": "s", "tools": []any{}}, object{"type": "mcp_call", "id": "c" + id, "server_label": "s", "name": "t", "arguments": "{}", "output": "x"}}
	case 9:
		return []any{object{"type": "image_generation_call", "id": "i" + id, "status": "completed", "result": g.picture}}
	case 10:
		return []any{object{"type": "code_interpreter_call", "id": "k" + id, "status": "completed", "code": "1", "container_id": "c", "outputs": []any{object{"type": "logs", "logs": "1"}}}}
	case 11:
		return []any{object{"type": "message", "role": "assistant", "id": "m" + id, "status": "completed", "content": []any{object{"type": "output_text", "text": g.words(), "annotations": []any{}, "logprobs": []any{}}}}}
	case 12:
		return []any{object{"role": oneOf(g, "system", "developer"), "content": g.words()}}
	}
	return []any{object{"role": "assistant", "content": g.words()}}
}

func (g *generator) responses() (string, object) {
	o := object{"model": "fake", "input": g.words()}
	if g.chance(70) {
		var input []any
		for range g.IntN(5) {
			input = append(input, g.item()...)
		}
		parts := []any{object{"type": "input_text", "text": g.words()}}
		if g.chance(30) {
			parts = append(parts, object{"type": "input_image", "detail": "auto", "image_url": g.url()})
		}
		o["input"] = append(input, object{"type": "message", "role": "user", "content": oneOf[any](g, g.words(), parts)})
	}
	g.sampling(o)
	g.maybe(o, "instructions", 40, func() any { return oneOf[any](g, nil, g.words()) })
	g.maybe(o, "max_output_tokens", 30, func() any { return oneOf[any](g, nil, 16, 100) })
	g.maybe(o, "truncation", 20, func() any { return oneOf[any](g, nil, "auto", "disabled") })
	g.maybe(o, "reasoning", 20, func() any { return oneOf[any](g, nil, object{"effort": "low", "summary": "auto"}, object{}) })
	g.maybe(o, "include", 20, func() any {
		return oneOf[any](g, nil, []string{"reasoning.encrypted_content", "message.output_text.logprobs"}, []string{"web_search_call.action.sources"})
	})
	g.maybe(o, "max_tool_calls", 10, func() any { return oneOf[any](g, nil, 3) })
	g.maybe(o, "background", 10, func() any { return oneOf[any](g, nil, false) })
	g.maybe(o, "text", 20, func() any {
		return oneOf(g, object{"format": object{"type": "text"}, "verbosity": "low"}, object{"format": object{"type": "json_object"}}, object{"format": object{"type": "json_schema", "name": "x", "schema": g.schema()}})
	})
	g.maybe(o, "stream", 30, func() any { return oneOf[any](g, true, false, nil) })
	g.maybe(o, "top_logprobs", 15, func() any { return oneOf[any](g, nil, 0, 3) })
	if g.chance(50) {
		o["tools"] = []any{
			object{"type": "function", "name": "weather", "parameters": g.schema(), "strict": oneOf[any](g, false, nil), "description": oneOf[any](g, nil, "d")},
			oneOf(g, object{"type": "web_search"}, object{"type": "custom", "name": "shell"}, object{"type": "code_interpreter", "container": object{"type": "auto"}}, object{"type": "local_shell"}, object{"type": "shell"},
				object{"type": "apply_patch"}, object{"type": "mcp", "server_label": "s", "server_url": "https://example.org"}, object{"type": "image_generation"},
				object{"type": "namespace", "name": "n", "description": "d", "tools": []any{object{"type": "function", "name": "t", "parameters": g.schema()}}}),
		}
		g.maybe(o, "tool_choice", 40, func() any {
			return oneOf[any](g, "auto", "none", "required", object{"type": "function", "name": "weather"}, object{"type": "allowed_tools", "mode": "auto", "tools": []any{object{"type": "function", "name": "weather"}}})
		})
		g.maybe(o, "parallel_tool_calls", 20, func() any { return oneOf[any](g, nil, true, false) })
	}
	return "/v1/responses", o
}

// block is one of the blocks that a user of Anthropic's API may send.
func (g *generator) block() object {
	b := oneOf(g,
		object{"type": "text", "text": g.words(), "citations": nil},
		object{"type": "image", "source": object{"type": "base64", "media_type": "image/png", "data": g.picture}},
		object{"type": "document", "source": object{"type": "text", "media_type": "text/plain", "data": "words"}, "title": nil},
		object{"type": "document", "source": object{"type": "content", "content": []any{object{"type": "text", "text": "x"}}}},
		object{"type": "search_result", "source": "s", "title": "t", "content": []any{object{"type": "text", "text": "x"}}})
	g.maybe(b, "cache_control", 20, func() any { return oneOf[any](g, nil, object{"type": "ephemeral"}) })
	return b
}

func (g *generator) messages() (string, object) {
	var list []any
	for range g.IntN(3) {
		list = append(list, object{"role": "user", "content": oneOf[any](g, g.words(), []any{g.block(), g.block()})})
		switch g.IntN(3) {
		case 0:
			g.calls++
			id := fmt.Sprint("toolu_", g.calls)
			list = append(list, object{"role": "assistant", "content": []any{object{"type": "thinking", "thinking": "hm", "signature": "s"}, object{"type": "tool_use", "id": id, "name": g.name(), "input": object{"a": 1}}}},
				object{"role": "user", "content": []any{object{"type": "tool_result", "tool_use_id": id, "is_error": oneOf[any](g, nil, true, false), "content": oneOf[any](g, g.words(), []any{object{"type": "text", "text": "x"}}, []any{g.block()})}}})
		case 1:
			list = append(list, object{"role": "assistant", "content": []any{object{"type": "redacted_thinking", "data": "x"}, object{"type": "text", "text": g.words()},
				object{"type": "server_tool_use", "id": "srv", "name": "web_search", "input": object{}}, object{"type": "web_search_tool_result", "tool_use_id": "srv", "content": []any{}}}})
		default:
			list = append(list, object{"role": "assistant", "content": g.words()})
		}
	}
	list = append(list, object{"role": "user", "content": g.words()})
	o := object{"model": "fake", "max_tokens": oneOf(g, 1, 64, 1000), "messages": list}
	g.maybe(o, "system", 50, func() any {
		return oneOf[any](g, g.text(), []any{object{"type": "text", "text": g.words(), "cache_control": object{"type": "ephemeral"}}})
	})
	g.maybe(o, "temperature", 30, func() any { return oneOf(g, 0, 0.5, 1) })
	g.maybe(o, "top_p", 20, func() any { return 0.9 })
	g.maybe(o, "top_k", 20, func() any { return 40 })
	g.maybe(o, "stop_sequences", 20, func() any { return []string{"x"} })
	g.maybe(o, "metadata", 20, func() any { return object{"user_id": oneOf[any](g, nil, "u")} })
	g.maybe(o, "service_tier", 10, func() any { return "auto" })
	g.maybe(o, "thinking", 20, func() any {
		return oneOf(g, object{"type": "disabled"}, object{"type": "enabled", "budget_tokens": 1024}, object{"type": "adaptive"})
	})
	g.maybe(o, "container", 10, func() any { return oneOf[any](g, nil, "c") })
	g.maybe(o, "stream", 30, func() any { return g.chance(50) })
	if g.chance(50) {
		o["tools"] = []any{object{"name": "weather", "description": "d", "input_schema": g.schema(), "cache_control": nil},
			oneOf(g, object{"type": "web_search_20250305", "name": "web_search"}, object{"type": "bash_20250124", "name": "bash"}, object{"type": "custom", "name": "x", "input_schema": g.schema()})}
		g.maybe(o, "tool_choice", 40, func() any {
			return oneOf(g, object{"type": "auto"}, object{"type": "any", "disable_parallel_tool_use": true}, object{"type": "tool", "name": "weather"}, object{"type": "none"})
		})
	}
	return "/v1/messages", o
}

// What the published types allow is answered: no request of them is a 400, none a 500.
// SIROCCO_REQUESTS=10000 makes so many.
func TestGeneratedRequests(t *testing.T) {
	count := 600
	if n, err := strconv.Atoi(os.Getenv("SIROCCO_REQUESTS")); err == nil {
		count = n
	}
	data, err := os.ReadFile("../../assets/icon.png")
	if err != nil {
		t.Fatal(err)
	}
	g := &generator{Rand: rand.New(rand.NewPCG(1, 2)), picture: base64.StdEncoding.EncodeToString(data)}
	s := newServer(t, &fake{context: 1 << 20}, Options{})
	refused := map[string]int{}
	for range count {
		path, o := oneOf(g, g.chat, g.responses, g.messages)()
		body, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		if w := ask(s, "POST", path, string(body)); w.Code != 200 {
			reply := w.Body.String()
			if refused[reply]++; refused[reply] == 1 && len(refused) < 20 {
				t.Errorf("%s: status %d: %s\n%s", path, w.Code, reply, strings.ReplaceAll(string(body), g.picture, "…"))
			}
		}
	}
	t.Logf("%d requests", count)
}
