package main

import (
	"math"

	"sirocco/model/imageproc"
)

// rule is how Mistral Small 3.2 makes tokens of a picture.
var rule = imageproc.Rule{PatchSize: 14, MaxSize: 1540, Merge: 2}

// pictureTokens and pictureWork are those of the reference picture.
func pictureTokens() int { return rule.Grid(pictureWide, pictureHigh).Tokens() }

func pictureWork() float64 {
	grid := rule.Grid(pictureWide, pictureHigh)
	patches := float64(grid.Rows * grid.Columns * rule.Merge * rule.Merge)
	return patches*patchFLOP.value + patches*patches*attendFLOP.value
}

// turnTokens are what one turn adds: picture, question and answer.
func turnTokens() int { return pictureTokens() + textTokens + answerTokens }

// meanContext is the length of the conversation while an answer is written, over
// all turns.
func meanContext() float64 {
	return systemTokens + float64(turnTokens())*(turns-1)/2 + float64(pictureTokens()+textTokens) + answerTokens/2
}

// replica is a vLLM server: one model on one or more cards.
type replica struct {
	name  string
	card  card
	cards int
	fp8   bool
}

// weights is what the model takes of the cards' memory. In FP8 the layers take a
// byte per weight, the rest stays in BF16.
func (r replica) weights() float64 {
	perWeight := 2.0
	if r.fp8 {
		perWeight = 1
	}
	return layerWeights.value*perWeight + 2*2*headWeights.value + towerBytes.value
}

// kvTokens is how many tokens of conversations fit beside the weights.
func (r replica) kvTokens() float64 {
	n := float64(r.cards)
	return max(0, (n*(r.card.memory*usable.value-reserve.value)-r.weights())/kvBytes.value)
}

// flops is the arithmetic of all cards for the layers.
func (r replica) flops() float64 {
	rate := r.card.bf16
	if r.fp8 {
		rate = r.card.fp8
	}
	return rate * float64(r.cards) * mathShare.value
}

// step is the seconds one token takes for a batch of answers: what is read from
// memory, or what is computed, whichever is longer, and the cards' exchanges.
func (r replica) step(batch float64) float64 {
	perWeight := 2.0
	if r.fp8 {
		perWeight = 1
	}
	read := layerWeights.value*perWeight + 2*headWeights.value + batch*meanContext()*kvBytes.value
	memory := read / (r.card.bandwidth * float64(r.cards) * streamShare.value)
	compute := batch * (tokenFLOP.value + headFLOP.value) / r.flops()
	exchange := 0.0
	if r.cards > 1 {
		exchange = exchanges.value * reduce.value
	}
	return max(memory, compute) + exchange
}

// batch is how many answers are written at once: as many as memory holds and the
// least speed allows.
func (r replica) batch() float64 {
	most := math.Floor(r.kvTokens() / meanContext())
	for most > 1 && 1/r.step(most) < minSpeed {
		most--
	}
	return most
}

// read is the seconds to read new tokens of a prompt, with or without a picture's
// way through the tower, which stays in BF16.
func (r replica) read(tokens float64, picture bool) float64 {
	seconds := tokens * tokenFLOP.value / r.flops()
	if picture {
		seconds += pictureWork() / (r.card.bf16 * float64(r.cards) * mathShare.value)
	}
	return seconds
}

// turn is the seconds of the replica that one turn takes, when cached tokens of
// the average prompt are there already.
func (r replica) turn(prompt, cached float64) float64 {
	return r.read(prompt-cached, true) + answerTokens*r.step(r.batch())/r.batch()
}

// meanPrompt is a turn's prompt, over all turns.
func meanPrompt() float64 {
	return systemTokens + float64(turnTokens())*(turns-1)/2 + float64(pictureTokens()+textTokens)
}

// ownTurn is the seconds a turn takes in Sirocco's own server on a desktop card:
// the earlier turns are in its cache, up to four answers are written at once.
func ownTurn(c card) float64 {
	fresh := float64(pictureTokens() + textTokens)
	read := (fresh*tokenFLOP.value + pictureWork()) / (c.f32 * wgslShare.value)
	return read + answerTokens*ownStep(c)/batchGain.value
}

// ownStep is the seconds per token of one answer alone.
func ownStep(c card) float64 {
	return (q4Bytes.value + meanContext()*kvBytes.value) / (c.bandwidth * streamShare.value)
}

// between is the seconds from one question of a person to the next: writing it
// while reading the answer.
const between = thinkSeconds + answerTokens/minSpeed
