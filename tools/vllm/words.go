//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sirocco/model/chat"
)

// certain is the distance between the best and the second-best log-probability
// from which both engines must choose alike. vLLM on a processor differs from
// transformers in float32 by up to 0.1.
const certain = 0.3

// question is a user's turn with pictures of assets/samples.
func question(text string, pictures ...string) (*chat.Request, error) {
	message := chat.Message{Role: chat.User, PartList: len(pictures) > 0}
	for _, name := range pictures {
		data, err := os.ReadFile(filepath.Join("assets/samples", name))
		if err != nil {
			return nil, err
		}
		message.Parts = append(message.Parts, chat.Part{Image: &chat.Image{Name: name, Data: data}})
	}
	message.Parts = append(message.Parts, chat.Part{Text: text})
	return &chat.Request{Messages: []chat.Message{message}, MaxTokens: 40, Logprobs: 2}, nil
}

// words compares greedy answers, token by token while both are certain.
func words(b *bench) (string, error) {
	var tokens, whole int
	asked := [][]string{{"Hello!"}, {"What can you do?"}, {"What is in the picture?", "shapes.png"}, {"What number is in the picture?", "number.jpg"},
		{"What word is on the sign?", "sign.png"}, {"How many stars are there?", "stars.jpg"}, {"Which bar is the highest?", "chart.png"},
		{"What do the pictures show?", "shapes.png", "number.jpg"}}
	for _, q := range asked {
		request, err := question(q[0], q[1:]...)
		if err != nil {
			return "", err
		}
		here, err := answer(b.ctx, b.here, request, nil)
		if err != nil {
			return "", err
		}
		there, err := answer(b.ctx, b.there, request, nil)
		if err != nil {
			return "", err
		}
		n, err := alike(here.Tokens, there.Tokens)
		if err != nil {
			return "", fmt.Errorf("%q: %w (here %q, there %q)", q, err, here.Text, there.Text)
		}
		tokens += n
		if here.Text == there.Text {
			whole++
		}
	}
	return fmt.Sprintf("%d tokens of %d answers agree, %d answers to the end", tokens, len(asked), whole), nil
}

// alike counts the tokens two answers share; the first difference is an error
// where the local engine was certain.
func alike(here, there []chat.Token) (int, error) {
	for i := range here {
		if len(here[i].Top) < 2 {
			return 0, errors.New("a token came without alternatives")
		}
		sure := here[i].Top[0].Logprob - here[i].Top[1].Logprob
		if i >= len(there) || here[i].ID != there[i].ID {
			if sure >= certain {
				return i, fmt.Errorf("they part at token %d, where the best leads by %.2f", i, sure)
			}
			return i, nil
		}
	}
	return len(here), nil
}

// pictures checks that vLLM counts pictures as the prompt does, and takes ten.
func pictures(b *bench) (string, error) {
	request, err := question("Describe the pictures.", strings.Fields(strings.Repeat("shapes.png number.jpg ", 5))...)
	if err != nil {
		return "", err
	}
	var notices []string
	checked := ""
	done, err := answer(b.ctx, b.there, request, func(e chat.Event) {
		if e.Kind == chat.KindNotice && strings.Contains(e.Text, "counts") {
			notices = append(notices, e.Text)
		}
		if e.Kind == chat.KindPrompt {
			checked = e.Prompt.Check
		}
	})
	if err != nil {
		return "", err
	}
	if len(notices) > 0 || checked != chat.PromptChecked {
		return "", fmt.Errorf("the prompt is %s; %s", checked, strings.Join(notices, "; "))
	}
	return fmt.Sprintf("ten pictures, %d of %d prompt tokens, counted alike", done.Usage.ImageTokens, done.Usage.PromptTokens), nil
}
