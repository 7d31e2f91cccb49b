package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"sirocco/model/chat"
)

// Opened is what the child opens: an engine, and sentences for a person.
type Opened struct {
	Engine  chat.Engine
	Notices []string
}

// Child opens an engine and answers the orders that come in until in ends, which
// is how a parent says goodbye and also how its death is noticed.
func Child(ctx context.Context, in io.Reader, out io.Writer, open func(progress func(chat.Load)) (Opened, error)) error {
	w := &writer{encoder: encoder(out)}
	opened, err := open(func(l chat.Load) { _ = w.write(news{Load: &l}) })
	if err != nil {
		return w.write(news{Fault: faultOf(err)})
	}
	defer opened.Engine.Close()
	about := opened.Engine.About()
	if err := w.write(news{About: &about, Notices: opened.Notices}); err != nil {
		return err
	}
	done := make(chan struct{})
	defer close(done)
	sayAlive(w, beat, done)
	c := &child{engine: opened.Engine, out: w, running: map[int]context.CancelFunc{}}
	err = c.obey(ctx, in)
	c.stopAll()
	return err
}

// child answers orders, each in a goroutine of its own; the engine lets them
// take turns.
type child struct {
	engine chat.Engine
	out    *writer

	mu      sync.Mutex
	running map[int]context.CancelFunc
	wait    sync.WaitGroup
}

// obey reads orders until in ends.
func (c *child) obey(ctx context.Context, in io.Reader) error {
	decoder := json.NewDecoder(bufio.NewReader(in))
	for {
		var o order
		if err := decoder.Decode(&o); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading an order: %w", err)
		}
		if o.Cancel {
			c.cancel(o.ID)
			continue
		}
		if o.Count {
			_ = c.out.write(c.count(ctx, o))
		}
		if o.Request == nil {
			continue
		}
		mine, cancel := context.WithCancel(ctx)
		c.mu.Lock()
		c.running[o.ID] = cancel
		c.mu.Unlock()
		c.wait.Go(func() { c.answer(mine, o) })
	}
}

// answer streams one answer to the parent.
func (c *child) answer(ctx context.Context, o order) {
	defer c.cancel(o.ID)
	if o.Attention != nil {
		_ = c.out.write(c.attention(ctx, o))
		_ = c.out.write(news{ID: o.ID, End: true})
		return
	}
	for event, err := range c.engine.Generate(ctx, o.Request) {
		line := news{ID: o.ID, Event: &event}
		if err != nil {
			line = news{ID: o.ID, Fault: faultOf(err)}
		}
		if c.out.write(line) != nil {
			return // the parent is gone
		}
	}
	_ = c.out.write(news{ID: o.ID, End: true})
}

// attention asks the engine where it looked.
func (c *child) attention(ctx context.Context, o order) news {
	looker, ok := c.engine.(chat.AttentionProvider)
	if !ok {
		return news{ID: o.ID, Fault: faultOf(errors.New("this engine does not tell where it looked"))}
	}
	look, err := looker.Attention(ctx, o.Request, o.Attention)
	if err != nil {
		return news{ID: o.ID, Fault: faultOf(err)}
	}
	return news{ID: o.ID, Attention: look}
}

// count asks the engine for its passes; the last line of that order is the first.
func (c *child) count(ctx context.Context, o order) news {
	if counter, ok := c.engine.(chat.Counter); ok {
		if passes, ok := counter.Passes(ctx); ok {
			return news{ID: o.ID, Passes: &passes, End: true}
		}
	}
	return news{ID: o.ID, End: true}
}

func (c *child) cancel(id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel := c.running[id]; cancel != nil {
		cancel()
		delete(c.running, id)
	}
}

func (c *child) stopAll() {
	c.mu.Lock()
	for _, cancel := range c.running {
		cancel()
	}
	c.mu.Unlock()
	c.wait.Wait()
}

// writer lets answers write whole lines.
type writer struct {
	mu      sync.Mutex
	encoder *json.Encoder
}

func (w *writer) write(n news) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.encoder.Encode(n)
}
