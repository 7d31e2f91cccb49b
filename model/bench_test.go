package model

import (
	"context"
	"testing"

	"sirocco/model/chat"
)

// BenchmarkDecode is the miniature's speed word by word.
func BenchmarkDecode(b *testing.B) {
	m := open(b, Options{})
	ctx := context.Background()
	begin := func() {
		m.text.Truncate(0)
		if err := m.text.Prefill(ctx, []int32{1, 3, 1066, 4}, nil, func(int) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	begin()
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if m.text.Len() == 512 {
			b.StopTimer()
			begin()
			b.StartTimer()
		}
		if err := m.text.Step(ctx, 1066); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}

// BenchmarkPrefill reads prompts of 512 tokens.
func BenchmarkPrefill(b *testing.B) {
	m := open(b, Options{})
	ids := make([]int32, 512)
	for i := range ids {
		ids[i] = int32(1000 + i*5%2000)
	}
	b.ResetTimer()
	for range b.N {
		m.text.Truncate(0)
		if err := m.text.Prefill(context.Background(), ids, nil, func(int) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(ids))/b.Elapsed().Seconds(), "tokens/s")
}

// BenchmarkPicture is the sample picture from its file to rows on the device.
func BenchmarkPicture(b *testing.B) {
	m := open(b, Options{})
	image := ask(b, "", true).Messages[0].Parts[0].Image
	b.ResetTimer()
	for range b.N {
		rows, err := m.encodePicture(context.Background(), image)
		if err != nil {
			b.Fatal(err)
		}
		rows.Release()
	}
}

// BenchmarkQuestion is a whole question about a picture that was never seen.
func BenchmarkQuestion(b *testing.B) {
	m := open(b, Options{})
	request := ask(b, "What is in the picture?", true)
	b.ResetTimer()
	for range b.N {
		m.pictures.trim(0)
		m.slots.clear()
		for event, err := range m.Generate(context.Background(), request) {
			if err != nil {
				b.Fatal(err)
			}
			if event.Kind == chat.KindDone && event.Done.Text == "" {
				b.Fatal("nothing was said")
			}
		}
	}
}
