package view

import (
	"time"

	"sirocco/app/crash"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/imageproc"
	"sirocco/model/tokenizer"
)

// ContextMeter is how full the context is.
type ContextMeter struct {
	Used, Total int // tokens: of the conversation with what is about to be asked
	Question    int // tokens of what is about to be asked
	Known       bool
}

// LocalServer is how full the context is, 0..1.
func (g ContextMeter) Share() float64 {
	if g.Total <= 0 {
		return 0
	}
	return min(1, float64(g.Used)/float64(g.Total))
}

// answerRoom is the least that an answer needs of the context.
const answerRoom = 256

// Fits tells whether the question and an answer have room.
func (g ContextMeter) Fits() bool {
	return !g.Known || g.Total == 0 || g.Used+min(answerRoom, g.Total/8) <= g.Total
}

// Text is the context meter's line.
func (g ContextMeter) Text() string {
	if !g.Known || g.Total == 0 {
		return ""
	}
	text := i18n.T("context %s of %s", Number(g.Used), Number(g.Total))
	if g.Question > 0 {
		text += " · " + i18n.T("this question %s tokens", Number(g.Question))
	}
	return text
}

// budgeter counts in the background, the newest request only.
type budgeter struct {
	tokenizer   *tokenizer.Tokenizer
	rule        imageproc.Rule
	queue       *UIQueue
	done        func(ContextMeter)
	pendingText int
}

// countTimeout is how long typing must rest before tokens are counted.
const countTimeout = 150 * time.Millisecond

// measure counts a conversation and the question after it.
func (b *budgeter) measure(request chat.Request, question chat.Message, total int) {
	b.pendingText++
	mine, tok, rule := b.pendingText, b.tokenizer, b.rule
	if tok == nil {
		return
	}
	time.AfterFunc(countTimeout, func() {
		b.queue.Post(func() {
			if mine != b.pendingText {
				return
			}
			crash.Go(func() {
				g := meter(request, question, tok, rule)
				g.Total = total
				b.queue.Post(func() {
					if mine == b.pendingText {
						b.done(g)
					}
				})
			})
		})
	})
}

// meter counts exactly, with the model's own template.
func meter(request chat.Request, question chat.Message, tok *tokenizer.Tokenizer, rule imageproc.Rule) ContextMeter {
	before := promptTokens(request, tok, rule)
	parts := question.Parts
	if n := len(parts); n > 0 && parts[n-1].Image == nil && parts[n-1].Text == "" {
		question.Parts = parts[:n-1]
	}
	if len(question.Parts) == 0 {
		return ContextMeter{Used: before, Known: true}
	}
	request.Messages = append(request.Messages[:len(request.Messages):len(request.Messages)], question)
	after := promptTokens(request, tok, rule)
	if before == 0 { // a system prompt alone is no request
		return ContextMeter{Used: after, Question: after, Known: after > 0}
	}
	return ContextMeter{Used: after, Question: after - before, Known: after > 0}
}

// promptTokens is 0 for what the template refuses: a system prompt alone.
func promptTokens(request chat.Request, tok *tokenizer.Tokenizer, rule imageproc.Rule) int {
	if n := len(request.Messages); n > 0 {
		request.ContinueFinal = request.Messages[n-1].Role == chat.Assistant
	}
	p, err := chattemplate.Build(request, tok, rule)
	if err != nil {
		return 0
	}
	return len(p.IDs)
}

// count is the number of tokens of a text by itself.
func (b *budgeter) count(text string) int {
	if b.tokenizer == nil {
		return len(text) / 4
	}
	return len(b.tokenizer.Encode(text))
}
