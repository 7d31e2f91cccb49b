package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"sirocco/model/chat"
)

// converse keeps a conversation: a question per line, until the input ends.
// A line "/image FILE" puts a picture before the next question. Ctrl-C stops
// the answer that is being given; what was said stays in the conversation.
func (a *Ask) converse(ctx context.Context, engine chat.Engine, request *chat.Request, show *printer, s *Streams) error {
	lines := bufio.NewScanner(s.In)
	lines.Buffer(nil, 1<<20)
	var pictures []string
	pending := a.Question != "" || len(a.Image) > 0 && a.Question != ""
	for {
		if pending {
			done, err := show.answer(ctx, engine, request)
			if err != nil {
				return err
			}
			if done.FinishReason == chat.FinishCancelled {
				return cutOff(ctx)
			}
			reply := chat.Text(chat.Assistant, done.Text)
			reply.ToolCalls = done.ToolCalls
			request.Messages = append(request.Messages, reply)
			pending = false
		}
		if isTerminal(s.In) {
			fmt.Fprint(s.Err, "> ")
		}
		if !lines.Scan() {
			return lines.Err()
		}
		line := strings.TrimSpace(lines.Text())
		if path, ok := strings.CutPrefix(line, "/image "); ok {
			pictures = append(pictures, strings.TrimSpace(path))
			continue
		}
		if line == "" {
			continue
		}
		message, err := userMessage(line, pictures)
		if err != nil {
			fmt.Fprintf(s.Err, "sirocco: %v\n", err)
			pictures = nil
			continue
		}
		request.Messages, pictures, pending = append(request.Messages, message), nil, true
	}
}
