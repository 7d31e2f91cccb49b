package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sirocco/app/openai"
	"sirocco/assets"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/imageproc"
)

// Ask is one question, answered on standard output as the words come.
type Ask struct {
	Question string `arg:"" optional:"" help:"What to ask."`
	ModelFlags
	RemoteFlags
	ToolFlags

	Image      []string `placeholder:"FILE" sep:"none" help:"A picture, placed before the question; repeat for more."`
	System     *string  `placeholder:"TEXT" xor:"system" help:"System prompt in place of the model's own."`
	SystemFile string   `placeholder:"FILE" xor:"system" help:"Read the system prompt from a file."`
	NoSystem   bool     `xor:"system" help:"No system prompt at all."`
	Tools      string   `placeholder:"FILE" help:"Tools whose calls are printed: a JSON array in OpenAI's shape."`
	ToolChoice string   `placeholder:"auto|none|required|NAME" help:"Whether the model may or must call a tool, or which one."`
	Schema     string   `placeholder:"FILE" help:"The answer must be JSON of this JSON Schema."`

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
	Resume  string `placeholder:"FILE" help:"Keep what the model has read in FILE, and take it up from there next time."`
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
	engine, err := a.RemoteFlags.open(ctx, s, &a.ModelFlags, show.load)
	show.clear()
	if err != nil {
		return err
	}
	defer engine.Close()
	request, err := a.request(engine, s)
	if err != nil {
		return err
	}
	lines := newTyped(s.In)
	answers, stop, err := a.ToolFlags.around(ctx, engine, lines, s)
	if err != nil {
		return err
	}
	defer stop()
	if a.Chat {
		return a.converse(ctx, answers, request, show, lines, s)
	}
	done, _, err := show.answer(ctx, answers, request)
	if err == nil && done.FinishReason == chat.FinishCancelled {
		err = cutOff(ctx)
	}
	return err
}

// cutOff is why an answer that was cancelled is not whole: the user stopped it,
// or a server was lost.
func cutOff(ctx context.Context) error {
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	return errors.New("the answer is not whole; ask again for the rest")
}

// check refuses flags that contradict each other.
func (a *Ask) check(s *Streams) error {
	if err := a.ToolFlags.check(s); err != nil {
		return err
	}
	if a.Resume != "" && a.Remote != "" {
		return &UsageError{"--resume keeps what the model on this machine has read; a server keeps its own"}
	}
	if a.Request != "" {
		if a.Question != "" || len(a.Image) > 0 || a.System != nil || a.SystemFile != "" || a.NoSystem || a.Tools != "" || a.ToolChoice != "" || a.Schema != "" {
			return &UsageError{"--request is a whole request of its own: leave out the question, --image, --system, --tools, --schema and their like"}
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
func (a *Ask) request(engine answerer, s *Streams) (*chat.Request, error) {
	if a.Request != "" {
		return a.wholeRequest(s)
	}
	request := &chat.Request{Sampling: chat.DefaultSampling()}
	if err := a.addSystem(request, engine, s); err != nil {
		return nil, err
	}
	if err := a.addTools(request); err != nil {
		return nil, err
	}
	if err := a.addSchema(request); err != nil {
		return nil, err
	}
	if a.Question != "" || len(a.Image) > 0 {
		message, err := userMessage(s, a.Question, a.Image)
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
	chattemplate.MapCallIDs(&request)
	a.override(&request)
	return &request, nil
}

// addSystem puts the system prompt first: the model's recommended one unless
// the flags say otherwise.
func (a *Ask) addSystem(request *chat.Request, engine answerer, s *Streams) error {
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
		filled, err := recommended(engine, s)
		if err != nil {
			return err
		}
		text = filled
	}
	if text != "" {
		request.Messages = append(request.Messages, chat.SystemMessage(text))
	}
	return nil
}

// recommended is the system prompt that belongs to the model, filled in.
func recommended(engine answerer, s *Streams) (string, error) {
	template := engine.SystemPrompt()
	if template == "" {
		template = assets.SystemPrompt
		fmt.Fprintln(s.Err, "sirocco: the model comes without its SYSTEM_PROMPT.txt; a reconstruction of the recommended one is used (--no-system leaves it out)")
	}
	return chattemplate.FillSystem(template, engine.About().Model.Name, time.Now())
}

// addTools reads --tools and --tool-choice, where anything but auto, none and
// required is a tool's name.
func (a *Ask) addTools(request *chat.Request) error {
	if a.Tools != "" {
		data, err := os.ReadFile(a.Tools)
		if err != nil {
			return fmt.Errorf("reading the tools: %w", err)
		}
		if request.Tools, err = openai.ParseTools(data); err != nil {
			return fmt.Errorf("reading the tools in %s: %w", a.Tools, err)
		}
	}
	request.ToolChoice = a.ToolChoice
	switch a.ToolChoice {
	case "", "auto", "none":
		return nil
	}
	if a.Tools == "" && !a.ToolFlags.given() {
		return &UsageError{"--tool-choice " + a.ToolChoice + " needs --tools, --mcp or --toolbox"}
	}
	if a.ToolChoice != "required" {
		request.ToolChoice, request.ToolName = "function", a.ToolChoice
	}
	return nil
}

// addSchema reads --schema.
func (a *Ask) addSchema(request *chat.Request) error {
	if a.Schema == "" {
		return nil
	}
	data, err := os.ReadFile(a.Schema)
	if err != nil {
		return fmt.Errorf("reading the schema: %w", err)
	}
	if !json.Valid(data) {
		return fmt.Errorf("reading the schema %s: it is not JSON", a.Schema)
	}
	request.Schema = data
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
	request.Resume = a.Resume
}

func set[T any](field *T, flag *T) {
	if flag != nil {
		*field = *flag
	}
}

// userMessage is the pictures in order, then the question.
func userMessage(s *Streams, question string, pictures []string) (chat.Message, error) {
	message := chat.Message{Role: chat.User, PartList: len(pictures) > 0}
	for _, path := range pictures {
		data, err := readFileOr(path, nil)
		if err != nil {
			return message, fmt.Errorf("reading the picture: %w", err)
		}
		data, note, err := imageproc.Viewable(data)
		if err != nil {
			return message, fmt.Errorf("reading the picture %s: %w", path, err)
		}
		if note != "" {
			fmt.Fprintf(s.Err, "sirocco: %s: %s\n", path, note)
		}
		message.Parts = append(message.Parts, chat.Part{Image: &chat.Image{Name: path, Data: data}})
	}
	if question != "" {
		message.Parts = append(message.Parts, chat.Part{Text: question})
	}
	return message, nil
}

// maxRead bounds a file or a stream that is read whole, in bytes. It is more than
// any context holds, pictures included.
const maxRead = 256 << 20

// readFileOr reads a file, or the stream when there is one and the name is "-".
func readFileOr(name string, stream io.Reader) ([]byte, error) {
	from := "the input"
	if name != "-" || stream == nil {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		stream, from = file, name
	}
	return readAtMost(stream, from, maxRead)
}

// readAtMost reads a stream that must end within so many bytes.
func readAtMost(stream io.Reader, from string, most int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(stream, int64(most)+1))
	if err == nil && len(data) > most {
		return nil, fmt.Errorf("%s has more than %d MB, which no question has; is it the right one?", from, most>>20)
	}
	return data, err
}
