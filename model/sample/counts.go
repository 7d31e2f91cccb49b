package sample

import "sirocco/model/chat"

// counts knows how often each token occurs in a history that grows, or is taken
// back and continued otherwise, between calls.
type counts struct {
	on     bool
	of     []count // [vocab]
	met    []int32 // ids that were counted at some time, once each
	past   []int32 // the history counted
	prompt int     // how many of past are the prompt
}

type count struct {
	prompt, answer int32
	met            bool
}

func newCounts(s chat.Sampling, vocab int) counts {
	repeat := s.RepeatPenalty != 0 && s.RepeatPenalty != 1
	c := counts{on: repeat || s.PresencePenalty != 0 || s.FrequencyPenalty != 0}
	if c.on {
		c.of = make([]count, vocab)
	}
	return c
}

// addAll counts what is new in history and uncounts what is no longer there.
func (c *counts) addAll(history []int32, prompt int) {
	same := 0
	if prompt == c.prompt {
		for same < min(len(c.past), len(history)) && c.past[same] == history[same] {
			same++
		}
	}
	for i := same; i < len(c.past); i++ {
		c.add(i, -1)
	}
	c.prompt = prompt
	if cap(c.past) < len(history) {
		c.past = append(make([]int32, 0, cap(history)), c.past...)
	}
	c.past = append(c.past[:same], history[same:]...)
	for i := same; i < len(c.past); i++ {
		c.add(i, 1)
	}
}

// add counts the token at position i. Ids outside the vocabulary do not count.
func (c *counts) add(i int, n int32) {
	id := c.past[i]
	if id < 0 || int(id) >= len(c.of) {
		return
	}
	entry := &c.of[id]
	if i < c.prompt {
		entry.prompt += n
	} else {
		entry.answer += n
	}
	if !entry.met {
		entry.met = true
		c.met = append(c.met, id)
	}
}
