package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"sirocco/model/chat"
)

// converse keeps a conversation: a question per line, until the input ends.
// A line "/image FILE" puts a picture before the next question. Ctrl-C stops
// the answer that is being given.
func (a *Ask) converse(ctx context.Context, engine chat.Engine, request *chat.Request, show *printer, lines *typed, s *Streams) error {
	if a.Question != "" {
		if err := exchange(ctx, engine, request, show); err != nil {
			return err
		}
	}
	var pictures []string
	for {
		if isTerminal(s.In) {
			fmt.Fprint(s.Err, "> ")
		}
		line, err := lines.next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		line = strings.TrimSpace(line)
		if path, ok := strings.CutPrefix(line, "/image "); ok {
			pictures = append(pictures, strings.TrimSpace(path))
			continue
		}
		if line == "" {
			continue
		}
		message, err := userMessage(s, line, pictures)
		pictures = nil
		if err != nil {
			fmt.Fprintf(s.Err, "sirocco: %v\n", err)
			continue
		}
		request.Messages = append(request.Messages, message)
		if err := exchange(ctx, engine, request, show); err != nil {
			return err
		}
	}
}

// exchange answers the last question and adds what was said to the conversation.
func exchange(ctx context.Context, engine chat.Engine, request *chat.Request, show *printer) error {
	done, said, err := show.answer(ctx, engine, request)
	if err != nil {
		return err
	}
	if done.FinishReason == chat.FinishCancelled {
		return cutOff(ctx)
	}
	if len(said) == 0 { // no tools are run: the answer is all there is
		said = []chat.Message{chat.Text(chat.Assistant, done.Text)}
		said[0].ToolCalls = done.ToolCalls
	}
	request.Messages = append(request.Messages, said...)
	return nil
}
