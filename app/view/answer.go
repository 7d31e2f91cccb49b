package view

import (
	"errors"
	"strings"
	"time"

	"sirocco/app/engine"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// Answer is an answer as it grows.
type Answer struct {
	State   State
	Text    string // Markdown, as far as it is there
	Blocks  Stream
	Calls   []Call
	Ask     *Ask          // a call that waits for a person's word, or nil
	Shown   []*chat.Image // pictures that tools returned
	Notices []string
	Trouble *Trouble
	Finish  string // chat's reason once it is over

	// Doing says what goes on before the first word, LocalServer how far (0..1, or -1
	// when that is not known).
	Doing string
	Share float64

	Model, Device string
	Miniature     bool
	Usage         chat.Usage
	Timings       chat.Timings
	Tokens        int
	FirstWord     time.Duration // after sending; 0: none yet
	Reused        bool          // a picture's rows were still there

	sent, first, last time.Time
	text              strings.Builder
	pictures          int // in the whole prompt
	encoded           int
	imageTiming       []imageTiming // pictures that went through the tower
	round, base       int           // of calls: the one that goes on, and the calls before it
}

// imageTiming is a picture and how long it took to look at.
type imageTiming struct {
	tokens  int
	seconds float64
}

// NewAnswer is an answer that was asked for at the given moment, with so many
// pictures in the prompt.
func NewAnswer(now time.Time, pictures int) *Answer {
	return &Answer{sent: now, pictures: pictures, Share: -1, Doing: i18n.T("Waiting for the engine…")}
}

// Apply takes one event of the engine.
func (a *Answer) Apply(e chat.Event, now time.Time) {
	switch e.Kind {
	case chat.KindLoad:
		a.load(e.Load)
	case chat.KindPrompt:
		a.State, a.encoded = Reading, 0
		a.pictures = len(e.Prompt.Images)
		a.reading()
	case chat.KindImage:
		a.State = Reading
		a.encoded++
		a.Reused = a.Reused || e.Image.Cached
		if !e.Image.Cached && e.Image.Grid.Tokens > 0 && e.Image.Seconds > 0 {
			a.imageTiming = append(a.imageTiming, imageTiming{e.Image.Grid.Tokens, e.Image.Seconds})
		}
		a.reading()
	case chat.KindPrefill:
		a.prefill(e.Prefill)
	case chat.KindToken:
		a.token(now)
	case chat.KindReason:
		a.State, a.Doing, a.Share = Reading, i18n.T("Thinking…"), -1 // no word of the answer yet
	case chat.KindText:
		a.State = Writing
		a.appendText(e.Text, now)
	case chat.KindCall:
		a.call(e.Call)
	case chat.KindNotice:
		a.Notices = append(a.Notices, e.Text)
	case chat.KindRound:
		a.begin(e.Round)
	case chat.KindApproval:
		a.approval(e.Approval)
	case chat.KindRun:
		a.running(e.Run)
	case chat.KindResult:
		a.result(e.Result)
	case chat.KindDone:
		a.done(e.Done)
	}
}

func (a *Answer) load(l *chat.Load) {
	a.Doing, a.Share = Loading(*l, time.Since(a.sent)), -1
	if l.Total > 0 {
		a.Share = float64(l.Done) / float64(l.Total)
	}
}

func (a *Answer) reading() {
	if a.encoded < a.pictures {
		a.Doing = i18n.T("Looking at picture %d of %d…", a.encoded+1, a.pictures)
		a.Share = float64(a.encoded) / float64(a.pictures)
		return
	}
	a.Doing, a.Share = i18n.T("Reading the question…"), -1
}

func (a *Answer) prefill(p *chat.Prefill) {
	a.State = Reading
	a.Doing = i18n.T("Reading %s of %s tokens…", Number(p.Done), Number(p.Total))
	if p.Total > 0 {
		a.Share = float64(p.Done) / float64(p.Total)
	}
}

func (a *Answer) token(now time.Time) {
	a.State = Writing
	if a.Tokens == 0 {
		a.first = now
		if a.FirstWord == 0 {
			a.FirstWord = now.Sub(a.sent)
		}
	}
	a.Tokens++
	a.last = now
}

func (a *Answer) appendText(text string, now time.Time) {
	a.State = Writing
	if a.FirstWord == 0 {
		a.FirstWord = now.Sub(a.sent)
	}
	a.add(text)
}

func (a *Answer) add(text string) {
	a.text.WriteString(text)
	a.Text = a.text.String()
	a.Blocks.Append(text)
}

func (a *Answer) done(d *chat.Done) {
	a.Finish, a.Usage, a.Timings = d.FinishReason, d.Usage, d.Timings
	a.Model, a.Device, a.Miniature = d.Model.Name, d.Device.Name, d.Model.Miniature
	a.Tokens = max(a.Tokens, d.Usage.CompletionTokens)
	if len(d.ToolCalls) == 0 { // else its calls are run now
		a.end()
	}
}

// Fail ends the answer with an error. What was said so far stays.
func (a *Answer) Fail(err error) {
	a.State = Failed
	a.Trouble = Explain(err)
	a.end()
}

// end closes the text. A stream that ends without a word from the engine was
// stopped.
func (a *Answer) end() {
	a.Blocks.End()
	a.Doing, a.Ask = "", nil
	switch {
	case a.State.Over():
	case a.Finish == "" || a.Finish == chat.FinishCancelled:
		a.State = Stopped
	default:
		a.State = Finished
	}
}

// Speed is words per second: tokens per second so far or over all.
func (a *Answer) Speed() float64 {
	if a.Timings.DecodePerSec > 0 {
		return a.Timings.DecodePerSec
	}
	if took := a.last.Sub(a.first).Seconds(); a.Tokens > 1 && took > 0.2 {
		return float64(a.Tokens-1) / took
	}
	return 0
}

// Cut tells whether the answer ended at its length limit or was stopped, so that
// it can be continued.
func (a *Answer) Cut() bool {
	return a.Text != "" && len(a.Calls) == 0 && (a.Finish == chat.FinishLength || a.State == Stopped || a.State == Failed)
}

// Summary is the quiet line under an answer: speed, time to the first word.
func (a *Answer) Summary() string {
	var parts []string
	if speed := a.Speed(); speed > 0 {
		parts = append(parts, i18n.T("%s tokens/s", Short(speed)))
	}
	if a.FirstWord > 0 {
		parts = append(parts, i18n.T("first word %s s", Short(a.FirstWord.Seconds())))
	}
	if a.Reused {
		parts = append(parts, i18n.T("picture reused"))
	}
	if note := a.ending(); note != "" {
		parts = append(parts, note)
	}
	return strings.Join(parts, " · ")
}

// Remarks are what was remarked on an answer and not on one before it: what is said
// of a picture is said with every question after it.
func (w *Window) Remarks(m *Message) (list []string) {
	if m.Answer == nil || len(m.Answer.Notices) == 0 {
		return nil
	}
	known := map[string]bool{}
	for _, before := range w.Messages {
		if before == m {
			break
		}
		if before.Answer != nil {
			for _, note := range before.Answer.Notices {
				known[note] = true
			}
		}
	}
	for _, note := range m.Answer.Notices {
		if !known[note] {
			list, known[note] = append(list, capital(note)), true
		}
	}
	return list
}

// ending says why an answer is over when that was not its natural end.
func (a *Answer) ending() string {
	switch {
	case a.State == Stopped:
		return i18n.T("stopped")
	case a.Finish == chat.FinishLength:
		return i18n.T("cut off: the context is full")
	case a.Finish == chat.FinishRepetition:
		return i18n.T("ended: it repeated itself")
	}
	return ""
}

// Explain turns an error into a sentence and its technical text.
func Explain(err error) *Trouble {
	var died *engine.Died
	if errors.As(err, &died) {
		return &Trouble{
			Sentence: i18n.T("The engine stopped in the middle of the answer. What was said is kept; ask again and it is started anew."),
			Details:  err.Error(),
		}
	}
	sentence := err.Error()
	return &Trouble{Sentence: capital(sentence), Details: sentence}
}

// capital begins a sentence with a capital letter.
func capital(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}
