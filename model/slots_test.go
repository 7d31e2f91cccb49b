package model

import (
	"context"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"sirocco/model/chat"
)

// hear collects one answer.
func hear(t *testing.T, m *Model, request *chat.Request) (done *chat.Done) {
	t.Helper()
	for event, err := range m.Generate(context.Background(), request) {
		if err != nil {
			t.Error(err)
			return nil
		}
		if event.Kind == chat.KindDone {
			done = event.Done
		}
	}
	return done
}

// Answers that are made at once have the very tokens that each has alone, pictures
// and tools included, and take turns: none is over before the others have begun.
func TestAnswersAtOnce(t *testing.T) {
	m := open(t, Options{Parallel: 4})
	if m.About().Model.Parallel != 4 {
		t.Fatalf("there are %d slots", m.About().Model.Parallel)
	}
	requests := []*chat.Request{
		ask(t, "What is in the picture?", true), ask(t, "Hello! What can you do?", false), ask(t, "How many shapes are there?", true),
		{Messages: []chat.Message{chat.Text(chat.User, "Where?")}, Tools: []chat.Tool{{Name: "look_up", Parameters: []byte(`{"type": "object"}`)}}, ToolChoice: "required"},
	}
	var alone [][]int32
	for _, r := range requests {
		r.MaxTokens = 60
		if r.ToolChoice == "" {
			r.Sampling.LogitBias = map[int32]float64{2: -100} // no answer ends before the others have begun
		}
		m.slots.clear()
		alone = append(alone, idsOf(hear(t, m, r)))
	}
	m.slots.clear()
	var first, last [4]time.Time
	var all sync.WaitGroup
	for i, r := range requests {
		all.Go(func() {
			for event, err := range m.Generate(context.Background(), r) {
				if err != nil {
					t.Error(err)
				}
				switch event.Kind {
				case chat.KindToken:
					if last[i] = time.Now(); first[i].IsZero() {
						first[i] = last[i]
					}
				case chat.KindDone:
					if got := idsOf(event.Done); !slices.Equal(got, alone[i]) {
						t.Errorf("question %d: at once %v, alone %v", i, got, alone[i])
					}
				}
			}
		})
	}
	all.Wait()
	for i := range first {
		for k := range last {
			if first[i].After(last[k]) {
				t.Errorf("answer %d began after answer %d was over", i, k)
			}
		}
	}
}

func idsOf(d *chat.Done) (ids []int32) {
	if d != nil {
		for _, token := range d.Tokens {
			ids = append(ids, token.ID)
		}
	}
	return ids
}

// Two conversations that take turns each find their own beginning still read.
func TestEachConversationKeepsItsSlot(t *testing.T) {
	m := open(t, Options{Parallel: 2})
	for round := range 2 {
		for _, question := range []string{"Hello! What can you do?", "Goodbye! What did you do?"} {
			r := ask(t, question, false)
			r.MaxTokens = 4
			if done := hear(t, m, r); round == 1 && done.Usage.CachedTokens < done.Usage.PromptTokens-1 {
				t.Errorf("%q: %d of %d tokens were still there", question, done.Usage.CachedTokens, done.Usage.PromptTokens)
			}
		}
	}
}

// Who waits for a slot and goes away has the reason cancelled, and takes none.
func TestWaitingForASlot(t *testing.T) {
	m := open(t, Options{})
	r := ask(t, "Hello! What can you do?", false)
	for event := range m.Generate(context.Background(), r) {
		if event.Kind != chat.KindToken {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		for event, err := range m.Generate(ctx, r) {
			if err != nil {
				t.Fatal(err)
			}
			if event.Kind == chat.KindDone && event.Done.FinishReason != chat.FinishCancelled {
				t.Errorf("without a slot the answer ended with %s", event.Done.FinishReason)
			}
		}
		break
	}
	if done := hear(t, m, r); done == nil || done.FinishReason == chat.FinishCancelled {
		t.Errorf("the next one got %+v", done)
	}
}

// Pictures that an answer is reading are not forgotten under it.
func TestPicturesInUseStay(t *testing.T) {
	m := open(t, Options{})
	data, err := os.ReadFile(shapes)
	if err != nil {
		t.Fatal(err)
	}
	hear(t, m, ask(t, "What is in the picture?", true))
	if len(m.pictures.order) != 1 || len(m.pictures.inUse) != 0 || len(data) == 0 {
		t.Fatalf("after an answer %d pictures are kept, %d in use", len(m.pictures.order), len(m.pictures.inUse))
	}
	key := m.pictures.order[0]
	m.pictures.use(key)
	if m.pictures.trim(0); len(m.pictures.cachedBytes) != 1 {
		t.Error("a picture in use was forgotten")
	}
	m.pictures.done(key)
	if m.pictures.trim(0); len(m.pictures.cachedBytes) != 0 || m.pictures.bytes != 0 {
		t.Error("a picture that nobody uses was kept")
	}
}

// The plan counts the keys and values of every conversation.
func TestPlanCountsSlots(t *testing.T) {
	var took [2]int64
	var planned [2]int64
	for i, parallel := range []int{1, 4} {
		m, err := Open(t.Context(), breeze, Options{Parallel: parallel, Context: 4096})
		if err != nil {
			t.Fatal(err)
		}
		took[i], planned[i] = m.device.Allocated(), m.plan.Bytes()
		m.Close()
	}
	if more := planned[1] - planned[0]; more <= 0 || took[1]-took[0] != more {
		t.Errorf("three more conversations were planned to take %d bytes and took %d", more, took[1]-took[0])
	}
}
