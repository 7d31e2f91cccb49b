package app

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// The same question gets the same words through every API, and through the tokens
// of its own prompt.
func TestEveryAPIAnswersAlike(t *testing.T) {
	address := serving(t)
	const talk = `"messages": [{"role": "user", "content": "Hello! What can you do?"}]`
	var prompt struct{ Tokens []int }
	sendTo(t, address+"/tokenize", `{`+talk+`}`, &prompt)
	ids, err := json.Marshal(prompt.Tokens)
	if err != nil {
		t.Fatal(err)
	}
	var chat struct {
		Choices []struct{ Message struct{ Content string } }
		Usage   struct {
			PromptTokens int `json:"prompt_tokens"`
		}
	}
	sendTo(t, address+"/v1/chat/completions", `{"temperature": 0, "max_tokens": 12, `+talk+`}`, &chat)
	want := chat.Choices[0].Message.Content
	if want == "" || chat.Usage.PromptTokens != len(prompt.Tokens) {
		t.Fatalf("%q was said to %d tokens, of %d", want, chat.Usage.PromptTokens, len(prompt.Tokens))
	}
	var text struct{ Choices []struct{ Text string } }
	sendTo(t, address+"/v1/completions", fmt.Sprintf(`{"temperature": 0, "max_tokens": 12, "prompt": %s}`, ids), &text)
	var response struct {
		Output []struct{ Content []struct{ Text string } }
	}
	sendTo(t, address+"/v1/responses", `{"temperature": 0, "max_output_tokens": 12, "input": "Hello! What can you do?"}`, &response)
	var message struct{ Content []struct{ Text string } }
	sendTo(t, address+"/v1/messages", `{"temperature": 0, "max_tokens": 12, `+talk+`}`, &message)
	for api, got := range map[string]string{
		"completions": text.Choices[0].Text, "responses": response.Output[0].Content[0].Text, "messages": message.Content[0].Text,
	} {
		if got != want {
			t.Errorf("%s said %q, chat completions %q", api, got, want)
		}
	}
	metrics, err := http.Get(address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer metrics.Body.Close()
	page, err := io.ReadAll(metrics.Body)
	if err != nil || !strings.Contains(string(page), "\nvllm:iteration_tokens_total_bucket") || !strings.Contains(string(page), "\nsirocco:decode_pass_answers_bucket") {
		t.Errorf("%v: the engine's passes are not in\n%s", err, page)
	}
}

// sendTo posts JSON and reads the reply.
func sendTo(t *testing.T, url, body string, reply any) {
	t.Helper()
	response, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err == nil {
		err = json.Unmarshal(data, reply)
	}
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v: %s", url, response.StatusCode, err, data)
	}
}
