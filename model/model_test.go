package model

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sirocco/gpu"
	"sirocco/gpu/gputest"
	"sirocco/model/chat"
	"sirocco/model/vision"
)

const (
	breeze = "../assets/breeze"
	shapes = "../assets/samples/shapes.png"
)

// open loads the miniature, failing the test with the install line where there
// is no adapter.
func open(t testing.TB, o Options) *Model {
	t.Helper()
	gputest.Device(t)
	m, err := Open(context.Background(), breeze, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// ask is one greedy question, with the sample picture when picture is set.
func ask(t testing.TB, question string, picture bool) *chat.Request {
	t.Helper()
	message := chat.Message{Role: chat.User}
	if picture {
		data, err := os.ReadFile(shapes)
		if err != nil {
			t.Fatal(err)
		}
		message.PartList = true
		message.Parts = append(message.Parts, chat.Part{Image: &chat.Image{Name: shapes, Data: data}})
	}
	message.Parts = append(message.Parts, chat.Part{Text: question})
	return &chat.Request{Messages: []chat.Message{message}, MaxTokens: 24}
}

// answer runs a request to its end.
func answer(t testing.TB, m *Model, request *chat.Request) (*chat.Done, []chat.Event) {
	t.Helper()
	var events []chat.Event
	for event, err := range m.Generate(context.Background(), request) {
		if err != nil {
			t.Fatal(err)
		}
		if event.Token != nil {
			copied := *event.Token
			event.Token = &copied
		}
		events = append(events, event)
	}
	done := events[len(events)-1].Done
	if done == nil {
		t.Fatal("the last event is not done")
	}
	return done, events
}

// The whole road: the events come in order and add up to what done says.
func TestEventsTellTheWholeAnswer(t *testing.T) {
	m := open(t, Options{})
	done, events := answer(t, m, ask(t, "What is in the picture?", true))
	var order []chat.Kind
	var said strings.Builder
	tokens := 0
	for _, e := range events {
		if len(order) == 0 || order[len(order)-1] != e.Kind {
			order = append(order, e.Kind)
		}
		switch e.Kind {
		case chat.KindText:
			said.WriteString(e.Text)
		case chat.KindToken:
			tokens++
		}
	}
	want := []chat.Kind{chat.KindPrompt, chat.KindNotice, chat.KindImage, chat.KindPrefill, chat.KindToken}
	if !slices.Equal(order[:len(want)], want) {
		t.Errorf("the events came as %v, want %v first", order, want)
	}
	if said.String() != done.Text || done.Text == "" {
		t.Errorf("the streamed words are %q, done says %q", said.String(), done.Text)
	}
	if tokens != done.Usage.CompletionTokens || tokens != len(done.Tokens) {
		t.Errorf("%d tokens streamed, usage says %d, done holds %d", tokens, done.Usage.CompletionTokens, len(done.Tokens))
	}
	prompt := events[0].Prompt
	if done.Usage.PromptTokens != len(prompt.IDs) || done.Usage.ImageTokens != prompt.Images[0].Tokens {
		t.Errorf("usage %+v does not fit a prompt of %d tokens with pictures %+v", done.Usage, len(prompt.IDs), prompt.Images)
	}
}

// The same seed gives the same text, another seed may not; temperature 0 needs
// none.
func TestSeedDecides(t *testing.T) {
	m := open(t, Options{})
	request := ask(t, "Tell me something.", false)
	request.Sampling = chat.Sampling{Temperature: 1.5, Seed: 7}
	first, _ := answer(t, m, request)
	again, _ := answer(t, m, request)
	if first.Text != again.Text {
		t.Errorf("seed 7 said %q, then %q", first.Text, again.Text)
	}
	different := false
	for seed := uint64(8); seed < 16 && !different; seed++ {
		request.Sampling.Seed = seed
		other, _ := answer(t, m, request)
		different = other.Text != first.Text
	}
	if !different {
		t.Error("at temperature 1.5 nine seeds gave the same text")
	}
}

// Matrices split over many small buffers give the same bits as whole ones.
func TestSmallBindingsChangeNothing(t *testing.T) {
	request := ask(t, "What is in the picture?", true)
	request.Logprobs = 3
	whole, _ := answer(t, open(t, Options{}), request)
	split, _ := answer(t, open(t, Options{Context: 512, GPU: gpu.Options{MaxBinding: 1 << 20}}), request)
	compareBits(t, "with bindings of 1 MiB", whole, split)
}

// Keys and values whose heads lie in buffers of their own give the same bits, too, and what was kept of a conversation does not know of it.
func TestCacheInPartsChangesNothing(t *testing.T) {
	o := Options{Context: 4096, KV: "f32"}
	first, second := ask(t, "What is in the picture?", true), ask(t, "How many shapes are there?", true)
	first.Logprobs, second.Logprobs = 3, 3
	whole := open(t, o)
	o.GPU.MaxBinding = 1 << 20 // the keys of a layer take 2 MiB
	parts := open(t, o)
	compareBits(t, "in parts", hear(t, whole, first), hear(t, parts, first))
	want := hear(t, whole, second)
	whole.slots.clear()
	parts.slots.clear()
	first.Resume = filepath.Join(t.TempDir(), "conversation.kv")
	hear(t, whole, first)
	second.Resume = first.Resume
	got := hear(t, parts, second)
	compareBits(t, "taken up in parts", want, got)
	if got.Usage.CachedTokens < got.Usage.ImageTokens {
		t.Errorf("%d tokens were taken up", got.Usage.CachedTokens)
	}
}

func compareBits(t *testing.T, what string, a, b *chat.Done) {
	t.Helper()
	if len(a.Tokens) != len(b.Tokens) {
		t.Fatalf("%s: %d tokens instead of %d", what, len(b.Tokens), len(a.Tokens))
	}
	for i := range a.Tokens {
		if a.Tokens[i].Candidate != b.Tokens[i].Candidate {
			t.Errorf("%s: token %d is %+v instead of %+v", what, i, b.Tokens[i].Candidate, a.Tokens[i].Candidate)
		}
	}
}

// The second turn reads only what is new, and says the same as without a cache.
func TestPrefixIsReadOnce(t *testing.T) {
	m := open(t, Options{KV: "f32"})
	request := ask(t, "What is in the picture?", true)
	first, _ := answer(t, m, request)
	request.Messages = append(request.Messages, chat.Text(chat.Assistant, first.Text), chat.Text(chat.User, "What colour is it?"))
	second, events := answer(t, m, request)
	if second.Usage.CachedTokens < first.Usage.PromptTokens {
		t.Errorf("only %d of %d tokens were reused", second.Usage.CachedTokens, first.Usage.PromptTokens)
	}
	for _, e := range events {
		if e.Image != nil && !e.Image.Cached {
			t.Error("the picture was encoded twice")
		}
	}
	fresh, _ := answer(t, open(t, Options{KV: "f32"}), request)
	for i := range min(len(second.Tokens), len(fresh.Tokens)) {
		a, b := second.Tokens[i], fresh.Tokens[i]
		if a.ID != b.ID {
			t.Fatalf("token %d is %q with the cache and %q without", i, a.Text, b.Text)
		}
		if d := a.Logprob - b.Logprob; d > 2e-3 || d < -2e-3 {
			t.Errorf("token %d differs by %.4f in log-probability", i, d)
		}
	}
}

// A cancel keeps what was said; the model answers again afterwards.
func TestCancelKeepsTheWords(t *testing.T) {
	m := open(t, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	request := ask(t, "What is in the picture?", true)
	request.MaxTokens, request.Sampling.LogitBias = 2000, map[int32]float64{2: -100} // never </s>
	var done *chat.Done
	tokens := 0
	for event, err := range m.Generate(ctx, request) {
		if err != nil {
			t.Fatal(err)
		}
		if event.Kind == chat.KindToken {
			if tokens++; tokens == 5 {
				cancel()
			}
		}
		if event.Kind == chat.KindDone {
			done = event.Done
		}
	}
	if done == nil || done.FinishReason != chat.FinishCancelled || done.Text == "" || tokens > 6 {
		t.Fatalf("after a cancel at token 5: %d tokens, done %+v", tokens, done)
	}
	if after, _ := answer(t, m, ask(t, "Hello!", false)); after.FinishReason != chat.FinishStop && after.FinishReason != chat.FinishLength {
		t.Errorf("the next answer ended with %q", after.FinishReason)
	}
}

// Breaking out of the loop is a cancel nobody hears the end of.
func TestBreakingOutIsFine(t *testing.T) {
	m := open(t, Options{})
	for range m.Generate(context.Background(), ask(t, "Hello!", false)) {
		break
	}
	answer(t, m, ask(t, "Hello!", false))
}

// An adapter too small for the model is refused with what is missing.
func TestAdapterTooSmall(t *testing.T) {
	gputest.Device(t)
	_, err := Open(context.Background(), breeze, Options{GPU: gpu.Options{MaxBinding: 1 << 12, MaxBuffer: 1 << 12}})
	if err == nil {
		t.Fatal("a model was opened on an adapter of 4 KiB")
	}
	t.Log(err)
}

// What does not fit the context is refused before anything is computed.
func TestPromptTooLong(t *testing.T) {
	m := open(t, Options{Context: 32})
	for _, err := range m.Generate(context.Background(), ask(t, "What is in the picture?", true)) {
		if err == nil {
			t.Fatal("a prompt longer than the context was read")
		}
		if !strings.Contains(err.Error(), "--ctx") {
			t.Errorf("the error does not say what to try: %v", err)
		}
		if fault := new(chat.RequestError); !errors.As(err, &fault) || fault.Code != chat.CodeTooLong {
			t.Errorf("programs cannot tell what %v is", err)
		}
		return
	}
}

// A text-only model refuses a picture before it is measured.
func TestBlindModel(t *testing.T) {
	m := open(t, Options{})
	defer func(eyes *vision.Encoder) { m.vision = eyes }(m.vision)
	m.vision = nil
	for _, err := range m.Generate(context.Background(), ask(t, "What is in the picture?", true)) {
		if fault := new(chat.RequestError); !errors.As(err, &fault) || fault.Code != chat.CodeNoVision {
			t.Errorf("it said: %v", err)
		}
		return
	}
}

// Nothing per token allocates in the decoder.
func TestStepAllocatesNothing(t *testing.T) {
	m := open(t, Options{})
	ctx := context.Background()
	if err := m.text.Prefill(ctx, []int32{1, 3, 1066, 4}, nil, func(int) error { return nil }); err != nil {
		t.Fatal(err)
	}
	allocations := testing.AllocsPerRun(20, func() {
		if err := m.text.Step(ctx, 1066); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 0 {
		t.Errorf("a step allocates %.0f times", allocations)
	}
}
