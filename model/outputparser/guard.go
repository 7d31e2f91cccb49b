package outputparser

// guard notices an answer that goes round in circles: at least 256 tokens that
// repeat what stands one period before them, and at least three rounds in all. A
// text quoted once more, however long, is no circle. Any period is found: 256
// tokens in a row have a rolling hash, every 64th of which is remembered, and
// meeting one again gives a period to be checked token by token.
type guard struct {
	ids  []int32
	hash uint64           // of the last guardWindow ids
	at   map[uint64]int32 // hash → how many ids there were
}

const (
	guardWindow = 256
	guardStride = 64
	guardBase   = 0x9e3779b97f4a7c15 // odd, so that no id's share of the hash is lost
)

// guardOldest is guardBase to the power of guardWindow: the weight with which an
// id leaves the window.
var guardOldest = func() uint64 {
	power := uint64(1)
	for range guardWindow {
		power *= guardBase
	}
	return power
}()

func newGuard() *guard {
	return &guard{ids: make([]int32, 0, 1024), at: make(map[uint64]int32)}
}

// push takes the next id and reports whether the circle is closed.
func (g *guard) push(id int32) bool {
	g.ids = append(g.ids, id)
	n := len(g.ids)
	g.hash = g.hash*guardBase + weight(id)
	if n > guardWindow {
		g.hash -= guardOldest * weight(g.ids[n-1-guardWindow])
	}
	if n < guardWindow {
		return false
	}
	before, met := g.at[g.hash]
	if n%guardStride == 0 {
		g.at[g.hash] = int32(n)
	}
	return met && g.repeats(n-int(before))
}

// repeats checks the last ids against those one period earlier.
func (g *guard) repeats(period int) bool {
	need := max(guardWindow, 2*period)
	n := len(g.ids)
	if need+period > n {
		return false
	}
	for i := n - 1; i >= n-need; i-- {
		if g.ids[i] != g.ids[i-period] {
			return false
		}
	}
	return true
}

// weight spreads an id over the hash; neighbouring ids must not cancel out.
func weight(id int32) uint64 {
	x := uint64(uint32(id)) + 1
	x *= 0xbf58476d1ce4e5b9
	return x ^ x>>32
}
