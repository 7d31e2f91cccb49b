package model

import (
	"time"

	"sirocco/gpu/op"
	"sirocco/model/chat"
)

// score reads a prompt of words alone from its beginning and tells, with the
// progress, how likely each of its tokens was. Nothing comes before the first, so
// its log-probability is 0 and it has no alternatives.
func (g *generation) score() error {
	if len(g.prompt.Images) > 0 {
		return &chat.RequestError{Param: "messages", Message: "messages hold a picture, whose tokens have no log-probabilities; ask for those of a prompt without one"}
	}
	started := time.Now()
	ids := g.prompt.IDs
	g.decoder.Truncate(0)
	g.slot.cached = g.next
	tokens := []chat.Token{{Candidate: g.candidate(ids[0], 0)}}
	for done := 0; done < len(ids); {
		n := min(op.MaxBatch, len(ids)-done)
		g.deviceLock.Lock()
		err := g.decoder.Score(g.ctx, ids[done:done+n], func(i int, logits []float32) error {
			if done+i+1 == len(ids) {
				return nil
			}
			token, err := g.scored(ids[done+i+1], logits)
			tokens = append(tokens, token)
			return err
		})
		g.deviceLock.Unlock()
		if err != nil {
			return err
		}
		g.batcher.countPrefill(n)
		done += n
		told := tokens[:min(len(tokens), n)] // of the tokens read, the last of which is behind all those scored
		if err := g.emit(chat.Event{Kind: chat.KindPrefill, Prefill: &chat.Prefill{Done: done, Total: len(ids), Tokens: told}}); err != nil {
			return err
		}
		tokens = append([]chat.Token{}, tokens[len(told):]...)
	}
	seconds := time.Since(started).Seconds()
	g.done.Timings.Prefill, g.done.Timings.PrefillPerSec = seconds, float64(len(ids))/seconds
	return nil
}

// scored is a token of the prompt under the logits before it.
func (g *generation) scored(id int32, logits []float32) (chat.Token, error) {
	if err := g.sampler.Read(logits); err != nil {
		return chat.Token{}, err
	}
	token := chat.Token{Candidate: g.candidate(id, g.sampler.Logprob(id))}
	for _, c := range g.sampler.Top(g.request.Logprobs) {
		token.Top = append(token.Top, g.candidate(c.ID, c.Logprob))
	}
	return token, nil
}
