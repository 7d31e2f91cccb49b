package model

import (
	"fmt"
	"math"
	"math/bits"
	"time"

	"sirocco/gpu"
	"sirocco/gpu/op"
	"sirocco/model/chat"
	"sirocco/model/sample"
	"sirocco/model/text"
)

// decodeAll generates until the model, a limit or the user ends it.
func (g *generation) decodeAll() error {
	started := time.Now()
	defer func() {
		seconds := time.Since(started).Seconds()
		g.done.Timings.Decode = seconds
		g.done.Timings.DecodePerSec = float64(len(g.done.Tokens)) / seconds
	}()
	for {
		var allowed []uint32
		if g.grammar.Mask(g.mask) {
			allowed = g.mask
		}
		chosen, err := g.nextToken(allowed)
		if err == nil {
			err = g.grammar.Accept(chosen.ID, g.tok.Bytes(chosen.ID))
		}
		if err != nil && g.cancelled(err) {
			return err
		}
		if err != nil {
			return fmt.Errorf("choosing token %d of the answer: %w", len(g.done.Tokens)+1, err)
		}
		if err := g.accept(chosen, allowed); err != nil {
			return err
		}
		if g.parser.Done() {
			return nil
		}
		if len(g.done.Tokens) == g.limit {
			return g.emitAll(g.parser.Finish(chat.FinishLength))
		}
		if err := g.ctx.Err(); err != nil {
			return err
		}
	}
}

// nextToken finds the token that follows the history. The first follows the prompt,
// whose logits are here; the others are chosen on the device, or by what the device
// tells of the logits nearest to the best.
func (g *generation) nextToken(allowed []uint32) (text.SampledToken, error) {
	switch {
	case len(g.done.Tokens) == 0:
		return g.sampleOnHost(allowed)
	case g.sampler.Plain() && g.request.Logprobs == 0:
		return g.sampleOnDevice(allowed)
	}
	return g.sampleFromTopK(allowed)
}

// sampleFromTopK chooses here without the row of logits, where that can be known to make
// no difference; else the row comes too. On a processor, where the row is in the
// host's memory as it is, having it all takes less time.
func (g *generation) sampleFromTopK(allowed []uint32) (text.SampledToken, error) {
	s := g.decode
	s.IDs, s.Sampling = append(g.reading[:0], g.history[len(g.history)-1]), text.SamplingParams{Seed: g.request.Sampling.Seed, Position: len(g.history)}
	asked := g.alwaysTopK || g.device.Info().Kind != gpu.Software
	if asked {
		g.topKRequest, asked = g.sampler.TopKRequest(g.history, len(g.prompt.IDs), allowed, g.request.Logprobs, op.MaxExtraIDs)
	}
	s.TopK, s.WantsLogits = nil, !asked
	if asked {
		s.TopK = &g.topKRequest
	}
	g.allowed = allowed
	if err := g.batcher.run(g.ctx, s); err != nil {
		return text.SampledToken{}, err
	}
	if s.WantsLogits || s.Fetched {
		return g.sampleOnHost(allowed)
	}
	return text.SampledToken{ID: g.sampled, Logprob: g.sampler.Logprob(g.sampled), Top: s.TopKResult.Top, TopLogprob: -math.Log(s.TopKResult.Sum)}, nil
}

// acceptTopK chooses by what the device told, if that can be done.
func (g *generation) acceptTopK(near *sample.TopKResult) (ok bool) {
	g.sampled, ok = g.sampler.NextFromTopK(near, len(g.history), g.allowed, g.request.Logprobs)
	return ok
}

// sampleOnHost chooses by the logits on the host.
func (g *generation) sampleOnHost(allowed []uint32) (text.SampledToken, error) {
	id, err := g.sampler.Next(g.decoder.Logits(), g.history, len(g.prompt.IDs), allowed)
	if err != nil {
		return text.SampledToken{}, err
	}
	top := g.sampler.Top(1)[0]
	return text.SampledToken{ID: id, Logprob: g.sampler.Logprob(id), Top: top.ID, TopLogprob: top.Logprob}, nil
}

// sampleOnDevice chooses on the device, and checks guesses of what follows in the
// same pass.
func (g *generation) sampleOnDevice(allowed []uint32) (text.SampledToken, error) {
	last := g.history[len(g.history)-1]
	if chosen, ok := g.speculated.after(last, allowed); ok {
		g.promptLookup.accept()
		return chosen, nil
	}
	g.decoder.Truncate(len(g.history) - 1) // wrong guesses go
	ids := append(g.reading[:0], last)
	if allowed == nil && g.shouldDraft() {
		room := min(g.decoder.Context()-len(g.history), g.limit-len(g.done.Tokens)-1)
		most, worth := g.maxDraft()
		g.promptLookup.minAccepted = worth
		ids = append(ids, g.promptLookup.draft(g.history, min(room, most))...)
	}
	g.decode.IDs, g.decode.Sampling = ids, text.SamplingParams{
		Seed: g.request.Sampling.Seed, Temperature: g.request.Sampling.Temperature, Position: len(g.history), Mask: allowed,
	}
	if err := g.batcher.run(g.ctx, g.decode); err != nil {
		return text.SampledToken{}, err
	}
	chosen := g.decode.Sampled
	g.speculated = speculated{ids[1:len(chosen)], chosen[1:]}
	return chosen[0], nil
}

// shouldDraft reports whether guessing is worth it: at higher temperatures answers
// rarely repeat what was said, and a processor has no arithmetic to spare beside
// others' tokens.
func (g *generation) shouldDraft() bool {
	if g.noSpeculation || g.request.Sampling.Temperature > 0.3 {
		return false
	}
	return g.device.Info().Kind != gpu.Software || !g.batcher.hasPeers(g.decode)
}

// maxDraft is how many tokens are guessed at once, and how many of them must be
// right. A processor is soon busy with arithmetic, and four tokens take it twice
// as long as one; a card still waits for the weights.
func (g *generation) maxDraft() (most, worth int) {
	if g.device.Info().Kind == gpu.Software {
		return 3, 2
	}
	return op.MaxBatch - 1, 1
}

// accept records one generated token and tells what it means. allowed is the mask
// it was chosen under, nil when there was none.
func (g *generation) accept(chosen text.SampledToken, allowed []uint32) error {
	g.history = append(g.history, chosen.ID)
	token := chat.Token{Candidate: g.candidate(chosen.ID, chosen.Logprob)}
	if g.request.Logprobs > 0 {
		for _, c := range g.sampler.Top(g.request.Logprobs) {
			token.Top = append(token.Top, g.candidate(c.ID, c.Logprob))
		}
	}
	g.explain(&token, chosen, allowed)
	g.done.Tokens = append(g.done.Tokens, token)
	if err := g.emit(chat.Event{Kind: chat.KindToken, Token: &g.done.Tokens[len(g.done.Tokens)-1]}); err != nil {
		return err
	}
	events := g.parser.Push(chosen.ID)
	if g.parser.Thinking() {
		g.done.Usage.ReasoningTokens++
	}
	return g.emitAll(events)
}

// explain notes what a mask forbade and whether the model wanted something else.
func (g *generation) explain(token *chat.Token, chosen text.SampledToken, allowed []uint32) {
	if allowed == nil {
		return
	}
	token.Forbidden = g.config.Text.Vocab
	for _, word := range allowed {
		token.Forbidden -= bits.OnesCount32(word)
	}
	if !has(allowed, chosen.Top) {
		wanted := g.candidate(chosen.Top, chosen.TopLogprob)
		token.Wanted = &wanted
	}
}

func (g *generation) candidate(id int32, logprob float64) chat.Candidate {
	return chat.Candidate{ID: id, Text: g.tok.Piece(id), Logprob: logprob}
}

func has(mask []uint32, id int32) bool { return mask[id>>5]&(1<<(id&31)) != 0 }
