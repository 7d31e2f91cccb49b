package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// client asks one question after the other over its own connection.
type client struct {
	url    string
	number int
	http   *http.Client
}

func newClient(url string, number int) *client {
	return &client{url: url, number: number, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}}
}

// question is one request: its route, its body, and what a whole answer holds.
type question struct {
	path string
	body map[string]any
	want string
}

// question number i; all clients ask the same ones in the same order.
func (c *client) question(i int) question {
	said := fmt.Sprintf("Client %d asks question %d: what is red?", c.number, i)
	user := []any{map[string]any{"role": "user", "content": said}}
	tool := map[string]any{"name": "look_up", "parameters": map[string]any{"type": "object", "properties": map[string]any{}, "additionalProperties": false}}
	switch i % 6 {
	case 0:
		return question{"/v1/chat/completions", map[string]any{"messages": user, "max_tokens": 8}, `"finish_reason":`}
	case 1:
		return question{"/v1/chat/completions", map[string]any{"messages": user, "max_tokens": 8, "stream": true}, "[DONE]"}
	case 2:
		return question{"/v1/chat/completions", map[string]any{"messages": user, "max_tokens": 40, "stream": true, "tool_choice": "required",
			"tools": []any{map[string]any{"type": "function", "function": tool}}}, "[DONE]"}
	case 3:
		return question{"/v1/responses", map[string]any{"input": said, "max_output_tokens": 8, "stream": true}, `"usage":{`}
	case 4:
		return question{"/v1/messages", map[string]any{"messages": user, "max_tokens": 8, "stream": true}, "message_stop"}
	}
	parts := []any{
		map[string]any{"type": "text", "text": said},
		map[string]any{"type": "image_url", "image_url": map[string]any{"url": picture()}},
	}
	return question{"/v1/chat/completions", map[string]any{"messages": []any{map[string]any{"role": "user", "content": parts}}, "max_tokens": 8}, `"finish_reason":`}
}

// picture is one of our samples as a data URL.
func picture() string {
	data, err := os.ReadFile("assets/samples/shapes.png")
	if err != nil {
		return "" // the server will say so
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(data)
}

// work asks until ctx ends and counts what comes back.
func (c *client) work(ctx context.Context, t *counters) {
	for i := 0; ctx.Err() == nil; i++ {
		began := time.Now()
		retry, err := c.ask(ctx, c.question(i), t)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			t.errs = append(t.errs, err)
		case retry > 0:
			pause(ctx, retry)
		default:
			t.served++
			t.waits = append(t.waits, time.Since(began))
		}
	}
}

// ask sends one question and reads its whole answer. retry is when to come back,
// for one that was turned away politely.
func (c *client) ask(ctx context.Context, q question, t *counters) (retry time.Duration, err error) {
	response, err := c.send(ctx, q)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, fmt.Errorf("reading an answer of %s: %w", q.path, err)
	}
	switch response.StatusCode {
	case http.StatusOK:
		if !strings.Contains(string(body), q.want) {
			return 0, fmt.Errorf("an answer of %s is not whole: %.300s", q.path, body)
		}
		return 0, nil
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
			t.refused[response.StatusCode]++
			return time.Duration(seconds) * time.Second, nil
		}
	}
	return 0, fmt.Errorf("%s answered with status %d: %.300s", q.path, response.StatusCode, body)
}

func (c *client) send(ctx context.Context, q question) (*http.Response, error) {
	data, err := json.Marshal(q.body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+q.path, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	return c.http.Do(request)
}

// misbehave asks for long streams and then either cuts them in the middle or reads
// them a few bytes at a time.
func (c *client) misbehave(ctx context.Context) {
	for i := 0; ctx.Err() == nil; i++ {
		q := c.question(1)
		q.body["max_tokens"] = 100
		if response, err := c.send(ctx, q); err == nil {
			few := make([]byte, 64)
			for range 10 {
				if _, err := response.Body.Read(few); err != nil {
					break
				}
				if i%2 == 0 {
					pause(ctx, 50*time.Millisecond)
				}
			}
			response.Body.Close()
			c.http.CloseIdleConnections()
		}
		pause(ctx, time.Second)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
