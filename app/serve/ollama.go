package serve

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"sirocco/app/openai"
	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// Ollama's API, as far as it is about answers: a thin translation over the same
// engine and queue. ollama_models.go has the routes about models.

// ollamaVersion is the version of that API whose shapes are given here.
const ollamaVersion = "0.12.0"

// speaksOllama reports whether a request is one of Ollama's API.
func speaksOllama(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// ollamaReply is a reply of /api/chat or /api/generate, or a line of its stream.
type ollamaReply struct {
	Model    string         `json:"model"`
	Created  string         `json:"created_at"`
	Message  *ollamaMessage `json:"message,omitempty"`  // of a chat
	Response *string        `json:"response,omitempty"` // of a prompt
	Done     bool           `json:"done"`
	Reason   string         `json:"done_reason,omitempty"`
	*ollamaCounts
}

type ollamaMessage struct {
	Role    string       `json:"role"`
	Content string       `json:"content"`
	Calls   []ollamaCall `json:"tool_calls,omitempty"`
}

type ollamaCall struct {
	ID       string `json:"id"`
	Function struct {
		Index     int             `json:"index"`
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	} `json:"function"`
}

// ollamaCounts are tokens and nanoseconds.
type ollamaCounts struct {
	Total        int64 `json:"total_duration"`
	Load         int64 `json:"load_duration"`
	Prompt       int   `json:"prompt_eval_count"`
	PromptTime   int64 `json:"prompt_eval_duration"`
	Answer       int   `json:"eval_count"`
	AnswerLength int64 `json:"eval_duration"`
}

// ollamaLines makes a reply or, with an outbox, a stream of JSON lines.
type ollamaLines struct {
	s       *Server
	q       *request
	out     *sseBuffer
	chat    bool // else a continued prompt
	started time.Time

	text  strings.Builder
	calls []ollamaCall
	reply ollamaReply // the last line
}

func (s *Server) ollamaChat(w http.ResponseWriter, r *http.Request) error {
	return s.ollama(w, r, true, openai.OllamaChatFromValue)
}

func (s *Server) ollamaGenerate(w http.ResponseWriter, r *http.Request) error {
	return s.ollama(w, r, false, openai.OllamaPromptFromValue)
}

// ollama answers a chat or a prompt. A request without either only loads the model,
// which is loaded.
func (s *Server) ollama(w http.ResponseWriter, r *http.Request, isChat bool, read func(pyjson.Value, int, openai.Options) (*openai.Request, error)) error {
	v, free, err := s.readObject(w, r)
	if err != nil {
		return err
	}
	defer free()
	l := &ollamaLines{s: s, chat: isChat, started: time.Now()}
	if openai.OllamaLoads(v) {
		last := l.line("")
		last.Done, last.Reason = true, "load"
		return writeJSON(w, http.StatusOK, last)
	}
	if raw, _ := v.Get("raw"); raw.True() && !isChat {
		l.q, err = s.ollamaRaw(r, v)
	} else {
		l.q, err = s.parse(r.Context(), v, func(v pyjson.Value, o openai.Options) (*openai.Request, error) {
			return read(v, s.o.Engine.About().Model.Context, o)
		})
		if err == nil {
			l.q.client = s.guard.client(r)
			err = s.check(r.Context(), l.q)
		}
	}
	if err != nil {
		return err
	}
	addNotices(w, l.q.Notices)
	if l.q.Stream {
		return s.stream(w, r, []*request{l.q}, func(out *sseBuffer) streamWriter {
			out.contentType, l.out = "application/x-ndjson", out
			return l
		})
	}
	if err := s.answers(r.Context(), []*request{l.q}, l); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, l.reply)
}

// ollamaRaw is a prompt that is continued as it stands.
func (s *Server) ollamaRaw(r *http.Request, v pyjson.Value) (*request, error) {
	asked, err := openai.OllamaRawFromValue(v, s.o.Engine.About().Model.Context)
	if err != nil {
		return nil, err
	}
	if s.o.Tokenizer == nil {
		return nil, invalid("raw", "raw prompts need the model's tokenizer, which this server does not have")
	}
	questions, err := s.questionsOf(r.Context(), asked, s.guard.client(r))
	if err != nil {
		return nil, err
	}
	questions[0].Request.Stream, questions[0].Request.Notices = asked.Stream, asked.Notices
	return questions[0], nil
}

// line is a line with a piece of text.
func (l *ollamaLines) line(text string) ollamaReply {
	reply := ollamaReply{Model: l.s.o.Engine.About().Model.Name, Created: time.Now().UTC().Format(time.RFC3339Nano)}
	if l.chat {
		reply.Message = &ollamaMessage{Role: string(chat.Assistant), Content: text}
	} else {
		reply.Response = &text
	}
	return reply
}

func (l *ollamaLines) begin(int) {}

func (l *ollamaLines) event(e chat.Event) {
	switch {
	case e.Kind != chat.KindText || e.Text == "":
	case l.out == nil:
		l.text.WriteString(e.Text)
	default:
		l.out.line(l.line(e.Text))
	}
}

// end sends the calls, which Ollama gives whole, and the last line.
func (l *ollamaLines) end(d *chat.Done) {
	for i, c := range d.ToolCalls {
		var call ollamaCall
		call.ID, call.Function.Index, call.Function.Name, call.Function.Arguments = c.ID, i, l.q.Names.Original(c.Name).Full(), json.RawMessage(c.Arguments)
		if !json.Valid(call.Function.Arguments) {
			call.Function.Arguments, _ = marshal(map[string]string{"arguments": c.Arguments})
		}
		l.calls = append(l.calls, call)
	}
	if l.out != nil && len(l.calls) > 0 && l.chat {
		piece := l.line("")
		piece.Message.Calls, l.calls = l.calls, nil
		l.out.line(piece)
	}
	l.reply = l.line(l.text.String())
	if l.chat {
		l.reply.Message.Calls = l.calls
	}
	l.reply.Done, l.reply.Reason = true, "stop"
	if reason, _ := finish(d); reason == chat.FinishLength {
		l.reply.Reason = "length"
	}
	nanoseconds := func(seconds float64) int64 { return int64(seconds * 1e9) }
	l.reply.ollamaCounts = &ollamaCounts{
		Total: time.Since(l.started).Nanoseconds(), Prompt: d.Usage.PromptTokens, Answer: d.Usage.CompletionTokens,
		PromptTime: nanoseconds(d.Timings.Prefill + d.Timings.Image), AnswerLength: nanoseconds(d.Timings.Decode),
	}
}

func (l *ollamaLines) close() { l.out.line(l.reply) }

// signOfLife is a line without text: every line must be JSON.
func (l *ollamaLines) signOfLife() []byte {
	data, _ := marshal(l.line("")) // strings alone
	return append(data, '\n')
}

func (l *ollamaLines) fail(p *problem) { l.out.line(ollamaError(p)) }

// ollamaError is an error in Ollama's shape.
func ollamaError(p *problem) map[string]string { return map[string]string{"error": p.Message} }
