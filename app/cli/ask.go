package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"sirocco/app/openai"
	"sirocco/model"
	"sirocco/model/chat"
	"sirocco/model/prompt"
)

// Ask is one question, answered on standard output as the words come.
type Ask struct {
	Question string `arg:"" optional:"" help:"What to ask."`
	ModelFlags

	Image      []string `placeholder:"FILE" sep:"none" help:"A picture, placed before the question; repeat for more."`
	System     *string  `placeholder:"TEXT" xor:"system" help:"System prompt in place of the model's own."`
	SystemFile string   `placeholder:"FILE" xor:"system" help:"Read the system prompt from a file."`
	NoSystem   bool     `xor:"system" help:"No system prompt at all."`
	Tools      string   `placeholder:"FILE" help:"Tools the model may call: a JSON array in OpenAI's shape."`
	ToolChoice string   `placeholder:"auto|none" help:"Whether the model may call tools."`

	Temperature   *float64 `placeholder:"T" help:"Default 0.15; 0 is greedy and deterministic."`
	TopP          *float64 `placeholder:"P" help:"Keep the most likely tokens up to this total probability."`
	TopK          *int     `placeholder:"K" help:"Keep the K most likely tokens."`
	MinP          *float64 `placeholder:"P" help:"Drop tokens less likely than this share of the best."`
	RepeatPenalty *float64 `placeholder:"R" help:"Divide the scores of tokens already seen; 1 is off."`
	Seed          *uint64  `placeholder:"N" help:"Same seed, same device: same text."`
	MaxTokens     *int     `placeholder:"N" help:"Stop after so many tokens."`
	Stop          []string `placeholder:"TEXT" sep:"none" help:"Stop before this text; repeat for more."`
	Logprobs      *int     `placeholder:"N" help:"With --json: the N most likely candidates of every token."`

	Request string `placeholder:"FILE|-" help:"A whole OpenAI chat-completion request as JSON."`
	Chat    bool   `help:"Keep talking: one question per line."`
	NoGuard bool   `help:"Do not end answers that repeat themselves without end."`
	JSON    bool   `name:"json" help:"Every event as a line of JSON."`
}

// Run answers and returns when the answer, or with --chat the conversation, is
// over.
func (a *Ask) Run(ctx context.Context, s *Streams) error {
	if err := a.check(s); err != nil {
		return err
	}
	show := newPrinter(s, a.JSON)
	engine, err := a.open(ctx, s, show.load)
	show.clear()
	if err != nil {
		return err
	}
	defer engine.Close()
	request, err := a.request(engine, s)
	if err != nil {
		return err
	}
	if a.Chat {
		return a.converse(ctx, engine, request, show, s)
	}
	done, err := show.answer(ctx, engine, request)
	if err == nil && done.FinishReason == chat.FinishCancelled {
		err = ErrInterrupted
	}
	return err
}

// check refuses flags that contradict each other.
func (a *Ask) check(s *Streams) error {
	if a.Request != "" {
		if a.Question != "" || len(a.Image) > 0 || a.System != nil || a.SystemFile != "" || a.NoSystem || a.Tools != "" || a.ToolChoice != "" {
			return &UsageError{"--request is a whole request of its own: leave out the question, --image, --system, --tools and their like"}
		}
		if a.Chat {
			return &UsageError{"--chat and --request do not go together"}
		}
		return nil
	}
	if a.Question == "" && !a.Chat {
		return &UsageError{`a question is missing; try: sirocco ask --image photo.jpg "What is in the picture?"`}
	}
	return nil
}

// request builds what the engine is asked from the flags or from --request.
func (a *Ask) request(engine *model.Model, s *Streams) (*chat.Request, error) {
	if a.Request != "" {
		return a.wholeRequest(s)
	}
	request := &chat.Request{Sampling: chat.DefaultSampling()}
	if err := a.addSystem(request, engine); err != nil {
		return nil, err
	}
	if err := a.addTools(request); err != nil {
		return nil, err
	}
	if a.Question != "" || len(a.Image) > 0 {
		message, err := userMessage(a.Question, a.Image)
		if err != nil {
			return nil, err
		}
		request.Messages = append(request.Messages, message)
	}
	a.override(request)
	return request, nil
}

// wholeRequest reads --request. Foreign tool-call ids are mapped to the form
// the template needs; no system prompt is added.
func (a *Ask) wholeRequest(s *Streams) (*chat.Request, error) {
	data, err := readFileOr(a.Request, s.In)
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	parsed, err := openai.ParseChat(data)
	if err != nil {
		return nil, fmt.Errorf("reading the request %s: %w", a.Request, err)
	}
	request := parsed.Chat
	prompt.MapCallIDs(&request)
	a.override(&request)
	return &request, nil
}

// addSystem puts the system prompt first: the model's recommended one unless
// the flags say otherwise.
func (a *Ask) addSystem(request *chat.Request, engine *model.Model) error {
	if a.NoSystem {
		return nil
	}
	text := ""
	switch {
	case a.System != nil:
		text = *a.System
	case a.SystemFile != "":
		data, err := os.ReadFile(a.SystemFile)
		if err != nil {
			return fmt.Errorf("reading the system prompt: %w", err)
		}
		text = string(data)
	default:
		filled, err := engine.SystemPrompt(time.Now())
		if err != nil {
			return err
		}
		text = filled
	}
	if text != "" {
		request.Messages = append(request.Messages, chat.Text(chat.System, text))
	}
	return nil
}

// addTools reads --tools and --tool-choice.
func (a *Ask) addTools(request *chat.Request) error {
	switch a.ToolChoice {
	case "", "auto", "none":
		request.ToolChoice = a.ToolChoice
	default:
		return &UsageError{fmt.Sprintf("--tool-choice is auto or none, not %q", a.ToolChoice)}
	}
	if a.Tools == "" {
		return nil
	}
	data, err := os.ReadFile(a.Tools)
	if err != nil {
		return fmt.Errorf("reading the tools: %w", err)
	}
	tools, err := openai.ParseTools(data)
	if err != nil {
		return fmt.Errorf("reading the tools in %s: %w", a.Tools, err)
	}
	request.Tools = tools
	return nil
}

// override lets the sampling flags that were given win.
func (a *Ask) override(request *chat.Request) {
	set(&request.Sampling.Temperature, a.Temperature)
	set(&request.Sampling.TopP, a.TopP)
	set(&request.Sampling.TopK, a.TopK)
	set(&request.Sampling.MinP, a.MinP)
	set(&request.Sampling.RepeatPenalty, a.RepeatPenalty)
	set(&request.Sampling.Seed, a.Seed)
	set(&request.MaxTokens, a.MaxTokens)
	set(&request.Logprobs, a.Logprobs)
	if len(a.Stop) > 0 {
		request.Stop = a.Stop
	}
	request.NoGuard = request.NoGuard || a.NoGuard
}

func set[T any](field *T, flag *T) {
	if flag != nil {
		*field = *flag
	}
}

// userMessage is the pictures in order, then the question.
func userMessage(question string, pictures []string) (chat.Message, error) {
	message := chat.Message{Role: chat.User, PartList: len(pictures) > 0}
	for _, path := range pictures {
		data, err := os.ReadFile(path)
		if err != nil {
			return message, fmt.Errorf("reading the picture: %w", err)
		}
		message.Parts = append(message.Parts, chat.Part{Image: &chat.Image{Name: path, Data: data}})
	}
	if question != "" {
		message.Parts = append(message.Parts, chat.Part{Text: question})
	}
	return message, nil
}

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
				return ErrInterrupted
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

// readFileOr reads a file, or the stream when the name is "-".
func readFileOr(name string, stream io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(stream)
	}
	return os.ReadFile(name)
}

// printer puts events where a person or a script wants them.
type printer struct {
	s       *Streams
	json    *json.Encoder // nil for people
	status  bool          // a status line stands on stderr
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

// answer runs one request to its end.
func (p *printer) answer(ctx context.Context, engine chat.Engine, request *chat.Request) (*chat.Done, error) {
	var done *chat.Done
	for event, err := range engine.Generate(ctx, request) {
		if err != nil {
			p.clear()
			return nil, err
		}
		if err := p.event(event); err != nil {
			return nil, fmt.Errorf("writing the answer: %w", err)
		}
		if event.Kind == chat.KindDone {
			done = event.Done
		}
	}
	if done == nil {
		return nil, errors.New("the engine stopped without an answer; please report this")
	}
	return done, nil
}

// event writes one event: a line of JSON, or words and a status line.
func (p *printer) event(e chat.Event) error {
	if p.json != nil {
		return p.json.Encode(e)
	}
	switch e.Kind {
	case chat.KindImage:
		p.say("picture %d read: %d × %d pixels, %d tokens", e.Image.Index+1, e.Image.Grid.Width, e.Image.Grid.Height, e.Image.Grid.Tokens)
	case chat.KindPrefill:
		p.say("reading the prompt: %d of %d tokens", e.Prefill.Done, e.Prefill.Total)
	case chat.KindText:
		p.clear()
		_, err := io.WriteString(p.s.Out, e.Text)
		return err
	case chat.KindNotice:
		p.clear()
		fmt.Fprintf(p.s.Err, "sirocco: %s\n", e.Text)
	case chat.KindDone:
		p.clear()
		return p.finish(e.Done)
	}
	return nil
}

// finish ends the answer with a new line, prints calls, and says why it ended
// when that was not the model's own wish.
func (p *printer) finish(done *chat.Done) error {
	for _, call := range done.ToolCalls {
		line, err := json.Marshal(call)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(p.s.Out, "%s\n", line); err != nil {
			return err
		}
	}
	if done.Text != "" {
		if _, err := io.WriteString(p.s.Out, "\n"); err != nil {
			return err
		}
	}
	switch done.FinishReason {
	case chat.FinishLength:
		fmt.Fprintln(p.s.Err, "sirocco: the answer was cut off at its length limit")
	case chat.FinishRepetition:
		fmt.Fprintln(p.s.Err, "sirocco: the answer was ended because it repeated itself (--no-guard lets it go on)")
	}
	return nil
}

// load shows how far the weights have been read.
func (p *printer) load(l chat.Load) {
	if p.json == nil && l.Total > 0 {
		p.say("loading weights: %s of %s, %s", bytesText(l.Done), bytesText(l.Total), rate(l, time.Since(p.started)))
	}
}

// say replaces the status line, on a terminal only.
func (p *printer) say(format string, args ...any) {
	if !p.s.Interactive() {
		return
	}
	fmt.Fprintf(p.s.Err, "\r\x1b[K"+format, args...)
	p.status = true
}

// clear takes the status line away before something lasting is printed.
func (p *printer) clear() {
	if p.status {
		fmt.Fprint(p.s.Err, "\r\x1b[K")
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
