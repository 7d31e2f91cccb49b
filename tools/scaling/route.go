package main

import (
	"container/list"
	"math/rand/v2"
	"sort"
)

// arrival is one turn of a conversation, at a time.
type arrival struct {
	at           float64
	conversation int
	turn         int
}

// arrivals draws the turns of conversations that begin at random times over the
// given seconds, at a rate of so many turns per second.
func arrivals(rate, seconds float64, draw *rand.Rand) []arrival {
	var all []arrival
	for at, n := 0.0, 0; ; n++ {
		at += draw.ExpFloat64() * turns / rate
		if at > seconds {
			break
		}
		when := at
		for turn := range turns {
			all = append(all, arrival{when, n, turn})
			when += answerTokens/minSpeed + draw.ExpFloat64()*thinkSeconds
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].at < all[j].at })
	return all
}

// cache is a replica's: which conversations it still holds, the least recently
// used going first.
type cache struct {
	room  float64 // tokens
	held  float64
	order *list.List // of *entry, most recent first
	where map[int]*list.Element
}

type entry struct {
	conversation int
	tokens       float64
}

func newCache(room float64) *cache {
	return &cache{room: room, order: list.New(), where: map[int]*list.Element{}}
}

// take puts a conversation's tokens in front and says how many were there.
func (c *cache) take(conversation int, tokens float64) (cached float64) {
	if e, ok := c.where[conversation]; ok {
		cached = e.Value.(*entry).tokens
		c.forget(e)
	}
	c.where[conversation] = c.order.PushFront(&entry{conversation, tokens})
	c.held += tokens
	for c.held > c.room && c.order.Len() > 1 {
		c.forget(c.order.Back())
	}
	return cached
}

func (c *cache) forget(e *list.Element) {
	gone := c.order.Remove(e).(*entry)
	delete(c.where, gone.conversation)
	c.held -= gone.tokens
}

// The simulation's times: until caches are as full as they stay, and after that,
// while it is counted.
const (
	warmSeconds  = 360.0
	countSeconds = 120.0
)

// hits simulates a fleet and gives the share of prompt tokens that its caches of
// so much room held. With prefix-aware routing a conversation stays with one
// replica, else each turn goes to any. The system prompt is everybody's and
// always there.
func hits(room float64, replicas int, turnsPerSecond float64, aware bool) float64 {
	if aware {
		replicas = min(replicas, 8) // they do not share anything, so a few stand for all
	}
	draw := rand.New(rand.NewPCG(1, uint64(replicas)))
	caches := make([]*cache, replicas)
	for i := range caches {
		caches[i] = newCache(room - systemTokens)
	}
	var prompt, cached float64
	for _, a := range arrivals(turnsPerSecond*float64(replicas), warmSeconds+countSeconds, draw) {
		to := draw.IntN(replicas)
		if aware {
			to = a.conversation % replicas
		}
		before := float64(a.turn * turnTokens())
		length := before + float64(pictureTokens()+textTokens)
		had := caches[to].take(a.conversation, length+answerTokens)
		if a.at < warmSeconds || a.at > warmSeconds+countSeconds {
			continue
		}
		prompt += systemTokens + length
		cached += systemTokens + min(had, before)
	}
	return cached / prompt
}

// served is what a replica of a fleet does.
type served struct {
	turnsPerSecond float64
	share          float64 // of prompt tokens that its cache holds
}

// fleet is a question to capacity.
type fleet struct {
	replica  replica
	replicas int
	aware    bool
	extra    float64
}

// known are answers of capacity, which takes a while.
var known = map[fleet]served{}

// capacity is how many turns per second one replica of a fleet serves when its
// cache has extra room, in the host's memory say, and the share of prompt tokens
// it finds there: more hits serve more turns, and more turns crowd the cache, so
// the two are found together.
func capacity(r replica, replicas int, aware bool, extra float64) served {
	f := fleet{r, replicas, aware, extra}
	if aware {
		f.replicas = min(replicas, 8)
	}
	if s, ok := known[f]; ok {
		return s
	}
	var s served
	for range 3 {
		s.turnsPerSecond = load / r.turn(meanPrompt(), s.share*meanPrompt())
		s.share = hits(r.kvTokens()+extra, replicas, s.turnsPerSecond, aware)
	}
	s.turnsPerSecond = load / r.turn(meanPrompt(), s.share*meanPrompt())
	known[f] = s
	return s
}
