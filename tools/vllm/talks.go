//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"sirocco/app/openai"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
)

// shown is how many pictures each turn of a conversation shows: ten at most, as the
// card's flags allow.
var shown = [][]int{{2}, {1, 1}, {3, 2}, {2, 0, 3}, {1, 2, 3}, {7}, {4, 4, 0}, {4, 3, 2}, {5, 5}, {10}}

// talks holds conversations of several turns with many pictures against vLLM: the
// ids of every turn, and the greedy words while both are certain. What the local
// engine says is what the conversation goes on with.
func talks(b *bench) (string, error) {
	var turns, pictures, tokens int
	for i, counts := range shown {
		request := &chat.Request{MaxTokens: 24, Logprobs: 2}
		if i%2 == 1 {
			request.Messages = append(request.Messages, chat.Text(chat.System, "You see pictures. Answer in a few words."))
		}
		for turn, count := range counts {
			message, err := album(i+turn, count)
			if err != nil {
				return "", err
			}
			request.Messages = append(request.Messages, message)
			said, alike, err := b.turn(request)
			if err != nil {
				return "", fmt.Errorf("conversation %d with %v pictures, turn %d: %w", i, counts, turn+1, err)
			}
			request.Messages = append(request.Messages, chat.Text(chat.Assistant, said))
			turns, pictures, tokens = turns+1, pictures+count, tokens+alike
		}
	}
	return fmt.Sprintf("%d conversations of %d turns with %d pictures: the same ids, %d tokens of the answers agree", len(shown), turns, pictures, tokens), nil
}

// turn asks both sides what comes next; they must read the same prompt.
func (b *bench) turn(request *chat.Request) (said string, agreed int, err error) {
	ours, err := chattemplate.Build(*request, b.here.Tokenizer(), rule(b))
	if err != nil {
		return "", 0, err
	}
	line, err := openai.WriteChat(request, "", nil)
	if err != nil {
		return "", 0, err
	}
	theirs, refused, err := b.tokenize(line)
	if err != nil {
		return "", 0, err
	}
	if refused != "" || !slices.Equal(ours.IDs, theirs) {
		return "", 0, fmt.Errorf("%d tokens here, %d there, the first difference at %d %.200s", len(ours.IDs), len(theirs), difference(ours.IDs, theirs), refused)
	}
	here, err := answer(b.ctx, b.here, request, nil)
	if err != nil {
		return "", 0, err
	}
	there, err := answer(b.ctx, b.there, request, nil)
	if err != nil {
		return "", 0, err
	}
	if agreed, err = alike(here.Tokens, there.Tokens); err != nil {
		return "", 0, fmt.Errorf("%w (here %q, there %q)", err, here.Text, there.Text)
	}
	return here.Text, agreed, nil
}

// album is a user's turn of so many pictures, with words between them.
func album(first, count int) (chat.Message, error) {
	samples := []string{"shapes.png", "number.jpg", "sign.png", "stars.jpg", "chart.png"}
	message := chat.Message{Role: chat.User, PartList: count > 0}
	for i := range count {
		name := samples[(first+i)%len(samples)]
		data, err := os.ReadFile(filepath.Join("assets/samples", name))
		if err != nil {
			return message, err
		}
		if i%3 == 1 {
			message.Parts = append(message.Parts, chat.Part{Text: fmt.Sprintf("Picture %d is this:", i+1)})
		}
		message.Parts = append(message.Parts, chat.Part{Image: &chat.Image{Name: name, Data: data}})
	}
	questions := []string{"What is in the last picture?", "Which of them has a number in it?", "What word is on the sign?", "How many stars are there?"}
	message.Parts = append(message.Parts, chat.Part{Text: questions[first%len(questions)]})
	return message, nil
}
