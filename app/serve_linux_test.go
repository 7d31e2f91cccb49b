package app

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The server on the real miniature: a picture is answered, the engine is killed
// in mid-answer, the next question is answered, a SIGTERM in mid-answer hands over
// what was said and ends it cleanly.
func TestServeOutlivesItsEngine(t *testing.T) {
	server := exec.Command(os.Args[0], "serve", "--addr", "127.0.0.1:0", "--grace", "200ms")
	server.Env = append(os.Environ(), asProgram+"=1")
	errs, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Process.Kill() }()
	lines := bufio.NewReader(errs)
	first, err := lines.ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(first), "listening on ")
	if err != nil || !ok {
		t.Fatalf("the first line is %q, %v", first, err)
	}
	go io.Copy(io.Discard, lines)

	data, err := os.ReadFile(shapes)
	if err != nil {
		t.Fatal(err)
	}
	picture := "data:image/png;base64," + base64.StdEncoding.EncodeToString(data)
	question := map[string]any{"temperature": 0, "max_tokens": 24, "messages": []any{map[string]any{"role": "user", "content": []any{
		map[string]any{"type": "image_url", "image_url": map[string]any{"url": picture}},
		map[string]any{"type": "text", "text": "What is in the picture?"}}}}}
	if words := wordsOf(t, address, question); words == "" {
		t.Error("nothing was said about the picture")
	}

	endless := map[string]any{"stream": true, "max_tokens": 4000, "logit_bias": map[string]int{"2": -100},
		"messages": []any{map[string]any{"role": "user", "content": "Hello!"}}}
	stream := post(t, address, endless)
	if _, err := bufio.NewReader(stream.Body).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	kill(t, server.Process.Pid)
	rest, _ := io.ReadAll(stream.Body)
	stream.Body.Close()
	if bytes.Contains(rest, []byte(`"finish_reason":"stop"`)) {
		t.Error("an answer cut by the engine's death claims to be whole")
	}
	if words := wordsOf(t, address, question); words == "" {
		t.Error("after the engine's death nothing was said")
	}

	stream = post(t, address, endless)
	begin := bufio.NewReader(stream.Body)
	if _, err := begin.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	_ = server.Process.Signal(syscall.SIGTERM)
	rest, err = io.ReadAll(begin)
	stream.Body.Close()
	if err != nil || !bytes.Contains(rest, []byte(`"stop_reason":"cancelled"`)) || !bytes.HasSuffix(rest, []byte("data: [DONE]\n\n")) {
		t.Errorf("the answer that ran ends with %.300q, %v", rest[max(0, len(rest)-300):], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("a stopped server ended with %v", err)
		}
	case <-time.After(2 * time.Minute):
		t.Error("a stopped server did not end")
	}
}

// wordsOf asks once and returns the words.
func wordsOf(t *testing.T, address string, question map[string]any) string {
	t.Helper()
	response := post(t, address, question)
	defer response.Body.Close()
	var answer struct {
		Choices []struct{ Message struct{ Content string } }
	}
	body, err := io.ReadAll(response.Body)
	if err == nil {
		err = json.Unmarshal(body, &answer)
	}
	if err != nil || response.StatusCode != http.StatusOK || len(answer.Choices) != 1 {
		t.Fatalf("%s: %s, %v", response.Status, body, err)
	}
	return answer.Choices[0].Message.Content
}

func post(t *testing.T, address string, question map[string]any) *http.Response {
	t.Helper()
	body, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(address+"/v1/chat/completions", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// kill ends the children of a process the hard way. The kernel lists them by the
// thread that started them.
func kill(t *testing.T, parent int) {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for _, thread := range threads {
		children, err := os.ReadFile(thread)
		if err != nil {
			continue // a thread that has ended
		}
		for _, child := range strings.Fields(string(children)) {
			pid, err := strconv.Atoi(child)
			if err == nil {
				err = syscall.Kill(pid, syscall.SIGKILL)
			}
			if err != nil {
				t.Fatal(err)
			}
			killed++
		}
	}
	if killed == 0 {
		t.Fatal("the server has no child")
	}
}
