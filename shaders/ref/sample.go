package ref

import "math"

// Sampled is what is chosen of a row of logits, and what its log-probability needs: Logit - Top - ln Sum.
type Sampled struct {
	ID, TopID  uint32
	Logit, Top float32
	Sum        float64
}

// Sample: the greatest logit + temperature · Gumbel noise of (seed, position, id) among those whose bit is set; nil allows all
func Sample(logits []float32, mask []uint32, seed uint64, position uint32, temperature float32) Sampled {
	best, c := math.Inf(-1), Sampled{ID: math.MaxUint32}
	key := mix(mix(mix(uint32(seed>>32))^uint32(seed)) ^ position)
	for i, l := range logits {
		if l > logits[c.TopID] {
			c.TopID = uint32(i)
		}
		noisy := float64(l) + float64(temperature)*gumbel(mix(key^uint32(i)))
		if (mask == nil || mask[i/32]>>(i%32)&1 == 1) && noisy > best {
			best, c.ID, c.Logit = noisy, uint32(i), l
		}
	}
	c.Top = logits[c.TopID]
	for _, l := range logits {
		c.Sum += math.Exp(float64(l) - float64(c.Top))
	}
	return c
}

func mix(v uint32) uint32 {
	state := v*747796405 + 2891336453
	word := (state>>(state>>28+4) ^ state) * 277803737
	return word>>22 ^ word
}

func gumbel(random uint32) float64 {
	v := min((float64(random)+0.5)/(1<<32), 0.99999994)
	return -math.Log(-math.Log1p(-v))
}
