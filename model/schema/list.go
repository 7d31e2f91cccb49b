package schema

// counters is how far an array has come: its items, and how many of them served each counter, both only as far as they matter.
type counters struct {
	n    int32
	hits [maxServed]int16
}

// position is the entry of items that speaks of the next item.
func (l *list) position(t counters) int { return min(int(t.n), len(l.items)-1) }

// acquire counts one more item that serves the given counters; ok is false where that is one too many.
func (l *list) acquire(t counters, serve uint8) (out counters, ok bool) {
	if int(t.n) >= l.max {
		return t, false
	}
	t.n++
	if l.max == unlimited {
		t.n = min(t.n, int32(max(l.min, len(l.items)-1)))
	}
	for k, x := range l.counts {
		if serve>>k&1 == 0 {
			continue
		}
		t.hits[k]++
		if int(t.hits[k]) > x.max {
			return t, false
		}
		if x.max == unlimited {
			t.hits[k] = min(t.hits[k], int16(x.min))
		}
	}
	return t, true
}

// mayClose says whether the array may end here.
func (l *list) mayClose(t counters) bool {
	if int(t.n) < l.min {
		return false
	}
	for k, x := range l.counts {
		if int(t.hits[k]) < x.min {
			return false
		}
	}
	return true
}

// feasible says whether the array can still be completed; memo holds what is known, false for what is being looked at.
func (l *list) feasible(t counters, memo map[counters]bool) bool {
	if known, ok := memo[t]; ok {
		return known
	}
	if l.mayClose(t) {
		return true
	}
	if len(l.counts) == 0 {
		for i := int(t.n); i < l.min; i++ {
			if cheapest(l.items[min(i, len(l.items)-1)]) >= impossible {
				return false
			}
			if i >= len(l.items) {
				break
			}
		}
		return l.min <= l.max
	}
	memo[t] = false
	for _, o := range l.items[l.position(t)] {
		if o.value.cost >= impossible {
			continue
		}
		if next, ok := l.acquire(t, o.serve); ok && l.feasible(next, memo) {
			memo[t] = true
			return true
		}
	}
	return false
}
