package serve

import (
	"fmt"
	"io"
	"slices"
	"strconv"
)

// histogram counts values by upper bound.
type histogram struct {
	bounds []float64
	counts []int64 // one more than bounds: what is above them all
	sum    float64
}

func newHistogram(bounds []float64) histogram {
	return histogram{bounds: bounds, counts: make([]int64, len(bounds)+1)}
}

// counted is a histogram of counts that somebody else made, one for each bound; what
// lies beyond them is above them all.
func counted(bounds []float64, counts []int64, sum float64) histogram {
	h := newHistogram(bounds)
	for i, n := range counts {
		h.counts[min(i, len(bounds))] += n
	}
	h.sum = sum
	return h
}

func (h *histogram) add(value float64) {
	i, _ := slices.BinarySearch(h.bounds, value) // a bound belongs to its bucket
	h.counts[i]++
	h.sum += value
}

func (h *histogram) write(out io.Writer, name, help, labels string) {
	heading(out, name, "histogram", help)
	total := int64(0)
	for i, count := range h.counts {
		total += count
		bound := "+Inf"
		if i < len(h.bounds) {
			bound = strconv.FormatFloat(h.bounds[i], 'g', -1, 64)
		}
		fmt.Fprintf(out, "%s_bucket{%s,le=%q} %d\n", name, labels, bound, total)
	}
	fmt.Fprintf(out, "%s_sum{%s} %g\n%s_count{%s} %d\n", name, labels, h.sum, name, labels, total)
}
