//go:build unix

package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"sirocco/app/remote"
	"sirocco/model/chat"
)

// limits asks for more than fits: a prompt beyond the context is the mistake
// programs know, both where it is seen here and where vLLM says it; more tokens
// than fit are as many as do.
func limits(b *bench) (string, error) {
	long, err := question(strings.Repeat("a red circle and ", 3000))
	if err != nil {
		return "", err
	}
	tekken, err := remote.Tekken()
	if err != nil {
		return "", err
	}
	unsure, err := remote.Open(b.ctx, remote.Options{URL: b.url, Tokenizer: tekken}) // not its vocabulary, so nothing is checked here
	if err != nil {
		return "", err
	}
	defer unsure.Close()
	for _, e := range []*remote.Engine{b.there, unsure} {
		var wrong *chat.RequestError
		if _, err := answer(b.ctx, e, long, nil); !errors.As(err, &wrong) || wrong.Code != chat.CodeTooLong {
			return "", fmt.Errorf("a prompt beyond the context (checked here: %v) ended with: %v", e.Checked(), err)
		}
	}
	short, err := question("Hello!")
	if err != nil {
		return "", err
	}
	short.MaxTokens = 131072
	done, err := answer(b.ctx, b.there, short, nil)
	if err != nil {
		return "", fmt.Errorf("131072 tokens: %w", err)
	}
	return fmt.Sprintf("a prompt beyond the context is told; 131072 tokens asked for gave %d", done.Usage.CompletionTokens), nil
}

// killed ends vLLM in mid-answer; what it said stays.
func killed(b *bench) (string, error) {
	if b.group == 0 {
		return "left out, for no process group was named", nil
	}
	endless, err := question("Hello!")
	if err != nil {
		return "", err
	}
	endless.MaxTokens = 4000
	endless.Sampling.LogitBias = map[int32]float64{2: -100} // never the end
	tokens := 0
	done, err := answer(b.ctx, b.there, endless, func(e chat.Event) {
		if e.Kind != chat.KindToken {
			return
		}
		if tokens++; tokens == 20 {
			syscall.Kill(-b.group, syscall.SIGKILL)
		}
	})
	if err != nil {
		return "", err
	}
	if done.FinishReason != chat.FinishCancelled || done.Text == "" {
		return "", fmt.Errorf("the answer ended with %s after %d tokens", done.FinishReason, tokens)
	}
	began := time.Now()
	_, err = answer(b.ctx, b.there, endless, nil)
	if err == nil {
		return "", errors.New("a dead server answered")
	}
	return fmt.Sprintf("%d tokens were kept; then, after %.1f s: %v", tokens, time.Since(began).Seconds(), err), nil
}

// noToolParser sends a question with a tool. vLLM answers, with the call as words;
// it comes out as a call, and the admin is told.
func noToolParser(b *bench) (string, error) {
	request, err := question("What is the weather in Paris?")
	if err != nil {
		return "", err
	}
	request.Tools = []chat.Tool{weather}
	var notices []string
	done, err := answer(b.ctx, b.there, request, func(e chat.Event) {
		if e.Kind == chat.KindNotice {
			notices = append(notices, e.Text)
		}
	})
	if err != nil {
		return "", err
	}
	if len(done.ToolCalls) != 1 || calls("required", done) != nil || !strings.Contains(strings.Join(notices, ""), "--enable-auto-tool-choice") {
		return "", fmt.Errorf("%q, %+v, %s, told: %q", done.Text, done.ToolCalls, done.FinishReason, notices)
	}
	return fmt.Sprintf("%s%s; %s", done.ToolCalls[0].Name, done.ToolCalls[0].Arguments, notices[len(notices)-1]), nil
}

// onePicture gets the sentence the admin needs.
func onePicture(b *bench) (string, error) {
	request, err := question("Which is which?", "shapes.png", "number.jpg")
	if err != nil {
		return "", err
	}
	return told(b, request, "--limit-mm-per-prompt")
}

// told asks what the server cannot do and looks for the flag in what it says.
func told(b *bench, request *chat.Request, flag string) (string, error) {
	_, err := answer(b.ctx, b.there, request, nil)
	if err == nil {
		return "", errors.New("it answered")
	}
	if !strings.Contains(err.Error(), flag) {
		return "", fmt.Errorf("the sentence lacks %s: %w", flag, err)
	}
	return err.Error(), nil
}
