package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sirocco/app/terminal"
	"sirocco/model/chat"
)

// printer puts events where a person or a script wants them.
type printer struct {
	s       *Streams
	json    *json.Encoder // nil for people
	status  bool          // a status line stands on stderr
	open    bool          // text stands on a line that has not ended
	thought bool          // a thought stands on stderr, not set off yet
	started time.Time
}

func newPrinter(s *Streams, asJSON bool) *printer {
	p := &printer{s: s, started: time.Now()}
	if asJSON {
		p.json = json.NewEncoder(s.Out)
		p.json.SetEscapeHTML(false)
	}
	return p
}

// answer runs one request to its end. said is what the conversation gains when
// tools are run; it is empty when they are not.
func (p *printer) answer(ctx context.Context, engine chat.Engine, request *chat.Request) (done *chat.Done, said []chat.Message, err error) {
	for event, err := range engine.Generate(ctx, request) {
		if err != nil {
			p.clear()
			return nil, said, err
		}
		if err := p.event(event); err != nil {
			return nil, said, fmt.Errorf("writing the answer: %w", err)
		}
		switch event.Kind {
		case chat.KindDone:
			done = event.Done
		case chat.KindMessage:
			said = append(said, *event.Message)
		}
	}
	if done == nil {
		return nil, said, errors.New("the engine stopped without an answer; please report this")
	}
	return done, said, p.finish(done)
}

// event writes one event: a line of JSON, or words and a status line.
func (p *printer) event(e chat.Event) error {
	if p.json != nil {
		return p.json.Encode(e)
	}
	switch e.Kind {
	case chat.KindImage:
		p.printf("picture %d read: %d × %d pixels, %d tokens", e.Image.Index+1, e.Image.Grid.Width, e.Image.Grid.Height, e.Image.Grid.Tokens)
	case chat.KindPrefill:
		p.printf("reading the prompt: %d of %d tokens", e.Prefill.Done, e.Prefill.Total)
	case chat.KindText:
		p.clear()
		p.endThought()
		p.open = !strings.HasSuffix(e.Text, "\n")
		_, err := io.WriteString(p.s.Out, e.Text)
		return err
	case chat.KindReason:
		p.clear()
		p.showThought(e.Text)
	case chat.KindNotice:
		p.clear()
		fmt.Fprintf(p.s.Err, "sirocco: %s\n", e.Text)
	case chat.KindDone:
		p.clear()
		p.endThought()
		return p.endLine()
	case chat.KindApproval, chat.KindRun, chat.KindResult:
		p.tool(e)
	}
	return nil
}

// showThought writes what is thought to stderr, weakly on a terminal.
func (p *printer) showThought(text string) {
	if isTerminal(p.s.Err) {
		terminal.Control(p.s.Err, "\x1b[2m")
		defer terminal.Control(p.s.Err, "\x1b[22m")
	}
	fmt.Fprint(p.s.Err, text)
	p.thought = true
}

// endThought sets an answer off from what was thought before it.
func (p *printer) endThought() {
	if p.thought {
		p.thought = false
		fmt.Fprint(p.s.Err, "\n\n")
	}
}

// endLine ends the line that text was written on.
func (p *printer) endLine() error {
	if !p.open {
		return nil
	}
	p.open = false
	_, err := io.WriteString(p.s.Out, "\n")
	return err
}

// finish prints the calls that are left to the caller, and says why the answer
// ended when that was not the model's own choice.
func (p *printer) finish(done *chat.Done) error {
	if p.json != nil {
		return nil
	}
	for _, call := range done.ToolCalls {
		line, err := json.Marshal(call)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(p.s.Out, "%s\n", line); err != nil {
			return err
		}
	}
	switch done.FinishReason {
	case chat.FinishLength:
		where := ""
		if n := len(done.ToolCalls); n > 0 && done.ToolCalls[n-1].Incomplete {
			where = ", inside a tool call that must not be run"
		}
		fmt.Fprintf(p.s.Err, "sirocco: the answer was cut off at its length limit%s\n", where)
	case chat.FinishRepetition:
		fmt.Fprintln(p.s.Err, "sirocco: the answer was ended because it repeated itself (--no-guard lets it go on)")
	}
	return nil
}

// load shows how far the weights have been read.
func (p *printer) load(l chat.Load) {
	if l.What == chat.LoadKernels {
		p.printf("measuring which kernels suit this adapter, once: %d of %d", l.Done, l.Total)
		return
	}
	if p.json == nil && l.Total > 0 {
		p.printf("loading weights: %s of %s, %s", bytesText(l.Done), bytesText(l.Total), rate(l, time.Since(p.started)))
	}
}

// clearLine returns to the beginning of a line and empties it.
const clearLine = "\r\x1b[K"

// printf replaces the status line, on a terminal only.
func (p *printer) printf(format string, args ...any) {
	if !p.s.Interactive() {
		return
	}
	terminal.Control(p.s.Err, clearLine)
	fmt.Fprintf(p.s.Err, format, args...)
	p.status = true
}

// clear takes the status line away before something lasting is printed.
func (p *printer) clear() {
	if p.status {
		terminal.Control(p.s.Err, clearLine)
		p.status = false
	}
}

// bytesText is a size as people write it: 14.3 GB.
func bytesText(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f kB", float64(n)/1e3)
}

// rate is the speed so far and the time left at that speed.
func rate(l chat.Load, elapsed time.Duration) string {
	seconds := elapsed.Seconds()
	if l.Done == 0 || seconds < 0.2 {
		return "starting"
	}
	speed := float64(l.Done) / seconds
	left := float64(l.Total-l.Done) / speed
	return fmt.Sprintf("%s/s, %.0f s left", bytesText(int64(speed)), left)
}
