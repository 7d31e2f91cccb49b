package app

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// A question about a picture gets the same tokens over HTTP, whole or streamed, as
// from `ask`.
func TestServeAnswersLikeAsk(t *testing.T) {
	out, _ := run(t, exitDone, "", "ask", "--json", "--no-system", "--temperature", "0", "--max-tokens", "12", "--image", shapes, "What is in the picture?")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var done struct{ Tokens []struct{ Text string } }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &done); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, token := range done.Tokens {
		want = append(want, token.Text)
	}

	data, err := os.ReadFile(shapes)
	if err != nil {
		t.Fatal(err)
	}
	body := `{"temperature": 0, "max_tokens": 12, "logprobs": true, "messages": [{"role": "user", "content": [
		{"type": "image_url", "image_url": {"url": "data:image/png;base64,` + base64.StdEncoding.EncodeToString(data) + `"}},
		{"type": "text", "text": "What is in the picture?"}]}]}`
	address := serving(t)
	for name, send := range map[string]string{"whole": body, "stream": strings.Replace(body, "{", `{"stream": true, `, 1)} {
		response, err := http.Post(address+"/v1/chat/completions", "application/json", strings.NewReader(send))
		if err != nil {
			t.Fatal(err)
		}
		reply, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("status %d, %v: %s", response.StatusCode, err, reply)
		}
		if got := tokensOf(t, string(reply)); len(want) == 0 || strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s: the server's tokens are %q, those of ask %q", name, got, want)
		}
	}
}

// serving runs `sirocco serve` on the miniature and a free port until the test
// ends, and returns the address that its first line names.
func serving(t *testing.T) string {
	t.Helper()
	t.Setenv(asProgram, "1") // for the child process that holds the model
	stderr, write := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{"serve", "--addr", "127.0.0.1:0", "--grace", "1s"}, nil, io.Discard, write)
		write.Close()
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != exitDone {
			t.Errorf("serve ended with %d", code)
		}
	})
	lines := bufio.NewReader(stderr)
	first, err := lines.ReadString('\n')
	match := regexp.MustCompile(`^listening on (http://127\.0\.0\.1:[1-9][0-9]*)\n$`).FindStringSubmatch(first)
	go io.Copy(io.Discard, lines)
	if match == nil {
		t.Fatalf("the first line is %q, %v", first, err)
	}
	return match[1]
}

// tokensOf reads the tokens of a whole reply or of a stream.
func tokensOf(t *testing.T, reply string) (tokens []string) {
	t.Helper()
	for _, part := range strings.Split(reply, "\n\n") {
		part = strings.TrimPrefix(part, "data: ")
		if part == "" || part == "[DONE]" {
			continue
		}
		var piece struct {
			Choices []struct {
				Logprobs struct {
					Content []struct{ Token string }
				}
			}
		}
		if err := json.Unmarshal([]byte(part), &piece); err != nil {
			t.Fatalf("%v in %s", err, part)
		}
		for _, c := range piece.Choices {
			for _, token := range c.Logprobs.Content {
				tokens = append(tokens, token.Token)
			}
		}
	}
	return tokens
}
