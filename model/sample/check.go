package sample

import (
	"fmt"
	"math"

	"sirocco/model/chat"
)

// check refuses settings that have no meaning, in OpenAI's ranges.
func check(s chat.Sampling, vocab int) error {
	for _, c := range []struct {
		param       string
		value       float64
		least, most float64
	}{
		{"temperature", s.Temperature, 0, math.MaxFloat64},
		{"top_p", s.TopP, 0, 1},
		{"min_p", s.MinP, 0, 1},
		{"repetition_penalty", s.RepeatPenalty, 0, math.MaxFloat64},
		{"presence_penalty", s.PresencePenalty, -2, 2},
		{"frequency_penalty", s.FrequencyPenalty, -2, 2},
	} {
		if !(c.value >= c.least && c.value <= c.most) {
			return outside(c.param, c.value, c.least, c.most)
		}
	}
	if s.TopK < -1 {
		return &chat.RequestError{Param: "top_k", Message: fmt.Sprintf("top_k is %d; give a number of tokens, or 0 to turn it off", s.TopK)}
	}
	for id, v := range s.LogitBias {
		if id < 0 || int(id) >= vocab {
			return &chat.RequestError{Param: "logit_bias", Message: fmt.Sprintf("logit_bias names token %d, but the model's tokens are 0 to %d", id, vocab-1)}
		}
		if !(v >= -100 && v <= 100) {
			return outside("logit_bias", v, -100, 100)
		}
	}
	return nil
}

func outside(param string, value, least, most float64) error {
	limits := fmt.Sprintf("from %g to %g", least, most)
	if most == math.MaxFloat64 {
		limits = fmt.Sprintf("%g or more", least)
	}
	return &chat.RequestError{Param: param, Message: fmt.Sprintf("%s is %g; it must be a number %s", param, value, limits)}
}
