package view

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/app/crash"
	"sirocco/app/tools"
)

// Offers are what a server has beside tools.
type Offers struct {
	Resources []*mcp.Resource
	Prompts   []*mcp.Prompt
}

// offerTime bounds how long a server may take to list or give what it has.
const offerTime = time.Minute

// withServer does something with a server in the background; told runs in the
// window's goroutine afterwards, unless it failed, which is said.
func (w *Window) withServer(name string, do func(context.Context, *tools.Server) error, told func()) {
	box := w.kit.opened()
	if box == nil || box.Servers == nil {
		return
	}
	server := box.Servers.Server(name)
	if server == nil {
		return
	}
	crash.Go(func() {
		ctx, stop := context.WithTimeout(context.Background(), offerTime)
		defer stop()
		err := do(ctx, server)
		w.UIQueue.Post(func() {
			if err != nil {
				w.notify(err)
			}
			told()
		})
	})
}

// Offers lists a server's resources and prompts.
func (w *Window) Offers(name string, told func(Offers)) {
	var o Offers
	w.withServer(name, func(ctx context.Context, s *tools.Server) error {
		var err, err2 error
		o.Resources, err = s.Resources(ctx)
		o.Prompts, err2 = s.Prompts(ctx)
		return errors.Join(err, err2)
	}, func() { told(o) })
}

// AttachResource puts a server's resource to the next question.
func (w *Window) AttachResource(server, uri string) {
	var out tools.Output
	w.withServer(server, func(ctx context.Context, s *tools.Server) (err error) {
		out, err = s.Read(ctx, uri)
		return err
	}, func() { w.attach(path.Base(strings.TrimRight(uri, "/")), out) })
}

// attach puts the text and pictures of a server to the next question. What cannot be
// taken is said.
func (w *Window) attach(name string, out tools.Output) {
	if out.Text != "" {
		if !strings.Contains(name, ".") {
			name += ".txt"
		}
		w.Attachments.AddData(name, []byte(out.Text))
	}
	for _, p := range out.Pictures {
		w.Attachments.AddData(p.Name, p.Data)
	}
	if len(out.Notes) > 0 {
		w.notify(errors.New(strings.Join(out.Notes, "\n")))
	}
}

// InsertPrompt gets a server's prompt; its pictures go to the next question, its words
// are handed on.
func (w *Window) InsertPrompt(server, prompt string, arguments map[string]string, told func(text string)) {
	var messages []tools.PromptMessage
	w.withServer(server, func(ctx context.Context, s *tools.Server) (err error) {
		messages, err = s.Prompt(ctx, prompt, arguments)
		return err
	}, func() {
		var words []string
		for _, m := range messages {
			words = append(words, m.Text)
			w.attach(prompt, tools.Output{Pictures: m.Pictures, Notes: m.Notes})
		}
		if len(messages) > 0 {
			told(strings.Join(words, "\n\n"))
		}
	})
}
