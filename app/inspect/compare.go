package inspect

import (
	"fmt"
	"reflect"
	"strings"

	"sirocco/app/view/i18n"
)

// Difference is one line of a comparison of two turns.
type Difference struct {
	What string
	A, B string
	Same bool
}

// Compare sets two turns side by side: where they ran, how tokens were drawn,
// what they cost and said. Prompts, words and calls are compared in detail by
// Diff over PromptOf, TokensOf and the calls' arguments.
func Compare(a, b *Turn) []Difference {
	var list []Difference
	add := func(what, left, right string) {
		list = append(list, Difference{what, left, right, left == right})
	}
	add(i18n.T("model"), a.About.Model.Name, b.About.Model.Name)
	add(i18n.T("device"), a.About.Device.Name, b.About.Device.Name)
	x, y := reflect.ValueOf(a.Request.Sampling), reflect.ValueOf(b.Request.Sampling)
	for i := range x.NumField() {
		add(strings.ToLower(x.Type().Field(i).Name), fmt.Sprint(x.Field(i).Interface()), fmt.Sprint(y.Field(i).Interface()))
	}
	for i := range max(len(a.Rounds), len(b.Rounds)) {
		name := ""
		if i > 0 {
			name = ", " + i18n.T("answer %d", i+1)
		}
		add(i18n.T("prompt tokens")+name, promptSize(a, i), promptSize(b, i))
		add(i18n.T("words")+name, wordsOf(a, i), wordsOf(b, i))
		add(i18n.T("time")+name, timeOf(a, i), timeOf(b, i))
	}
	ca, cb := a.Calls(), b.Calls()
	for i := range max(len(ca), len(cb)) {
		add(i18n.T("call %d", i+1), callText(ca, i), callText(cb, i))
		add(i18n.T("result %d", i+1), resultText(ca, i), resultText(cb, i))
	}
	add(i18n.T("ended by"), a.Finish(), b.Finish())
	return list
}

// CompareTokens are the places where the prompts and the answers of two turns part,
// spelt by a vocabulary. What neither engine told is left out.
func CompareTokens(a, b *Turn, vocabulary Vocabulary) (list []Difference) {
	for i := range min(len(a.Rounds), len(b.Rounds)) {
		prompt, answer := i18n.T("prompt"), i18n.T("answer")
		if i > 0 {
			answer = i18n.T("answer %d", i+1)
			prompt += ", " + answer
		}
		list = append(list, parted(prompt, PromptOf(a, i), PromptOf(b, i), vocabulary)...)
		list = append(list, parted(answer, TokensOf(a, i), TokensOf(b, i), vocabulary)...)
	}
	return list
}

// maxPlaces is how many places are told of a sequence, maxSpelt how many tokens of
// each.
const (
	maxPlaces = 40
	maxSpelt  = 60
)

// parted are the places where two sequences of ids differ.
func parted(what string, a, b []int32, vocabulary Vocabulary) (list []Difference) {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	for _, c := range Diff(a, b) {
		switch {
		case c.Equal:
		case len(list) == maxPlaces:
			return append(list, Difference{What: what, A: i18n.T("… more differences follow")})
		default:
			list = append(list, Difference{What: i18n.T("%s, token %d", what, c.A+1), A: spelt(a[c.A:c.AEnd], vocabulary), B: spelt(b[c.B:c.BEnd], vocabulary)})
		}
	}
	return list
}

// spelt is a few tokens as text.
func spelt(ids []int32, vocabulary Vocabulary) string {
	var text strings.Builder
	for _, id := range ids[:min(len(ids), maxSpelt)] {
		text.WriteString(vocabulary.Piece(id))
	}
	if more := len(ids) - maxSpelt; more > 0 {
		text.WriteString(" … " + i18n.T("%d more", more))
	}
	return text.String()
}

func promptSize(t *Turn, round int) string {
	if round >= len(t.Rounds) {
		return ""
	}
	if ids := PromptOf(t, round); ids != nil {
		return fmt.Sprint(len(ids))
	}
	return i18n.T("not told")
}

func wordsOf(t *Turn, round int) string {
	if round >= len(t.Rounds) {
		return ""
	}
	return t.Rounds[round].Text
}

func timeOf(t *Turn, round int) string {
	if round >= len(t.Rounds) || t.Rounds[round].Done == nil {
		return ""
	}
	d := t.Rounds[round].Done.Timings
	return i18n.T("pictures %.2f s, prompt %.2f s, words %.2f s", d.Image, d.Prefill, d.Decode)
}

func callText(calls []*Call, i int) string {
	if i >= len(calls) {
		return ""
	}
	return calls[i].Name + " " + calls[i].Arguments
}

func resultText(calls []*Call, i int) string {
	if i >= len(calls) || calls[i].Result == nil {
		return ""
	}
	return calls[i].Result.Text
}

// PromptOf are the prompt ids of a round, nil where they are not known.
func PromptOf(t *Turn, round int) []int32 {
	if round >= len(t.Rounds) || t.Rounds[round].Prompt == nil {
		return nil
	}
	return t.Rounds[round].Prompt.IDs
}

// TokensOf are the ids a round generated.
func TokensOf(t *Turn, round int) (ids []int32) {
	if round >= len(t.Rounds) {
		return nil
	}
	for _, token := range t.Rounds[round].Tokens {
		ids = append(ids, token.ID)
	}
	return ids
}
