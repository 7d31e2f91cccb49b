package sample

import "math"

// With temperature alone a token is drawn by the Gumbel-max trick: the greatest of
// logit + temperature · noise has the distribution of the softmax, exactly, and
// needs no sum over the vocabulary. The device does the same (kernel choose), with
// the same noise, so that it does not matter who draws.

// plain reports whether nothing but the temperature decides.
func (s *Sampler) plain() bool {
	return s.MinP == 0 && (s.TopK <= 0 || s.TopK >= s.vocab) && (s.TopP == 0 || s.TopP == 1)
}

// Plain reports whether the device can choose: temperature and a mask are all
// there is, and nobody asks for alternatives.
func (s *Sampler) Plain() bool {
	return s.plain() && len(s.bias) == 0 && !s.counts.on
}

// maxGumbel is the greatest noise there is, and a little.
const maxGumbel = 23

// gumbelArgmax is the id that the noise of a position prefers.
func (s *Sampler) gumbelArgmax(logits []float32, best float32, position int) int32 {
	key := s.key(position)
	choice, most := int32(0), math.Inf(-1)
	for id, l := range logits {
		if float64(l)+maxGumbel*s.Temperature < max(most, float64(best)-maxGumbel*s.Temperature) {
			continue
		}
		if noisy := s.noisy(key, int32(id), l); noisy > most {
			choice, most = int32(id), noisy
		}
	}
	return choice
}

// key is what a position's noise is a function of, besides the id.
func (s *Sampler) key(position int) uint32 {
	return hash(hash(hash(uint32(s.Seed>>32))^uint32(s.Seed)) ^ uint32(position))
}

// noisy is a logit with its noise.
func (s *Sampler) noisy(key uint32, id int32, logit float32) float64 {
	return float64(logit) + s.Temperature*gumbel(hash(key^uint32(id)))
}

func gumbel(random uint32) float64 {
	v := min((float64(random)+0.5)/(1<<32), 0.99999994) // the device's last float below 1
	return -math.Log(-math.Log1p(-v))
}

// hash is PCG's output permutation (O'Neill, 2014).
func hash(v uint32) uint32 {
	state := v*747796405 + 2891336453
	word := (state>>(state>>28+4) ^ state) * 277803737
	return word>>22 ^ word
}
