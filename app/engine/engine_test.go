package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"sirocco/model/chat"
)

// asChild makes this test binary the child: a scripted engine behind the pipe.
const asChild = "SIROCCO_TEST_ENGINE_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(asChild) != "" {
		err := Child(context.Background(), os.Stdin, os.Stdout, func(progress func(chat.Load)) (Opened, error) {
			if os.Getenv(asChild) == "broken" {
				return Opened{}, errors.New("the weights are not there")
			}
			progress(chat.Load{Done: 1, Total: 2})
			return Opened{Engine: script{}, Notices: []string{"a script"}}, nil
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// script answers with the words of the question; "die" kills the process,
// "wrong" is a request error, "secrets" says which keys it was given, "slow" goes on until it is cancelled.
type script struct{}

func (script) About() chat.About { return chat.About{Model: chat.ModelInfo{Name: "script"}} }
func (script) Close()            {}
func (script) Generate(ctx context.Context, request *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		said := ""
		for _, word := range strings.Fields(request.Messages[0].Parts[0].Text) {
			switch word {
			case "die":
				os.Exit(3)
			case "wrong":
				yield(chat.Event{}, &chat.RequestError{Param: "messages", Code: chat.CodeTooLong, Message: "messages is wrong"})
				return
			case "secrets":
				word = os.Getenv("HF_TOKEN") + os.Getenv("SIROCCO_REMOTE_KEY") + os.Getenv("SIROCCO_DEVICE")
			case "slow":
				<-ctx.Done()
				yield(chat.Event{Kind: chat.KindDone, Done: &chat.Done{Text: said, FinishReason: chat.FinishCancelled}}, nil)
				return
			}
			said += word
			if !yield(chat.Event{Kind: chat.KindText, Text: word}, nil) {
				return
			}
		}
		yield(chat.Event{Kind: chat.KindDone, Done: &chat.Done{Text: said, FinishReason: chat.FinishStop}}, nil)
	}
}

// Attention sees a picture of one row in which each token counts.
func (script) Attention(_ context.Context, request *chat.Request, ids []int32) (*chat.AttentionMap, error) {
	if len(request.Messages) == 0 {
		return nil, errors.New("there is no picture")
	}
	look := &chat.AttentionMap{Pictures: [][]float32{{}}}
	for _, id := range ids {
		look.Pictures[0] = append(look.Pictures[0], float32(id)/8)
	}
	return look, nil
}

// Passes are made up.
func (script) Passes(context.Context) (chat.Passes, bool) {
	return chat.Passes{Served: []int64{1, 2}, Sizes: []int64{1, 2, 3}, Tokens: 99}, true
}

// What the child counts comes over the pipe, beside an answer that goes on; of a child
// that died nothing is known until there is a new one.
func TestPassesCrossThePipe(t *testing.T) {
	p, err := begin(t, "script")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for event, err := range p.Generate(ctx, &chat.Request{Messages: []chat.Message{chat.Text(chat.User, "some slow")}}) {
		if err != nil {
			t.Fatal(err)
		}
		if event.Kind == chat.KindText {
			if got, ok := p.Passes(context.Background()); !ok || got.Tokens != 99 || len(got.Served) != 2 || len(got.Sizes) != 3 {
				t.Errorf("the child counted %+v, %v", got, ok)
			}
			cancel()
		}
	}
	_ = p.child.command.Process.Kill()
	<-p.child.gone
	if _, ok := p.Passes(context.Background()); ok {
		t.Error("a dead child counts")
	}
	if _, _, err := answer(context.Background(), p, "hello"); err != nil {
		t.Fatal(err)
	}
	if _, ok := p.Passes(context.Background()); !ok {
		t.Error("the new child does not count")
	}
}

// Where the child looked comes back as it was, refusals with their reason; a child
// found dead is replaced.
func TestLookCrossesThePipe(t *testing.T) {
	p, err := begin(t, "script")
	if err != nil {
		t.Fatal(err)
	}
	request := &chat.Request{Messages: []chat.Message{chat.Text(chat.User, "hello")}}
	for range 2 {
		look, err := p.Attention(context.Background(), request, []int32{1, 3})
		if err != nil || !reflect.DeepEqual(look.Pictures, [][]float32{{0.125, 0.375}}) {
			t.Errorf("the child looked at %+v, %v", look, err)
		}
		_ = p.child.command.Process.Kill()
	}
	if _, err := p.Attention(context.Background(), &chat.Request{}, []int32{1}); err == nil || err.Error() != "there is no picture" {
		t.Errorf("a refusal came as %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if look, err := p.Attention(ctx, request, []int32{1}); look == nil && err == nil {
		t.Error("a cancelled look gave neither")
	}
}

func begin(t *testing.T, mode string) (*Process, error) {
	t.Helper()
	self, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asChild, mode)
	p, err := Start(context.Background(), Options{Command: []string{self}, Log: os.Stderr})
	if err == nil {
		t.Cleanup(p.Close)
	}
	return p, err
}

// answer collects the words of one answer.
func answer(ctx context.Context, p *Process, question string) (words string, done *chat.Done, err error) {
	request := &chat.Request{Messages: []chat.Message{chat.Text(chat.User, question)}}
	for event, fault := range p.Generate(ctx, request) {
		if fault != nil {
			return words, done, fault
		}
		words += event.Text
		if event.Kind == chat.KindDone {
			done = event.Done
		}
	}
	return words, done, nil
}

// The child dies in mid-answer: what was said is there, the error says so, and
// the next question is answered by a new child.
func TestNextQuestionAfterDeath(t *testing.T) {
	p, err := begin(t, "script")
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Notices(); len(got) != 1 || p.About().Model.Name != "script" {
		t.Errorf("the child is %+v with notices %q", p.About(), got)
	}
	words, _, err := answer(context.Background(), p, "half an die answer")
	if words != "halfan" || !errors.As(err, new(*Died)) {
		t.Fatalf("a child that died gave %q and %v", words, err)
	}
	t.Log(err)
	words, done, err := answer(context.Background(), p, "whole answer")
	if err != nil || words != "wholeanswer" || done.FinishReason != chat.FinishStop {
		t.Errorf("the next question gave %q, %+v, %v", words, done, err)
	}
}

// A child found dead when a question comes is replaced without a word; one that
// dies of the question itself is not asked for ever.
func TestFoundDead(t *testing.T) {
	p, err := begin(t, "script")
	if err != nil {
		t.Fatal(err)
	}
	_ = p.child.command.Process.Kill()
	if words, _, err := answer(context.Background(), p, "hello"); err != nil || words != "hello" {
		t.Errorf("a child found dead gave %q, %v", words, err)
	}
	if _, _, err := answer(context.Background(), p, "die"); !errors.As(err, new(*Died)) {
		t.Errorf("a deadly question gave %v", err)
	}
}

// kill -9 from outside is no different.
func TestKilledFromOutside(t *testing.T) {
	p, err := begin(t, "script")
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(100*time.Millisecond, func() { _ = p.child.command.Process.Kill() })
	if _, _, err := answer(context.Background(), p, "some slow"); !errors.As(err, new(*Died)) {
		t.Fatalf("a killed child gave %v", err)
	}
	if words, _, err := answer(context.Background(), p, "again"); err != nil || words != "again" {
		t.Errorf("after the kill: %q, %v", words, err)
	}
}

// A cancel reaches the child, whose last word is done; leaving the loop does too.
func TestCancelReachesTheChild(t *testing.T) {
	p, err := begin(t, "script")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	words, done, err := answer(ctx, p, "some slow")
	if err != nil || words != "some" || done == nil || done.FinishReason != chat.FinishCancelled {
		t.Fatalf("a cancelled answer gave %q, %+v, %v", words, done, err)
	}
	for range p.Generate(context.Background(), &chat.Request{Messages: []chat.Message{chat.Text(chat.User, "a b c slow")}}) {
		break
	}
	if words, _, err := answer(context.Background(), p, "next"); err != nil || words != "next" {
		t.Errorf("after leaving a loop: %q, %v", words, err)
	}
}

// Errors keep their kind on the way through the pipe.
func TestErrorsKeepTheirKind(t *testing.T) {
	p, err := begin(t, "script")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = answer(context.Background(), p, "wrong")
	var wrong *chat.RequestError
	if !errors.As(err, &wrong) || wrong.Param != "messages" || wrong.Code != chat.CodeTooLong {
		t.Errorf("a request error arrived as %v", err)
	}
	if _, err := begin(t, "broken"); err == nil || err.Error() != "the weights are not there" {
		t.Errorf("a model that cannot be opened gave %v", err)
	}
}

// Answers asked for at once all arrive, each its own.
func TestSeveralAtOnce(t *testing.T) {
	p, err := begin(t, "script")
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			question := strings.Repeat(fmt.Sprintf("%c ", 'a'+i), 200)
			if words, _, err := answer(context.Background(), p, question); err != nil || words != strings.ReplaceAll(question, " ", "") {
				t.Errorf("answer %d: %d words, %v", i, len(words), err)
			}
		})
	}
	wait.Wait()
}

func TestClosedEngineSaysSo(t *testing.T) {
	p, err := begin(t, "script")
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	if _, _, err := answer(context.Background(), p, "hello"); err == nil {
		t.Error("a closed engine answered")
	}
}
