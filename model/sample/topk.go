package sample

import (
	"cmp"
	"math"
	"slices"
)

// A row of logits need not come to the host to be chosen from. The device tells
// what is nearest to the best, the logits that bias and penalties change, and sums
// over all (kernel near); the rules are applied here, to the same numbers in the same
// order, so that the choice is the one of the whole row. Where it cannot be known to
// be, because top-p, min-p or top-k reach beyond what was listed, NextFromTopK says so,
// and the row is read after all.

// TopKRequest is what to have the device tell of the next row.
type TopKRequest struct {
	ExtraIDs        []int32  // the ids whose logits are changed here, ascending
	Mask            []uint32 // what the device may choose and list: all that is allowed but these ids; nil: all
	Temperature     float64  // of the draw on the device, 0: the greatest
	MassTemperature float64  // the temperature of [Near.Mass]
	IgnoreMask      bool     // the list is of the greatest logits of all, without regard to the mask
}

// TopKResult is what it tells.
type TopKResult struct {
	ID       int32 // what it chose, -1 where the mask allows nothing
	Logit    float32
	Top      int32 // the greatest of all
	TopLogit float32
	Sum      float64 // of e^(l - TopLogit), over all
	Best     float64 // from which the list goes down
	Floor    float64 // every logit above it that was to be listed is listed
	Mass     float64 // of e^((l - Best)/Flatness), over all that were to be listed, right to within slack
	TopK     []TokenLogit
	Extra    []float32 // logits of the ids asked for
}

// TokenLogit is an id with its logit. They are sorted by id.
type TokenLogit struct {
	ID    int32
	Logit float32
}

// FloorOf is the [Near.Floor] of a list of whole eighths below the best; 256 of them
// are everything.
func FloorOf(best float32, eighths int) float64 {
	if eighths > 255 {
		return math.Inf(-1)
	}
	return float64(best) - float64(eighths)/8*(1-1e-6) // the device rounds the distance
}

// slack bounds the relative error of sums made on a device in f32: exponentials there
// err by 3 + 2x units in the last place (WGSL), their arguments by as much again.
const slack = 2e-5

// TopKRequest prepares for [Sampler.NextFromTopK]. Arguments are those of Next, and how many
// alternatives Top will be asked for. It is false where only the whole row will do:
// more than most ids are changed, or filters, a mask and alternatives come together.
func (s *Sampler) TopKRequest(history []int32, prompt int, mask []uint32, alternatives, most int) (TopKRequest, bool) {
	s.changed(history, prompt)
	if len(s.extraIDs) > most || s.filters() && mask != nil && alternatives > 0 {
		return TopKRequest{}, false
	}
	ask := TopKRequest{ExtraIDs: s.extraIDs, Mask: s.spare(mask), MassTemperature: max(s.Temperature, greedy)}
	if !s.filters() {
		ask.IgnoreMask = true
		if s.Temperature >= greedy {
			ask.Temperature = s.Temperature
		}
	}
	return ask, true
}

// filters reports whether top-k, top-p or min-p decide.
func (s *Sampler) filters() bool { return s.Temperature >= greedy && !s.plain() }

// changed lists the ids that bias and penalties change.
func (s *Sampler) changed(history []int32, prompt int) {
	s.extraIDs = s.extraIDs[:0]
	for _, b := range s.bias {
		s.extraIDs = append(s.extraIDs, b.id)
	}
	if !s.counts.on {
		return
	}
	s.counts.addAll(history, prompt)
	for _, id := range s.counts.met {
		if c := s.counts.of[id]; c.prompt+c.answer > 0 && s.biasOf(id) == nil {
			s.extraIDs = append(s.extraIDs, id)
		}
	}
	slices.Sort(s.extraIDs)
}

func (s *Sampler) biasOf(id int32) *bias {
	i, ok := slices.BinarySearchFunc(s.bias, id, func(b bias, id int32) int { return cmp.Compare(b.id, id) })
	if !ok {
		return nil
	}
	return &s.bias[i]
}

// spare is the mask without the ids that are asked for.
func (s *Sampler) spare(mask []uint32) []uint32 {
	if len(s.extraIDs) == 0 {
		return mask
	}
	if s.others == nil {
		s.others = make([]uint32, (s.vocab+31)/32)
	}
	for i := range s.others {
		s.others[i] = math.MaxUint32
	}
	copy(s.others, mask)
	for _, id := range s.extraIDs {
		s.others[id>>5] &^= 1 << (id & 31)
	}
	return s.others
}

// edited is an id's logit with bias and penalties.
func (s *Sampler) edited(id int32, logit float32) float32 {
	if b := s.biasOf(id); b != nil {
		logit += b.value
	}
	if s.counts.on {
		logit = s.penalised(id, logit)
	}
	return logit
}

// NextFromTopK is Next by what the device told after an [Sampler.TopKRequest] with the same
// arguments. ok is false where that is not enough.
func (s *Sampler) NextFromTopK(n *TopKResult, position int, mask []uint32, alternatives int) (id int32, ok bool) {
	s.topK = n
	if alternatives > 0 && !s.knows(alternatives) {
		return 0, false
	}
	if s.filters() {
		return s.drawFromTopK(position, mask)
	}
	return s.gumbelArgmaxOfTopK(position, mask)
}

// gumbelArgmaxOfTopK is the better of the device's choice and what was changed here.
func (s *Sampler) gumbelArgmaxOfTopK(position int, mask []uint32) (choice int32, ok bool) {
	key, most := s.key(position), math.Inf(-1)
	try := func(id int32, logit float32) {
		noisy := float64(logit)
		if s.Temperature >= greedy {
			noisy = s.noisy(key, id, logit)
		}
		if noisy > most || noisy == most && id < choice {
			choice, most, ok = id, noisy, true
		}
	}
	if s.topK.ID >= 0 {
		try(s.topK.ID, s.topK.Logit)
	}
	for i, id := range s.extraIDs {
		if allowed(mask, id) {
			try(id, s.edited(id, s.topK.Extra[i]))
		}
	}
	return choice, ok
}

func allowed(mask []uint32, id int32) bool {
	return mask == nil || mask[id>>5]>>(id&31)&1 == 1
}

// drawFromTopK is draw where the logits that are not listed cannot matter.
func (s *Sampler) drawFromTopK(position int, mask []uint32) (int32, bool) {
	s.gather(mask)
	if len(s.ids) == 0 {
		return 0, false
	}
	b, n := &s.buckets, s.topK
	b.logits, b.ids, b.temperature = s.logits[:len(s.ids)], s.ids, s.Temperature
	if b.best = float64(slices.Max(b.logits)); b.best-b.best != 0 { // changed beyond all numbers
		return 0, false
	}
	known := b.fill(s.MinP) < b.best-n.Floor // all that is left is listed
	if s.TopK > 0 && s.TopK < s.vocab {
		b.keepCount(s.TopK)
		known = known || b.cut && b.lowest() > n.Floor
		if !known {
			return 0, false
		}
	}
	if s.TopP > 0 && s.TopP < 1 {
		if known {
			b.keepMass(s.TopP)
		} else if s.MinP == 0 { // else nothing tells how much mass min-p leaves
			known = s.keepMassOfTopK() && b.lowest() > n.Floor
		}
	}
	if !known {
		return 0, false
	}
	return b.pick(uniform(s.Seed, position)), true
}

// gather puts what may be chosen, changed or listed, in the order of ids.
func (s *Sampler) gather(mask []uint32) {
	s.ids = s.ids[:0]
	put := func(id int32, logit float32) {
		s.logits[len(s.ids)] = logit
		s.ids = append(s.ids, id)
	}
	next := 0
	for _, l := range s.topK.TopK {
		for ; next < len(s.extraIDs) && s.extraIDs[next] < l.ID; next++ {
			s.putChanged(next, mask, put)
		}
		put(l.ID, l.Logit)
	}
	for ; next < len(s.extraIDs); next++ {
		s.putChanged(next, mask, put)
	}
}

func (s *Sampler) putChanged(i int, mask []uint32, put func(int32, float32)) {
	if id := s.extraIDs[i]; allowed(mask, id) {
		put(id, s.edited(id, s.topK.Extra[i]))
	}
}

// keepMassOfTopK is keepMass where the whole mass is only known to within slack: it
// fails where that decides.
func (s *Sampler) keepMassOfTopK() bool {
	b, n := &s.buckets, s.topK
	spared := n.Mass * math.Exp((n.Best-b.best)/b.temperature)
	total := spared
	for _, id := range s.extraIDs {
		if at, ok := slices.BinarySearch(s.ids, id); ok {
			total += math.Exp((float64(b.logits[at]) - b.best) / b.temperature)
		}
	}
	low, high := s.TopP*(total-slack*spared), s.TopP*(total+slack*spared)
	at, before := b.reach(high)
	if least, _ := b.reach(low); at < 0 || least != at {
		return false
	}
	b.open(at)
	kept := b.within(before, high)
	if b.within(before, low) != kept {
		return false
	}
	b.close(kept)
	return true
}

// lowest is the least logit of those kept, when the last bucket is open.
func (b *buckets) lowest() float64 {
	if len(b.edge) == 0 {
		return math.Inf(-1)
	}
	return float64(b.edge[len(b.edge)-1].logit)
}

// logit is what the device told of an id.
func (n *TopKResult) logit(id int32, asked []int32) float32 {
	if i, ok := slices.BinarySearch(asked, id); ok {
		return n.Extra[i]
	}
	if i, ok := slices.BinarySearchFunc(n.TopK, id, func(l TokenLogit, id int32) int { return cmp.Compare(l.ID, id) }); ok {
		return n.TopK[i].Logit
	}
	return n.Logit
}

func (n *TopKResult) logprob(logit float32) float64 {
	return float64(logit) - float64(n.TopLogit) - math.Log(n.Sum)
}

// knows reports whether the greatest of all logits are known, so many of them.
func (s *Sampler) knows(alternatives int) bool {
	above := 0
	for _, c := range s.unmaskedTopK() {
		if c.Logprob > s.topK.Floor {
			above++
		}
	}
	return above >= min(alternatives, s.vocab)
}

// unmaskedTopK are the logits that are known, as they came.
func (s *Sampler) unmaskedTopK() []Candidate {
	s.top = s.top[:0]
	for _, l := range s.topK.TopK {
		if _, twice := slices.BinarySearch(s.extraIDs, l.ID); !twice {
			s.top = append(s.top, Candidate{l.ID, float64(l.Logit)})
		}
	}
	for i, id := range s.extraIDs {
		s.top = append(s.top, Candidate{id, float64(s.topK.Extra[i])})
	}
	return s.top
}

// alternativesFromTopK is Top of what is known.
func (s *Sampler) alternativesFromTopK(n int) []Candidate {
	slices.SortFunc(s.unmaskedTopK(), better)
	s.top = s.top[:min(n, len(s.top))]
	for i := range s.top {
		s.top[i].Logprob = s.topK.logprob(float32(s.top[i].Logprob))
	}
	return s.top
}
