package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"sync"
	"time"

	"sirocco/app/crash"
	"sirocco/app/origin"
	"sirocco/model/chat"
)

// Options say how to start the child.
type Options struct {
	// Command is the program and its arguments that make it call Child.
	Command []string
	// Log takes what the child writes to stderr.
	Log io.Writer
	// Progress hears of weights being read.
	Progress func(chat.Load)
	// Silence is how long a child with an open model may say nothing before it is
	// taken for dead; 0 is a minute.
	Silence time.Duration
}

// Process is an engine in a child process. It may be used by several goroutines.
type Process struct {
	options  Options
	starting sync.Mutex // held while a child is started, so that there is one

	mu      sync.Mutex // never held for long: a server tells of itself while a child starts
	child   *link      // nil: none, or it died
	about   chat.About
	notices []string
	closed  bool
}

// Start starts the child and waits until its model is open.
func Start(ctx context.Context, o Options) (*Process, error) {
	if o.Progress == nil {
		o.Progress = func(chat.Load) {}
	}
	if o.Silence == 0 {
		o.Silence = silence
	}
	p := &Process{options: o}
	if _, err := p.alive(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// About is what the child opened.
func (p *Process) About() chat.About {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.about
}

// Notices are what a person should read once about the model and its device.
func (p *Process) Notices() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.notices
}

// Generate answers in the child. When the child dies the answer ends with a
// *Died error, and the next call starts a new child; a child that is found dead
// before it said anything is replaced at once.
func (p *Process) Generate(ctx context.Context, request *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		p.send(ctx, order{Request: request}, func(n news, err error) bool {
			if err != nil {
				return yield(chat.Event{}, err)
			}
			return n.Event == nil || yield(*n.Event, nil)
		})
	}
}

// Attention asks the child where it looked (see [chat.Looker]).
func (p *Process) Attention(ctx context.Context, request *chat.Request, ids []int32) (look *chat.AttentionMap, err error) {
	if len(ids) == 0 {
		return nil, errors.New("looking back: there is no token to look from")
	}
	p.send(ctx, order{Request: request, Attention: ids}, func(n news, fault error) bool {
		look, err = n.Attention, fault
		return fault == nil
	})
	if look == nil && err == nil {
		err = ctx.Err()
	}
	return look, err
}

// Passes asks the child for its passes (see [chat.Counter]). They begin again with a
// new child.
func (p *Process) Passes(ctx context.Context) (passes chat.Passes, ok bool) {
	p.mu.Lock()
	child := p.child
	p.mu.Unlock()
	if child == nil || child.dead() {
		return passes, false
	}
	id, lines := child.open()
	defer child.forget(id)
	if child.send(order{ID: id, Count: true}) != nil {
		return passes, false
	}
	select {
	case n := <-lines:
		if n.Passes != nil {
			return *n.Passes, true
		}
	case <-child.gone:
	case <-ctx.Done():
	}
	return passes, false
}

// send gives the child an order, twice if it is found dead, and hands on what it says.
func (p *Process) send(ctx context.Context, o order, take func(news, error) bool) {
	if !p.try(ctx, o, take, false) {
		p.try(ctx, o, take, true)
	}
}

// try asks the child once. It is false when the child died without a word, which
// is only told when this is the last try.
func (p *Process) try(ctx context.Context, o order, take func(news, error) bool, last bool) bool {
	child, err := p.alive(ctx)
	if err != nil {
		take(news{}, err)
		return true
	}
	silent, foundDead := true, false
	child.answer(ctx, o, func(n news, err error) bool {
		foundDead = silent && !last && errors.As(err, new(*Died))
		silent = false
		return !foundDead && take(n, err)
	})
	return !foundDead
}

// Close ends the child.
func (p *Process) Close() {
	p.starting.Lock()
	defer p.starting.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.child != nil {
		p.child.close()
		p.child = nil
	}
}

// alive is the running child, a new one when there is none or it died.
func (p *Process) alive(ctx context.Context) (*link, error) {
	p.starting.Lock()
	defer p.starting.Unlock()
	if child, err := p.running(); child != nil || err != nil {
		return child, err
	}
	child, first, err := start(ctx, p.options)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.child, p.about, p.notices = child, *first.About, first.Notices
	return child, nil
}

// running is the child that is alive; nil where there is none.
func (p *Process) running() (*link, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errors.New("the engine has been closed")
	}
	if p.child != nil && !p.child.dead() {
		return p.child, nil
	}
	return nil, nil
}

// link is one child and the pipes to it.
type link struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *json.Decoder

	writing sync.Mutex
	encoder *json.Encoder

	mu      sync.Mutex
	next    int
	waiting map[int]chan news
	reason  string // why it died
	hung    string // why it was killed
	pulse   *pulse
	gone    chan struct{} // closed when it did
}

// start starts a child and waits for its first word.
func start(ctx context.Context, o Options) (*link, news, error) {
	command := exec.Command(o.Command[0], o.Command[1:]...)
	command.Stderr, command.Env = o.Log, origin.EngineEnvironment()
	in, err := command.StdinPipe()
	if err != nil {
		return nil, news{}, fmt.Errorf("starting the engine: %w", err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, news{}, fmt.Errorf("starting the engine: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, news{}, fmt.Errorf("starting the engine: %w", err)
	}
	c := &link{command: command, in: in, out: json.NewDecoder(out), encoder: encoder(in), waiting: map[int]chan news{}, gone: make(chan struct{}), pulse: newPulse()}
	stop := context.AfterFunc(ctx, func() { _ = command.Process.Kill() })
	first, err := c.handshake(o.Progress)
	stopped := !stop()
	if err == nil && stopped {
		err = ctx.Err()
	}
	if err != nil {
		_ = in.Close()
		_ = command.Process.Kill()
		_ = command.Wait()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, news{}, err
	}
	c.pulse.beat()
	crash.Go(func() { c.listen() })
	c.watch(o.Silence)
	return c, first, nil
}

// encoder writes JSON as it is meant, without HTML's escapes.
func encoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}

// handshake reads until the model is open.
func (c *link) handshake(progress func(chat.Load)) (news, error) {
	for {
		var n news
		if err := c.out.Decode(&n); err != nil {
			return n, fmt.Errorf("starting the engine: it ended before the model was open; try another device (sirocco doctor lists them)")
		}
		switch {
		case n.Fault != nil:
			return n, n.Fault.err()
		case n.About != nil:
			return n, nil
		case n.Load != nil:
			progress(*n.Load)
		}
	}
}

// listen hands each line to the answer it belongs to, until the child is gone.
func (c *link) listen() {
	for {
		var n news
		if err := c.out.Decode(&n); err != nil {
			break
		}
		c.pulse.beat()
		c.mu.Lock()
		to := c.waiting[n.ID]
		c.mu.Unlock()
		if to != nil {
			c.pulse.busy.Store(true)
			to <- n
			c.pulse.beat()
			c.pulse.busy.Store(false)
		}
	}
	err := c.command.Wait()
	c.mu.Lock()
	c.reason = "it ended by itself"
	if err != nil {
		c.reason = err.Error()
	}
	if c.hung != "" {
		c.reason = c.hung
	}
	c.mu.Unlock()
	close(c.gone)
}

// answer streams one answer. When the listener or ctx stops it, the child is
// told, and what it still says is read and dropped until it has stopped, so that
// it never waits for us.
func (c *link) answer(ctx context.Context, o order, take func(news, error) bool) {
	id, lines := c.open()
	defer c.forget(id)
	o.ID = id
	if err := c.send(o); err != nil {
		take(news{}, c.died())
		return
	}
	cancel := ctx.Done()
	listening := true
	for {
		select {
		case <-cancel:
			cancel = nil
			_ = c.send(order{ID: id, Cancel: true})
		case <-c.gone:
			c.last(lines, listening, take)
			return
		case n := <-lines:
			if n.End {
				return
			}
			if listening && !pass(n, take) {
				listening = false
				_ = c.send(order{ID: id, Cancel: true})
			}
		}
	}
}

// last hands on what a child said before it died, and that it died when the
// answer was not over.
func (c *link) last(lines chan news, listening bool, take func(news, error) bool) {
	for listening {
		select {
		case n := <-lines:
			if n.End {
				return
			}
			listening = pass(n, take)
		default:
			take(news{}, c.died())
			return
		}
	}
}

// pass hands one line on and reports whether more is wanted.
func pass(n news, take func(news, error) bool) bool {
	if n.Fault != nil {
		take(news{}, n.Fault.err())
		return false
	}
	return take(n, nil)
}

func (c *link) open() (int, chan news) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	lines := make(chan news, 64)
	c.waiting[c.next] = lines
	return c.next, lines
}

// forget stops waiting for an answer. A line that listen was about to hand over
// is taken, so that listen is never stuck with it.
func (c *link) forget(id int) {
	c.mu.Lock()
	lines := c.waiting[id]
	delete(c.waiting, id)
	c.mu.Unlock()
	for {
		select {
		case <-lines:
		default:
			return
		}
	}
}

func (c *link) send(o order) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.encoder.Encode(o)
}

func (c *link) dead() bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

// died waits for the reason of the child's end.
func (c *link) died() error {
	<-c.gone
	c.mu.Lock()
	defer c.mu.Unlock()
	return &Died{Reason: c.reason}
}

// startTimeout is how long a child may take to say goodbye.
const startTimeout = 5 * time.Second

// close says goodbye by closing the pipe, and kills a child that does not hear.
func (c *link) close() {
	_ = c.in.Close()
	select {
	case <-c.gone:
	case <-time.After(startTimeout):
		_ = c.command.Process.Kill()
		<-c.gone
	}
}

// Self is the path of this program, for Options.Command.
func Self() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding this program to run its engine: %w", err)
	}
	return path, nil
}
