package ref

import "math"

// TopK: the ids of the logits at most so many whole eighths below best that there are most of them, how many eighths, and the sum of
// e^((l - best)/temperature); of those whose bit is set, nil: all
func TopK(logits []float32, mask []uint32, best, temperature float32, most int) (ids []uint32, eighths int, sum float64) {
	at := make([][]uint32, 256)
	for i, l := range logits {
		if mask == nil || mask[i/32]>>(i%32)&1 == 1 {
			d := int(min(max((best-l)*8, 0), 255))
			at[d] = append(at[d], uint32(i))
			sum += math.Exp(float64(l-best) / float64(temperature))
		}
	}
	for ; eighths < 256 && len(ids)+len(at[eighths]) <= most; eighths++ {
		ids = append(ids, at[eighths]...)
	}
	return ids, eighths, sum
}
