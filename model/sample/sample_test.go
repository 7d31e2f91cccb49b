package sample

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sirocco/model/chat"
)

func sampler(t testing.TB, s chat.Sampling, vocab int) *Sampler {
	t.Helper()
	out, err := New(s, vocab)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func next(t testing.TB, s *Sampler, logits []float32, history []int32, prompt int, mask []uint32) int32 {
	t.Helper()
	id, err := s.Next(logits, history, prompt, mask)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestGreedyTakesTheFirstOfTheLargest(t *testing.T) {
	if got := next(t, sampler(t, chat.Sampling{}, 5), []float32{-1, 3, 2, 3, 3}, nil, 0, nil); got != 1 {
		t.Errorf("token %d, want 1", got)
	}
}

// Draws follow the distribution that the book gives: chi-square, with rare tokens
// taken together, stays below its mean by no more than four standard deviations.
func TestDrawsFollowTheDistribution(t *testing.T) {
	const draws = 40000
	logits := logitsLike(400, 7)
	for name, s := range map[string]chat.Sampling{
		"temperature 1.5": {Temperature: 1.5},
		"temperature 0.3": {Temperature: 0.3},
		"top-p":           {Temperature: 1.5, TopP: 0.8},
		"top-k":           {Temperature: 2, TopK: 17},
		"min-p":           {Temperature: 1.5, MinP: 0.02},
		"all three":       {Temperature: 2, MinP: 0.001, TopK: 60, TopP: 0.9},
	} {
		want := naive(s, logits)
		got := make([]float64, len(want))
		drawer := sampler(t, s, len(logits))
		history := make([]int32, draws)
		for i := range draws {
			drawer.Seed = uint64(i % 4)
			got[next(t, drawer, logits, history[:i], 0, nil)]++
		}
		chi, bins, rareGot, rareWant := 0.0, 0, 0.0, 0.0
		for id, p := range want {
			if p == 0 && got[id] > 0 {
				t.Errorf("%s: token %d was drawn %.0f times but should be filtered out", name, id, got[id])
			}
			if expected := p * draws; expected >= 5 {
				chi += (got[id] - expected) * (got[id] - expected) / expected
				bins++
			} else {
				rareGot, rareWant = rareGot+got[id], rareWant+expected
			}
		}
		if rareWant > 5 {
			chi += (rareGot - rareWant) * (rareGot - rareWant) / rareWant
			bins++
		}
		freedom := float64(bins - 1)
		if limit := freedom + 4*math.Sqrt(2*freedom); chi > limit {
			t.Errorf("%s: chi-square %.1f over %d bins, want less than %.1f", name, chi, bins, limit)
		}
	}
}

// What the buckets keep is what sorting everything keeps, ties and all.
func TestFiltersKeepWhatTheBookKeeps(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for trial := range 2000 {
		s := chat.Sampling{Temperature: math.Exp(r.NormFloat64())}
		if r.IntN(2) == 0 {
			s.TopK = 1 + r.IntN(80)
		}
		if r.IntN(2) == 0 {
			s.TopP = r.Float64()
		}
		if r.IntN(2) == 0 {
			s.MinP = r.Float64() * r.Float64()
		}
		logits := make([]float32, 64)
		grain := []float64{1e-3, 0.25, 2, 40}[r.IntN(4)]
		for i := range logits {
			logits[i] = float32(math.Round(r.NormFloat64()*3/grain) * grain)
		}
		drawer := sampler(t, s, len(logits))
		want := naive(s, logits)
		for i := range 40 { // evenly over u, both ends included
			drawer.accept(logits)
			got := drawer.draw(logits, logits[drawer.best], float64(i)/39*(1-1e-16))
			if want[got] == 0 {
				t.Fatalf("trial %d, %+v: drew %d, which is filtered out", trial, s, got)
			}
		}
		for id, p := range want {
			if p > 1e-12 && !kept(&drawer.buckets, int32(id)) {
				t.Fatalf("trial %d, %+v: token %d of probability %g is lost", trial, s, id, p)
			}
		}
	}
}

func kept(b *buckets, id int32) bool {
	at := int(b.of[id])
	if b.cut && at == b.last {
		return slices.ContainsFunc(b.edge, func(e entry) bool { return e.id == id })
	}
	return at <= b.last
}

// A flat distribution puts the whole vocabulary into one bucket.
func TestEqualLogits(t *testing.T) {
	s := sampler(t, chat.Sampling{Temperature: 1, TopP: 0.5}, 1000)
	seen := map[int32]bool{}
	for i := range 3000 {
		seen[next(t, s, make([]float32, 1000), make([]int32, i), 0, nil)] = true
	}
	if len(seen) < 450 || seen[500] || seen[999] {
		t.Errorf("half of a flat distribution drew %d tokens, 500: %v", len(seen), seen[500])
	}
}

// The number depends on seed and position and on nothing else.
func TestRandomNumbers(t *testing.T) {
	logits := logitsLike(300, 1)
	history := make([]int32, 64)
	text := func(seed uint64) (ids []int32) {
		s := sampler(t, chat.Sampling{Temperature: 2, Seed: seed}, 300)
		for i := range history {
			ids = append(ids, next(t, s, logits, history[:i], 0, nil))
		}
		return ids
	}
	first := text(5)
	if !slices.Equal(first, text(5)) || slices.Equal(first, text(6)) {
		t.Error("the seed does not decide the text")
	}
	alone := sampler(t, chat.Sampling{Temperature: 2, Seed: 5}, 300)
	if got := next(t, alone, logits, history[:40], 0, nil); got != first[40] {
		t.Errorf("position 40 alone draws %d, in its row %d", got, first[40])
	}
	total, squares, neighbours := 0.0, 0.0, 0.0
	const n = 100000
	for i := range n {
		u := uniform(9, i) - 0.5
		total, squares, neighbours = total+u, squares+u*u, neighbours+u*(uniform(9, i+1)-0.5)
	}
	if math.Abs(total/n) > 0.004 || math.Abs(squares/n-1./12) > 0.002 || math.Abs(neighbours/n) > 0.002 {
		t.Errorf("not uniform: mean %g, variance %g, of neighbours %g", total/n, squares/n, neighbours/n)
	}
}

func TestLogprobsAreThoseOfTheRawLogits(t *testing.T) {
	logits := logitsLike(5000, 2)
	s := sampler(t, chat.Sampling{Temperature: 0.2, TopK: 3, RepeatPenalty: 1.5, LogitBias: map[int32]float64{7: 50}}, 5000)
	if got := next(t, s, logits, []int32{1, 2, 3}, 1, nil); got != 7 {
		t.Errorf("drew %d in spite of the bias", got)
	}
	want := naive(chat.Sampling{Temperature: 1}, logits)
	for id, p := range want {
		if d := math.Abs(s.Logprob(int32(id)) - math.Log(p)); d > 1e-11 {
			t.Fatalf("token %d: log-probability is off by %g", id, d)
		}
	}
}

func TestTopIsSortedByLogitThenID(t *testing.T) {
	s := sampler(t, chat.Sampling{}, 8)
	next(t, s, []float32{1, 5, 2, 5, 9, 2, 2, -3}, nil, 0, nil)
	var ids []int32
	for _, c := range s.Top(6) {
		ids = append(ids, c.ID)
	}
	if want := []int32{4, 1, 3, 2, 5, 6}; !slices.Equal(ids, want) {
		t.Errorf("%v, want %v", ids, want)
	}
	if s.Top(0) != nil || len(s.Top(100)) != 8 {
		t.Error("none asked for, or more than there are")
	}
	logits := logitsLike(3000, 4)
	big := sampler(t, chat.Sampling{}, 3000)
	next(t, big, logits, nil, 0, nil)
	top := slices.Clone(big.Top(200))
	slices.SortFunc(logits, func(a, b float32) int { return int(math.Copysign(1, float64(b-a))) })
	for i, c := range top {
		if big.raw[i] != logits[i] || i > 0 && c.Logprob > top[i-1].Logprob {
			t.Fatalf("candidate %d of 200 is %+v", i, c)
		}
	}
}

func TestPenaltiesAndBias(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	s := chat.Sampling{RepeatPenalty: 1.3, PresencePenalty: 0.5, FrequencyPenalty: -0.25, LogitBias: map[int32]float64{2: -4, 9: 3}}
	running := sampler(t, s, 20)
	var history []int32
	for step := range 300 {
		if step%50 == 49 { // taken back, as after a rejected guess
			history = history[:len(history)/2]
		}
		history = append(history, int32(r.IntN(25)-2)) // some ids the vocabulary lacks
		prompt := min(4, len(history))
		logits := logitsLike(20, uint64(step))
		next(t, running, logits, history, prompt, nil)
		if want := naiveEdit(s, logits, history, prompt); !slices.Equal(running.logits, want) {
			t.Fatalf("step %d, history %v:\n%v, want\n%v", step, history, running.logits, want)
		}
	}
}

func TestMask(t *testing.T) {
	logits := logitsLike(70, 5)
	for _, s := range []chat.Sampling{{}, {Temperature: 3}, {Temperature: 1, TopK: 5}} {
		drawer := sampler(t, s, 70)
		for i := range 200 {
			mask := []uint32{0, 1 << 3, 1<<5 | 1<<31} // 35 and 69; 95 does not exist
			if got := next(t, drawer, logits, make([]int32, i), 0, mask); got != 35 && got != 69 {
				t.Fatalf("%+v: drew %d, which is not allowed", s, got)
			}
		}
	}
	every := []uint32{math.MaxUint32, math.MaxUint32, math.MaxUint32}
	s := sampler(t, chat.Sampling{}, 70)
	if next(t, s, logits, nil, 0, every) != next(t, s, logits, nil, 0, nil) {
		t.Error("a mask that allows everything changes the choice")
	}
}

func TestNothingIsAllocatedPerToken(t *testing.T) {
	logits := logitsLike(fullVocab, 6)
	mask := slices.Repeat([]uint32{math.MaxUint32 - 8}, fullVocab/32)
	for _, s := range []chat.Sampling{
		{},
		{Temperature: 0.15},
		{Temperature: 1, TopP: 0.9, TopK: 40, MinP: 0.01, RepeatPenalty: 1.1, FrequencyPenalty: 0.2, LogitBias: map[int32]float64{3: 1}},
	} {
		drawer := sampler(t, s, fullVocab)
		history := make([]int32, 10, 1000)
		step := func() {
			history = append(history, next(t, drawer, logits, history, 10, mask))
			drawer.Logprob(history[len(history)-1])
			drawer.Top(20)
		}
		step()
		if n := testing.AllocsPerRun(20, step); n != 0 {
			t.Errorf("%+v: %.1f allocations per token", s, n)
		}
	}
}

func TestBadLogits(t *testing.T) {
	s := sampler(t, chat.Sampling{Temperature: 1}, 3)
	for _, c := range []struct {
		logits []float32
		mask   []uint32
		want   string
	}{
		{[]float32{0, float32(math.NaN()), 0}, nil, "token 1 is NaN, not a number"},
		{[]float32{0, 0, float32(math.Inf(1))}, nil, "token 2 is +Inf"},
		{[]float32{float32(math.Inf(-1)), 0, 0}, nil, "token 0 is -Inf"},
		{[]float32{0, 0}, nil, "2 logits for a vocabulary of 3"},
		{[]float32{0, 0, 0}, []uint32{0}, "no token is allowed"},
		{[]float32{0, 0, 0}, []uint32{}, "0 words"},
	} {
		if _, err := s.Next(c.logits, nil, 0, c.mask); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want something with %q", c.logits, err, c.want)
		}
	}
}

func TestBadSettings(t *testing.T) {
	for param, s := range map[string]chat.Sampling{
		"temperature":        {Temperature: -1},
		"top_p":              {TopP: 1.1},
		"min_p":              {MinP: math.NaN()},
		"top_k":              {TopK: -2},
		"repetition_penalty": {RepeatPenalty: -0.1},
		"presence_penalty":   {PresencePenalty: 3},
		"frequency_penalty":  {FrequencyPenalty: math.Inf(1)},
		"logit_bias":         {LogitBias: map[int32]float64{10: 1}},
	} {
		_, err := New(s, 10)
		var request *chat.RequestError
		if !errors.As(err, &request) || request.Param != param {
			t.Errorf("%s: %v", param, err)
		}
	}
}

func TestExp(t *testing.T) {
	for x := 0.0; x > -699; x -= 0.0137 {
		if got, want := exp(x), math.Exp(x); math.Abs(got-want) > 2e-12*want {
			t.Fatalf("e^%g is %g, want %g", x, got, want)
		}
	}
	if exp(-701) != 0 || exp(math.Inf(-1)) != 0 {
		t.Error("the tail is not 0")
	}
}

// FuzzNext: whatever the logits and settings, an allowed token or an error.
func FuzzNext(f *testing.F) {
	f.Add([]byte{1, 2, 3, 250, 0, 9}, 1.0, 0.9, 0.1, 3, uint64(1), uint32(5))
	f.Add([]byte{7, 7, 7}, 1e-4, 0.0, 0.0, 0, uint64(2), uint32(0))
	f.Fuzz(func(t *testing.T, bytes []byte, temperature, topP, minP float64, topK int, seed uint64, allowed uint32) {
		s, err := New(chat.Sampling{Temperature: temperature, TopP: topP, MinP: minP, TopK: topK, Seed: seed, RepeatPenalty: 1.2}, len(bytes))
		if err != nil || len(bytes) == 0 {
			return
		}
		logits := make([]float32, len(bytes))
		for i, b := range bytes {
			logits[i] = float32(math.Ldexp(float64(int8(b)), int(b&31)-8))
		}
		mask := slices.Repeat([]uint32{allowed}, len(bytes)/32+1)
		id, err := s.Next(logits, []int32{0, int32(topK)}, 1, mask)
		if err == nil && (int(id) >= len(bytes) || allowed>>(id%32)&1 == 0) {
			t.Fatalf("token %d is not allowed", id)
		}
	})
}
