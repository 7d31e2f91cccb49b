package sample

import (
	"cmp"
	"math"
	"slices"
)

// bias is added to the logit of one token.
type bias struct {
	id    int32
	value float32
}

func sortedBias(m map[int32]float64) []bias {
	var list []bias
	for id, v := range m {
		list = append(list, bias{id, float32(v)})
	}
	slices.SortFunc(list, func(a, b bias) int { return cmp.Compare(a.id, b.id) })
	return list
}

// edit applies mask, bias and penalties to a copy of the logits and says whether
// there was anything to apply.
func (s *Sampler) edit(history []int32, prompt int, mask []uint32) bool {
	if mask == nil && len(s.bias) == 0 && !s.counts.on {
		return false
	}
	copy(s.logits, s.raw)
	if mask != nil {
		forbid(s.logits, mask)
	}
	for _, b := range s.bias {
		s.logits[b.id] += b.value
	}
	if s.counts.on {
		s.counts.addAll(history, prompt)
		s.penalise()
	}
	return true
}

// forbid sets the logits of tokens without a bit to -Inf.
func forbid(logits []float32, mask []uint32) {
	never := float32(math.Inf(-1))
	for start := 0; start < len(logits); start += 32 {
		word := mask[start/32]
		if word == math.MaxUint32 {
			continue
		}
		group := logits[start:min(start+32, len(logits))]
		for i := range group {
			if word>>i&1 == 0 {
				group[i] = never
			}
		}
	}
}

// penalise makes tokens less likely that were there before.
func (s *Sampler) penalise() {
	for _, id := range s.counts.met {
		s.logits[id] = s.penalised(id, s.logits[id])
	}
}

// penalised is a token's logit less what its uses so far cost. The repetition
// penalty (Keskar et al., CTRL, 2019) divides positive logits and multiplies
// negative ones, for every token of prompt and answer. Frequency and presence
// penalties (OpenAI) subtract, per use and once, for tokens of the answer only.
// Which tokens count for what is vLLM's rule.
func (s *Sampler) penalised(id int32, logit float32) float32 {
	c, repeat := s.counts.of[id], float32(s.RepeatPenalty)
	if repeat != 0 && c.prompt+c.answer > 0 {
		if logit > 0 {
			logit /= repeat
		} else {
			logit *= repeat
		}
	}
	if c.answer > 0 {
		logit -= float32(s.FrequencyPenalty)*float32(c.answer) + float32(s.PresencePenalty)
	}
	return logit
}
