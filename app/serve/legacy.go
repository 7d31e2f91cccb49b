package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
	"unicode/utf8"

	"sirocco/app/openai"
	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// textCompletion is the reply to a plain continuation, or a piece of it.
type textCompletion struct {
	ID          string          `json:"id"`
	Object      string          `json:"object"`
	Created     int64           `json:"created"`
	Model       string          `json:"model"`
	Choices     []textChoice    `json:"choices"`
	Fingerprint string          `json:"system_fingerprint"`
	Usage       json.RawMessage `json:"usage,omitempty"`
}

type textChoice struct {
	Index        int           `json:"index"`
	Text         string        `json:"text"`
	Logprobs     *textLogprobs `json:"logprobs"`
	FinishReason *string       `json:"finish_reason"`
	StopReason   *string       `json:"stop_reason"`
}

// textLogprobs are log-probabilities in the form they had before chats: lists side
// by side. Offsets count characters from the choice's beginning.
type textLogprobs struct {
	Tokens   []string             `json:"tokens"`
	Logprobs []*float64           `json:"token_logprobs"` // null: nothing comes before
	Top      []map[string]float64 `json:"top_logprobs"`
	Offsets  []int                `json:"text_offset"`
}

// completions answers the legacy route: plain continuations of texts or tokens.
func (s *Server) completions(w http.ResponseWriter, r *http.Request) error {
	v, free, err := s.readObject(w, r)
	if err != nil {
		return err
	}
	defer free()
	asked, questions, err := s.continuations(r.Context(), v, s.guard.client(r))
	if err != nil {
		return err
	}
	t := &texts{requested: asked, special: s.o.Tokenizer.IsSpecial, reply: textCompletion{
		ID: "cmpl-" + randomName(), Object: "text_completion", Created: time.Now().Unix(), Model: s.o.Engine.About().Model.Name, Fingerprint: s.fingerprint(),
	}}
	if asked.Stream {
		return s.stream(w, r, questions, func(out *sseBuffer) streamWriter { t.usageWriter = usageWriter{out, &asked.Request}; return t })
	}
	if err := s.answers(r.Context(), questions, t); err != nil {
		return err
	}
	if t.reply.Usage, err = marshal(t.spent); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, t.reply)
}

// continuations are the prompts of a request, each a question of its own.
func (s *Server) continuations(ctx context.Context, v pyjson.Value, client string) (*openai.Completion, []*request, error) {
	asked, err := openai.CompletionFromValue(v)
	if err != nil {
		return nil, nil, err
	}
	questions, err := s.questionsOf(ctx, asked, client)
	return asked, questions, err
}

// questionsOf checks each prompt and makes it a question.
func (s *Server) questionsOf(ctx context.Context, asked *openai.Completion, client string) (questions []*request, err error) {
	if !asked.Given["seed"] {
		asked.Chat.Sampling.Seed = randomSeed()
	}
	for i := range asked.Prompts {
		ids := asked.Prompts[i].IDs
		if ids == nil {
			if ids, err = s.encode(ctx, asked.Prompts[i].Text, asked.Special, maxCounted); err != nil {
				return nil, err
			}
		} else if asked.Echo {
			asked.Prompts[i].Text = s.o.Tokenizer.Decode(ids)
		}
		q := &request{Request: asked.Question(ids), client: client}
		if err := s.check(ctx, q); err != nil {
			return nil, err
		}
		questions = append(questions, q)
	}
	return questions, nil
}

// texts makes a reply or, with an outbox, a stream of plain continuations.
type texts struct {
	usageWriter // without an outbox: one reply at the end
	requested   *openai.Completion
	special     func(int32) bool // tokens that make no text
	reply       textCompletion
	spent       usage

	choice textChoice // the answer being made, or a piece of it
	offset int        // of the next token, in characters
	unread bool       // the prompt's first token is still to come
}

func (t *texts) begin(answer int) {
	t.choice, t.offset = textChoice{Index: answer, Logprobs: t.noLogprobs()}, 0
	if t.requested.Echo {
		t.choice.Text = t.requested.Prompts[answer/t.requested.N].Text
	}
	if t.unread = t.requested.Chat.PromptLogprobs; !t.unread {
		t.offset = utf8.RuneCountInString(t.choice.Text)
	}
}

func (t *texts) noLogprobs() *textLogprobs {
	if !t.requested.Logprobs {
		return nil
	}
	return &textLogprobs{Tokens: []string{}, Logprobs: []*float64{}, Top: []map[string]float64{}, Offsets: []int{}}
}

// event adds text and tokens. A call, which a model may write without being asked
// for one, is text like any other here.
func (t *texts) event(e chat.Event) {
	if e.Kind == chat.KindPrefill {
		for i := range e.Prefill.Tokens {
			t.token(&e.Prefill.Tokens[i])
		}
	}
	switch e.Kind {
	case chat.KindToken:
		t.token(e.Token)
	case chat.KindText:
		t.emit(e.Text)
	case chat.KindCall:
		t.emit(e.Call.Name + e.Call.Arguments)
	}
}

func (t *texts) token(token *chat.Token) {
	l := t.choice.Logprobs
	if l == nil {
		return
	}
	l.Tokens = append(l.Tokens, token.Text)
	l.Offsets = append(l.Offsets, t.offset)
	if !t.special(token.ID) {
		t.offset += utf8.RuneCountInString(token.Text)
	}
	if t.unread {
		t.unread = false
		l.Logprobs, l.Top = append(l.Logprobs, nil), append(l.Top, nil)
		return
	}
	logprob := max(token.Logprob, impossible)
	l.Logprobs = append(l.Logprobs, &logprob)
	top := map[string]float64{}
	for _, c := range token.Top {
		top[c.Text] = max(c.Logprob, impossible)
	}
	l.Top = append(l.Top, top)
}

// emit adds text; a stream sends it with the tokens that made it.
func (t *texts) emit(text string) {
	t.choice.Text += text
	if t.out != nil && t.choice.Text != "" {
		t.send()
	}
}

func (t *texts) send() {
	t.reply.Choices, t.reply.Usage = []textChoice{t.choice}, t.usage(nil)
	t.out.event(t.reply)
	t.choice.Text, t.choice.Logprobs = "", t.noLogprobs()
}

func (t *texts) end(d *chat.Done) {
	reason, stop := finish(d)
	t.spent.add(d, t.choice.Index%t.requested.N == 0)
	if reason == chat.FinishToolCalls {
		reason = chat.FinishStop
	}
	t.choice.FinishReason, t.choice.StopReason = &reason, stop
	if t.out != nil {
		t.send()
		return
	}
	t.reply.Choices = append(t.reply.Choices, t.choice)
}

func (t *texts) close() {
	t.reply.Choices, t.reply.Usage = []textChoice{}, t.usage(&t.spent)
	t.finish(t.reply)
}
