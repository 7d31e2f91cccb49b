// Package desktest makes up a turn as large as any the inspector must open at once
// and scroll without a hitch: 30,000 tokens of prompt, 10 pictures, 200 calls. Its
// one file is for tests, benchmarks and tools/inspector.
package desktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"

	"sirocco/app/history"
	"sirocco/model/chat"
)

const (
	tokens   = 30_000
	pictures = 10
	calls    = 200
	tool     = "get_current_population"
)

// grid is a screenshot's, as the model sees it.
var grid = chat.Grid{Width: 1540, Height: 868, Rows: 31, Columns: 55, Tokens: 1736}

// parameters are the tool's schema.
var parameters = json.RawMessage(`{"type": "object", "properties": {"country": {"type": "string"}, "unit": {"type": "string", "enum": ["millions", "thousands"]}, "year": {"type": "integer"}}, "required": ["country", "unit"]}`)

// Large records the turn in a new conversation and returns both.
func Large(store *history.Store) (conversation, turn int64, err error) {
	if conversation, err = store.New(history.Preset{}); err != nil {
		return 0, 0, err
	}
	question, err := asked()
	if err != nil {
		return 0, 0, err
	}
	parent, err := store.Append(conversation, 0, question)
	if err != nil {
		return 0, 0, err
	}
	if err := store.Rename(conversation, "Two hundred calls"); err != nil {
		return 0, 0, err
	}
	request := &chat.Request{Messages: []chat.Message{question}, Tools: []chat.Tool{{Name: tool, Parameters: parameters}}}
	recording, err := store.Record(conversation, parent, request)
	if err != nil {
		return 0, 0, err
	}
	for _, e := range Events() {
		if err := recording.Add(e); err != nil {
			return 0, 0, err
		}
	}
	return conversation, recording.ID(), recording.Close()
}

// asked is a question about ten pictures, each another one.
func asked() (chat.Message, error) {
	question := chat.Message{Role: chat.User, PartList: true}
	for k := range pictures {
		data, err := picture(k)
		if err != nil {
			return question, err
		}
		question.Parts = append(question.Parts, chat.Part{Image: &chat.Image{Name: fmt.Sprintf("picture %d", k+1), Data: data}})
	}
	question.Parts = append(question.Parts, chat.Part{Text: "Count everything."})
	return question, nil
}

// picture is a slope of colours of a screenshot's size.
func picture(k int) ([]byte, error) {
	m := image.NewRGBA(image.Rect(0, 0, grid.Width, grid.Height))
	for y := range grid.Height {
		for x := range grid.Width {
			m.SetRGBA(x, y, color.RGBA{uint8(x / 7), uint8(y / 4), uint8(25 * k), 255})
		}
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, m, nil)
	return out.Bytes(), err
}

// Events are those of the turn.
func Events() []chat.Event {
	events := []chat.Event{{Kind: chat.KindPrompt, Prompt: prompt()}}
	for n := range calls {
		events = append(events, called(n)...)
	}
	return append(events, chat.Event{Kind: chat.KindText, Text: "Many."}, chat.Event{Kind: chat.KindDone, Done: &chat.Done{Text: "Many.", FinishReason: chat.FinishStop}})
}

// prompt is ten pictures and words up to 30,000 tokens.
func prompt() *chat.Prompt {
	p := &chat.Prompt{Spans: []chat.Span{{Kind: "control", End: 2}}, IDs: []int32{1, 3}}
	for range pictures {
		p.Images = append(p.Images, grid)
		start := len(p.IDs)
		for k := range grid.Tokens {
			p.IDs = append(p.IDs, []int32{10, 12}[min(k%(grid.Columns+1)/grid.Columns, 1)])
		}
		p.Spans = append(p.Spans, chat.Span{Kind: "image", Start: start, End: len(p.IDs)})
	}
	start := len(p.IDs)
	for k := 0; len(p.IDs) < tokens; k++ {
		p.IDs = append(p.IDs, int32(1100+k%3000))
	}
	p.Spans = append(p.Spans, chat.Span{Kind: "user", Start: start, End: len(p.IDs)})
	return p
}

// called are the events of call n: its tokens, its run and its result.
func called(n int) (events []chat.Event) {
	run := chat.RunOf{Index: n, ID: fmt.Sprintf("call%05d", n), Name: tool}
	arguments := fmt.Sprintf(`{"country": "France", "unit": "millions", "year": %d}`, 1800+n)
	for _, piece := range []string{"[TOOL_CALLS]", tool, "[ARGS]", arguments} {
		events = append(events, chat.Event{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{ID: int32(n), Text: piece, Logprob: -0.3}}})
	}
	return append(events, chat.Event{Kind: chat.KindCall, Call: &chat.CallDelta{Index: n, ID: run.ID, Name: run.Name, Arguments: arguments, Complete: true}},
		chat.Event{Kind: chat.KindRun, Run: &chat.Run{RunOf: run, Arguments: arguments}},
		chat.Event{Kind: chat.KindResult, Result: &chat.Result{RunOf: run, Status: chat.RunDone, Text: "68.4 million", Seconds: 0.1}})
}
