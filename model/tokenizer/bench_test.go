package tokenizer

import (
	"strings"
	"testing"
)

// english is ordinary prose of about 100 KB in which no sentence is there twice word for word.
var english = func() string {
	subjects := strings.Fields("Nobody Somebody Everyone Margaret Charles Wilhelmina Bartholomew Christopher Penelope Anastasia")
	verbs := strings.Fields("remembered overlooked photographed questioned misunderstood celebrated contradicted borrowed repaired abandoned")
	objects := []string{"the lighthouse keeper's unfinished letters", "an improbable collection of postage stamps",
		"the municipal swimming-pool regulations", "three thousand untranslated manuscripts", "a slightly overcooked omelette",
		"whatever the committee had decided", "its self-contradictory appendices", "the neighbours' wheelbarrow",
		"every unanswered telephone call", "the 1987 census of migratory birds"}
	places := []string{"in the quiet valley", "beyond Gloucestershire", "after an exhausting journey", "without the slightest hesitation",
		"near the abandoned railway station", "throughout the thunderstorm", "(as the newspapers insisted)", "on Wednesday, 14 February"}
	var b strings.Builder
	for i := 0; b.Len() < 100_000; i++ {
		b.WriteString(subjects[i%10] + " " + verbs[i/10%10] + " " + objects[i/100%10] + " " + places[i/1000%8] + ". ")
		if i%7 == 6 {
			b.WriteString("\n\n")
		}
	}
	return b.String()
}()

// 5 MB/s on one core is the least that is acceptable.
func BenchmarkAppendEncodeEnglish(b *testing.B) {
	tok := full(b)
	dst := make([]int32, 0, len(english))
	b.SetBytes(int64(len(english)))
	b.ReportAllocs()
	for b.Loop() {
		dst = tok.AppendEncode(dst[:0], english)
	}
}

// A megabyte of one word that is in no vocabulary.
func BenchmarkEncodeWithoutWhiteSpace(b *testing.B) {
	tok := full(b)
	text := strings.Repeat("qwxzkjvb", 1<<17)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		tok.Encode(text)
	}
}

func BenchmarkParse(b *testing.B) {
	data, err := vocabulary()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecoder(b *testing.B) {
	tok := full(b)
	ids := tok.Encode(english)
	decoder := tok.NewDecoder()
	b.ReportAllocs()
	for b.Loop() {
		for _, id := range ids {
			decoder.Push(id)
		}
	}
}
