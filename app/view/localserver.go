package view

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"sync/atomic"

	"sirocco/app/crash"
	"sirocco/app/serve"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// LocalServer lets other programs of this machine ask the engine of this window over
// HTTP: the weights are in memory once, whoever asks.
type LocalServer struct {
	Address string // where it listens, "" while it does not
	Fault   *Trouble

	window  *Window
	stop    context.CancelFunc
	ended   chan struct{} // closed when the last one has stopped
	answers atomic.Int32  // that go on now
}

// localServerPort is where the server listens if that is free.
const localServerPort = "127.0.0.1:8080"

// Switch turns the server on or off, and remembers that.
func (s *LocalServer) Switch(on bool) {
	s.window.Settings.Share = on
	s.window.Settings.Save()
	s.renew()
}

// renew stops the server and, if it is switched on, starts it with what answers
// now; without a model there is nothing to serve.
func (s *LocalServer) renew() {
	if s.stop != nil {
		s.stop()
	}
	s.stop, s.Address, s.Fault = nil, "", nil
	w := s.window
	w.touch(DirtyModels)
	if !w.Settings.Share || w.Host.Phase != Ready || w.budget.tokenizer == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended, before := make(chan struct{}), s.ended
	s.stop, s.ended = cancel, ended
	options := serve.Options{Engine: &countedEngine{share: s, about: w.Host.About}, Tokenizer: w.budget.tokenizer}
	crash.Go(func() {
		defer close(ended)
		if before != nil {
			<-before // it may still hold the port
		}
		err := s.serve(ctx, options)
		w.UIQueue.Post(func() {
			if s.ended == ended && err != nil && ctx.Err() == nil {
				s.Address, s.Fault = "", Explain(err)
				w.touch(DirtyModels)
			}
		})
	})
}

// serve listens on this machine alone, on a port of the system's choice where the
// usual one is taken.
func (s *LocalServer) serve(ctx context.Context, o serve.Options) error {
	listener, err := net.Listen("tcp", localServerPort)
	if err != nil {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	defer listener.Close()
	server, err := serve.New(o)
	if err != nil {
		return err
	}
	address := "http://" + listener.Addr().String()
	s.window.UIQueue.Post(func() {
		if ctx.Err() == nil {
			s.Address = address
			s.window.touch(DirtyModels)
		}
	})
	return server.Serve(ctx, listener)
}

// Line says how the server is.
func (s *LocalServer) Line() string {
	switch {
	case s.Fault != nil:
		return s.Fault.Sentence
	case s.Address != "":
		return i18n.T("Listening on %s", s.Address)
	case s.window.Settings.Share:
		return i18n.T("It listens as soon as a model is loaded.")
	}
	return i18n.T("Other programs on this machine can ask the model that is loaded here (OpenAI's and Anthropic's protocols).")
}

// running tells whether an answer goes on.
func (s *LocalServer) running() bool { return s.answers.Load() > 0 }

// countedEngine is the window's engine as the server sees it.
type countedEngine struct {
	share *LocalServer
	about chat.About
}

// About is what answered when the server began; another model begins another.
func (e *countedEngine) About() chat.About { return e.about }

// Close leaves the engine to the window.
func (e *countedEngine) Close() {}

// Generate asks whatever engine the window has now.
func (e *countedEngine) Generate(ctx context.Context, r *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		engine := e.share.window.Engine()
		if engine == nil {
			yield(chat.Event{}, errors.New("no model is loaded in the window now"))
			return
		}
		e.share.answers.Add(1)
		defer e.share.answers.Add(-1)
		for event, err := range engine.Generate(ctx, r) {
			if !yield(event, err) {
				return
			}
		}
	}
}
