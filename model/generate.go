package model

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"sirocco/gpu/op"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/imageproc"
	"sirocco/model/outputparser"
	"sirocco/model/sample"
	"sirocco/model/text"
	"sirocco/model/toolgrammar"
	"sirocco/model/vision"
)

// errStopped unwinds a generation whose listener went away.
var errStopped = errors.New("nobody listens any more")

// Generate answers one request: the prompt's tokens, each picture as it is
// encoded, prefill progress, every token, text as it becomes safe to show, and
// Done at the end. A cancelled ctx ends the answer with what was said so far
// and the reason "cancelled". Breaking out of the loop ends it too.
func (m *Model) Generate(ctx context.Context, request *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		m.mu.RLock()
		defer m.mu.RUnlock()
		g := &generation{Model: m, ctx: ctx, request: request, yield: yield}
		defer g.releaseSlot()
		if err := g.answer(); err != nil && !errors.Is(err, errStopped) {
			yield(chat.Event{}, err)
		}
	}
}

// generation is one answer being made.
type generation struct {
	*Model
	slot    *slot          // nil until there is one free
	decode  *decodeRequest // what is asked of the device for the slot
	decoder *text.Decoder  // the slot's, not the model's own
	ctx     context.Context
	request *chat.Request
	yield   func(chat.Event, error) bool

	prompt       *chattemplate.Prompt
	next         prefix // what the slot's cache will hold after the prompt
	using        []imageproc.Key
	notices      []string // about this request
	history      []int32  // prompt and answer
	limit        int      // tokens the answer may have
	grammar      *toolgrammar.Grammar
	mask         []uint32 // tokens it may use next, where the grammar says
	sampler      *sample.Sampler
	topKRequest  sample.TopKRequest // of the next row
	allowed      []uint32           // mask of the next row, nil without
	sampled      int32              // by what it told
	speculated   speculated
	reading      [op.MaxBatch]int32 // the token chosen last, and guesses
	promptLookup promptLookup
	parser       *outputparser.Parser
	done         chat.Done
}

// releaseSlot gives back what the answer held.
func (g *generation) releaseSlot() {
	g.grammar.Release()
	if g.slot == nil {
		return
	}
	g.batcher.leave(g.decode)
	g.deviceLock.Lock()
	for _, key := range g.using {
		g.pictures.done(key)
	}
	g.pictures.trim(picturesLimit)
	g.deviceLock.Unlock()
	g.slots.release(g.slot)
}

// acquireSlot waits for a slot.
func (g *generation) acquireSlot() error {
	if g.slot = g.slots.acquire(g.ctx.Done(), g.next); g.slot == nil {
		return g.ctx.Err()
	}
	g.decoder, g.decode = g.slot.text, newDecodeRequest(g.slot.text)
	g.decode.AcceptTopK = g.acceptTopK
	return nil
}

// answer is the whole road of a question.
func (g *generation) answer() error {
	if g.device == nil {
		return errors.New("the model has been closed")
	}
	if g.tok == nil {
		return errors.New("the model was opened without its vocabulary, so it can be measured but not asked")
	}
	if err := g.prepare(); err != nil {
		return err
	}
	err := g.acquireSlot()
	if err == nil {
		err = g.prefill()
	}
	if err == nil {
		err = g.decodeAll()
	}
	if err != nil && !g.cancelled(err) {
		return err
	}
	return g.finish(err)
}

// tooLong is the error about a prompt that does not fit.
func (g *generation) tooLong(tokens string) error {
	return &chat.RequestError{Param: "messages", Code: chat.CodeTooLong,
		Message: fmt.Sprintf("the prompt has %s tokens but the context holds %d; shorten it, %s, or give --ctx a larger number (this model knows %d)",
			tokens, g.Model.text.Context(), shortened(g.request), g.config.Text.MaxPositions)}
}

// shortened says how else a prompt gets shorter.
func shortened(r *chat.Request) string {
	if n := len(r.Tools); n > 20 {
		return fmt.Sprintf("offer fewer than its %d tools", n)
	}
	return "use smaller pictures"
}

// prepare turns the request into tokens and checks that it fits.
func (g *generation) prepare() (err error) {
	if g.vision == nil && g.request.HasPicture() {
		return &chat.RequestError{Param: "messages", Code: chat.CodeNoVision,
			Message: fmt.Sprintf("messages hold a picture, but %s is a text-only checkpoint; it cannot see", g.about.Model.Name)}
	}
	if g.prompt, err = chattemplate.BuildWithin(g.ctx, *g.request, g.tok, g.rule, g.Model.text.Context()); err != nil {
		var long *chattemplate.TooLongError
		if errors.As(err, &long) {
			return g.tooLong(fmt.Sprintf("more than %d", long.Max))
		}
		return err
	}
	g.next = prefixOf(g.prompt)
	grammar, notices, err := g.compiler.For(g.request)
	if err != nil {
		return err
	}
	g.grammar, g.notices = grammar, notices
	g.mask = make([]uint32, (g.config.Text.Vocab+31)/32)
	if g.sampler, err = sample.New(g.request.Sampling, g.config.Text.Vocab); err != nil {
		return err
	}
	g.parser = outputparser.New(g.tok, outputparser.Options{
		Stop:    g.request.Stop,
		NoGuard: g.request.NoGuard,
		// Turns of one conversation must not repeat each other's call ids.
		Seed: g.request.Sampling.Seed + uint64(len(g.prompt.IDs)),
	})
	room := g.Model.text.Context() - len(g.prompt.IDs)
	if room <= 0 {
		return g.tooLong(strconv.Itoa(len(g.prompt.IDs)))
	}
	g.limit = room
	if g.request.MaxTokens > 0 {
		g.limit = min(g.limit, g.request.MaxTokens)
	}
	g.history = append(make([]int32, 0, len(g.prompt.IDs)+g.limit), g.prompt.IDs...)
	g.done.Usage.PromptTokens = len(g.prompt.IDs)
	g.done.Tokens = make([]chat.Token, 0, min(g.limit, 1024))
	g.done.About = g.about
	g.done.Timings.Load = g.loaded.Seconds()
	if err := g.emit(chat.Event{Kind: chat.KindPrompt, Prompt: g.promptEvent()}); err != nil {
		return err
	}
	return g.remark()
}

// remark says what a person would want to know: what of the tools cannot be
// enforced, that a picture is shrunk, or that only its first frame is seen.
func (g *generation) remark() error {
	for _, notice := range g.notices {
		if err := g.emit(chat.Event{Kind: chat.KindNotice, Text: notice}); err != nil {
			return err
		}
	}
	for i, image := range g.prompt.Images {
		info, err := imageproc.Probe(image.Image.Data)
		if err != nil {
			return fmt.Errorf("reading picture %d: %w", i+1, err)
		}
		for _, note := range []string{info.Note, g.shrunk(i, info)} {
			if note == "" {
				continue
			}
			if err := g.emit(chat.Event{Kind: chat.KindNotice, Text: note}); err != nil {
				return err
			}
		}
	}
	return nil
}

// shrunk says how small a picture gets that is larger than the model sees.
func (g *generation) shrunk(i int, info imageproc.Info) string {
	if max(info.Width, info.Height) <= g.rule.MaxSize {
		return ""
	}
	seen := g.prompt.Images[i].Grid
	return fmt.Sprintf("picture %d has %d × %d pixels; this model sees it at %d × %d", i+1, info.Width, info.Height, seen.Width, seen.Height)
}

func (g *generation) promptEvent() *chat.Prompt {
	event := &chat.Prompt{IDs: g.prompt.IDs, Spans: g.prompt.Spans, Images: []chat.Grid{}}
	for _, image := range g.prompt.Images {
		event.Images = append(event.Images, grid(image.Grid))
	}
	return event
}

// prefill encodes the pictures and reads the part of the prompt that is not in the
// cache already.
func (g *generation) prefill() error {
	if err := g.restoreKV(); err != nil {
		return err
	}
	cached := g.reusePrefix(g.next)
	pictures, err := g.encodeImages(cached)
	if err != nil {
		return err
	}
	if g.request.PromptLogprobs {
		return g.score()
	}
	started := time.Now()
	total := len(g.prompt.IDs)
	for i := range pictures {
		pictures[i].Start -= cached
	}
	g.done.Usage.CachedTokens = cached
	before := 0
	g.deviceLock.Lock()
	err = g.decoder.Prefill(g.ctx, g.prompt.IDs[cached:], pictures, func(done int) error {
		g.deviceLock.Unlock() // others may come in between two chunks
		defer g.deviceLock.Lock()
		g.batcher.countPrefill(done - before)
		before = done
		return g.emit(chat.Event{Kind: chat.KindPrefill, Prefill: &chat.Prefill{Done: cached + done, Total: total, Cached: cached}})
	})
	g.deviceLock.Unlock()
	seconds := time.Since(started).Seconds()
	g.done.Timings.Prefill = seconds
	g.done.Timings.PrefillPerSec = float64(total-cached) / seconds
	return err
}

// reusePrefix drops from the cache what this prompt does not begin with and
// returns how many of its tokens remain. At least one token is always read, for
// its logits.
func (g *generation) reusePrefix(next prefix) int {
	shared := min(g.slot.cached.common(next), g.decoder.Len(), len(next.ids)-1)
	g.decoder.Truncate(shared)
	g.slot.cached = next
	return shared
}

// encodeImages runs the prompt's pictures through the tower, but for those that were read
// to their end with the first tokens, which are cached.
func (g *generation) encodeImages(first int) ([]text.Rows, error) {
	started := time.Now()
	var pictures []text.Rows
	for i, image := range g.prompt.Images {
		began, cached := time.Now(), true
		g.done.Usage.ImageTokens += image.Grid.Tokens()
		if image.Start+image.Grid.Tokens() > first {
			rows, known, err := g.rows(i)
			if err != nil {
				return nil, fmt.Errorf("reading picture %d: %w", i+1, err)
			}
			cached = known
			pictures = append(pictures, text.Rows{Tensor: rows.Tensor, At: places(image.Grid), Start: image.Start})
		}
		err := g.emit(chat.Event{Kind: chat.KindImage, Image: &chat.ImageEncoded{
			Index: i, Grid: grid(image.Grid), Cached: cached, Seconds: time.Since(began).Seconds(),
		}})
		if err != nil {
			return nil, err
		}
	}
	g.done.Timings.Image = time.Since(started).Seconds()
	return pictures, nil
}

// rows are those of picture i. They stay until the answer's end.
func (g *generation) rows(i int) (*vision.Rows, bool, error) {
	g.deviceLock.Lock()
	defer g.deviceLock.Unlock()
	key := g.next.pictures[i].key
	rows, cached, err := g.pictures.rows(g.ctx, key, g.prompt.Images[i].Image, g.encodePicture)
	if err == nil {
		g.pictures.use(key)
		g.using = append(g.using, key)
	}
	return rows, cached, err
}

// places says which token of a picture's block takes which row: the rows in
// order, with the ordinary embedding kept for the break after each grid row.
func places(g imageproc.Grid) []uint32 {
	at := make([]uint32, 0, g.Tokens())
	for row := range g.Rows {
		for column := range g.Columns {
			at = append(at, uint32(row*g.Columns+column))
		}
		at = append(at, op.NoRow)
	}
	return at
}

// emitAll hands on the events a parser made.
func (g *generation) emitAll(events []chat.Event) error {
	for _, e := range events {
		if err := g.emit(e); err != nil {
			return err
		}
	}
	return nil
}

// cancelled reports whether an error only says that the user stopped.
func (g *generation) cancelled(err error) bool {
	return g.ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
}

// finish sums up. cause is nil, or the cancel that ended the answer.
func (g *generation) finish(cause error) error {
	if cause != nil {
		if err := g.emitAll(g.parser.Finish(chat.FinishCancelled)); err != nil {
			return err
		}
	}
	g.done.Text, g.done.Reasoning = g.parser.Text(), g.parser.Reasoning()
	g.done.FinishReason, g.done.StopSequence = g.parser.Reason(), g.parser.StopSequence()
	g.done.ToolCalls = g.parser.Calls()
	if g.done.ToolCalls == nil {
		g.done.ToolCalls = []chat.ToolCall{}
	}
	g.done.Usage.CompletionTokens = len(g.done.Tokens)
	if g.slot != nil {
		g.decoder.Truncate(max(len(g.history)-1, 0)) // behind that are guesses
		g.slot.cached.ids = g.history[:min(len(g.history), g.decoder.Len())]
		if err := g.saveKV(); err != nil {
			return err
		}
	}
	return g.emit(chat.Event{Kind: chat.KindDone, Done: &g.done})
}

// emit hands an event to the listener.
func (g *generation) emit(e chat.Event) error {
	if !g.yield(e, nil) {
		return errStopped
	}
	return nil
}

func grid(g imageproc.Grid) chat.Grid {
	return chat.Grid{Width: g.Width, Height: g.Height, Rows: g.Rows, Columns: g.Columns, Tokens: g.Tokens()}
}
