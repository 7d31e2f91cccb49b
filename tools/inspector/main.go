// Inspector writes a history for the inspector to be looked at: the model card's
// function-calling story (a call with its result, a picture, a follow-up that
// must call get_current_population), answered by the miniature, and on request a
// made-up turn of 30,000 prompt tokens, 10 pictures and 200 calls.
//
//	go run -tags headless ./tools/inspector -data DIR -config DIR [-large]
//
// The folders are those of XDG_DATA_HOME and XDG_CONFIG_HOME.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sirocco/app/history"
	"sirocco/app/library"
	"sirocco/app/tools"
	"sirocco/model"
	"sirocco/model/chat"
)

func main() {
	data, config := flag.String("data", "", "folder of the data"), flag.String("config", "", "folder of the settings")
	large := flag.Bool("large", false, "the large turn in place of the story")
	flag.Parse()
	if err := run(*data, *config, *large); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(data, config string, large bool) error {
	set, err := writeTools(filepath.Join(config, "sirocco"))
	if err != nil {
		return err
	}
	store, err := history.Open(filepath.Join(data, "sirocco", "history"))
	if err != nil {
		return err
	}
	defer store.Close()
	conversation, err := store.New(history.Preset{})
	if err != nil {
		return err
	}
	if large {
		err = writeLarge(store, conversation)
	} else {
		err = writeStory(store, conversation, set)
	}
	if err != nil {
		return err
	}
	settings := fmt.Sprintf(`{"Conversation": %d, "Welcomed": true, "Theme": "light", "Width": 1120, "Height": 760, "Side": true, "TextScale": 100, "Params": {"Temperature": 0.15}}`, conversation)
	return os.WriteFile(filepath.Join(config, "sirocco", "window.json"), []byte(settings), 0o600)
}

// population is the card's tool as a program: it knows one number, in two units.
var population = tools.CommandSpec{
	Name: "get_current_population", Description: "Get the up-to-date population of a given country.",
	Parameters: json.RawMessage(`{"type": "object", "properties": {"country": {"type": "string", "enum": ["France", "Germany", "Japan"], "description": "The country to find the population of."}, "unit": {"type": "string", "enum": ["millions", "thousands"], "description": "The unit for the population."}}, "required": ["country", "unit"], "additionalProperties": false}`),
	Command:    []string{"sh", "-c", `case "$(cat)" in *thousands*) echo "68400 thousand";; *) echo "68.4 million";; esac`}, ReadOnly: true,
}

// writeTools lists the tool for the window and opens it for the story.
func writeTools(folder string) (*tools.Set, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	config := tools.Config{Builtin: &[]string{}, Commands: []tools.CommandSpec{population}}
	data, err := json.MarshalIndent(config, "", " ")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(folder, "tools.json"), data, 0o600); err != nil {
		return nil, err
	}
	return config.Open(context.Background())
}

// writeStory asks the miniature the card's follow-up and records its answer.
func writeStory(store *history.Store, conversation int64, set *tools.Set) error {
	choice, err := library.Resolve(library.MiniatureName)
	if err != nil {
		return err
	}
	engine, err := model.Open(context.Background(), choice.Path, model.Options{Miniature: true})
	if err != nil {
		return err
	}
	defer engine.Close()
	picture, err := os.ReadFile("assets/samples/chart.png")
	if err != nil {
		return err
	}
	call := chat.ToolCall{ID: "a1B2c3D4e", Name: population.Name, Arguments: `{"country": "France", "unit": "millions"}`}
	messages := []chat.Message{
		chat.Text(chat.User, "What is the current population of France?"),
		{Role: chat.Assistant, ToolCalls: []chat.ToolCall{call}},
		{Role: chat.ToolRole, ToolCallID: call.ID, Name: call.Name, Parts: []chat.Part{{Text: "68.4 million"}}},
		chat.Text(chat.Assistant, "The population of France is 68.4 million."),
		{Role: chat.User, PartList: true, Parts: []chat.Part{{Image: &chat.Image{Name: "chart.png", Data: picture}}, {Text: "And of the country with the tallest bar, in millions?"}}},
	}
	last := int64(0)
	for _, m := range messages {
		if last, err = store.Append(conversation, last, m); err != nil {
			return err
		}
	}
	if err := store.Rename(conversation, "Population, then a chart"); err != nil {
		return err
	}
	loop := &tools.Loop{Engine: engine, Tools: set, Approver: tools.AllowAll}
	request := &chat.Request{Messages: append([]chat.Message{chat.Text(chat.System, "You answer questions about populations with the tool given.")}, messages...),
		ToolChoice: "function", ToolName: population.Name, Logprobs: 5, MaxTokens: 400, Sampling: chat.Sampling{Temperature: 1}}
	if err := seek(engine, request, set); err != nil {
		return err
	}
	return record(store, conversation, last, request, set, loop)
}

// seek finds the first seed with which the miniature, a toy, asks for millions as
// the card's model does: the story is about changing that.
func seek(engine chat.Engine, request *chat.Request, set *tools.Set) error {
	told := *request
	told.Tools = definitions(set)
	for seed := range uint64(60) {
		told.Sampling.Seed = seed
		for event, err := range engine.Generate(context.Background(), &told) {
			if err != nil {
				return err
			}
			if event.Kind != chat.KindDone || len(event.Done.ToolCalls) != 1 {
				continue
			}
			if strings.Contains(event.Done.ToolCalls[0].Arguments, "millions") {
				request.Sampling.Seed = seed
				return nil
			}
		}
	}
	return errors.New("no seed makes the miniature ask for millions")
}

func definitions(set *tools.Set) (list []chat.Tool) {
	for _, t := range set.Tools() {
		list = append(list, t.Tool)
	}
	return list
}

// record keeps a turn as the window does: the request with the tools the model is
// told of.
func record(store *history.Store, conversation, parent int64, request *chat.Request, set *tools.Set, engine chat.Engine) error {
	told := *request
	told.Tools = definitions(set)
	turn, err := store.Record(conversation, parent, &told)
	if err != nil {
		return err
	}
	for event, err := range engine.Generate(context.Background(), request) {
		if err != nil {
			return err
		}
		if err := turn.Add(event); err != nil {
			return err
		}
	}
	return turn.Close()
}

// writeLarge makes a turn up that is as large as any the inspector must open at
// once: 200 rounds of a call each, 10 pictures, 30,000 tokens of prompt.
func writeLarge(store *history.Store, conversation int64) error {
	picture, err := os.ReadFile("assets/samples/shapes.png")
	if err != nil {
		return err
	}
	question := chat.Message{Role: chat.User, PartList: true}
	for k := range 10 {
		question.Parts = append(question.Parts, chat.Part{Image: &chat.Image{Name: fmt.Sprintf("picture %d", k+1), Data: picture}})
	}
	question.Parts = append(question.Parts, chat.Part{Text: "Count everything."})
	parent, err := store.Append(conversation, 0, question)
	if err != nil {
		return err
	}
	if err := store.Rename(conversation, "Two hundred calls"); err != nil {
		return err
	}
	request := &chat.Request{Messages: []chat.Message{question}, Tools: []chat.Tool{{Name: population.Name, Parameters: population.Parameters}}}
	turn, err := store.Record(conversation, parent, request)
	if err != nil {
		return err
	}
	began := time.Now()
	for _, e := range largeEvents() {
		if err := turn.Add(e); err != nil {
			return err
		}
	}
	fmt.Printf("recorded in %.1f s\n", time.Since(began).Seconds())
	return turn.Close()
}

func largeEvents() (events []chat.Event) {
	prompt := &chat.Prompt{Spans: []chat.Span{{Kind: "control", End: 2}}, IDs: []int32{1, 3}}
	grid := chat.Grid{Width: 1540, Height: 868, Rows: 31, Columns: 55, Tokens: 1736}
	for range 10 {
		prompt.Images = append(prompt.Images, grid)
		start := len(prompt.IDs)
		for k := range grid.Tokens {
			prompt.IDs = append(prompt.IDs, []int32{10, 12}[min(k%56/55, 1)])
		}
		prompt.Spans = append(prompt.Spans, chat.Span{Kind: "image", Start: start, End: len(prompt.IDs)})
	}
	start := len(prompt.IDs)
	for k := 0; len(prompt.IDs) < 30_000; k++ {
		prompt.IDs = append(prompt.IDs, int32(1100+k%3000))
	}
	prompt.Spans = append(prompt.Spans, chat.Span{Kind: "user", Start: start, End: len(prompt.IDs)})
	events = append(events, chat.Event{Kind: chat.KindPrompt, Prompt: prompt})
	for n := range 200 {
		run := chat.RunOf{Index: n, ID: fmt.Sprintf("call%05d", n), Name: population.Name}
		arguments := fmt.Sprintf(`{"country": "France", "unit": "millions", "year": %d}`, 1800+n)
		for _, piece := range []string{"[TOOL_CALLS]", population.Name, "[ARGS]", arguments} {
			events = append(events, chat.Event{Kind: chat.KindToken, Token: &chat.Token{Candidate: chat.Candidate{ID: int32(n), Text: piece, Logprob: -0.3}}})
		}
		events = append(events, chat.Event{Kind: chat.KindCall, Call: &chat.CallDelta{Index: n, ID: run.ID, Name: run.Name, Arguments: arguments, Complete: true}},
			chat.Event{Kind: chat.KindRun, Run: &chat.Run{RunOf: run, Arguments: arguments}},
			chat.Event{Kind: chat.KindResult, Result: &chat.Result{RunOf: run, Status: chat.RunDone, Text: "68.4 million", Seconds: 0.1}})
	}
	return append(events, chat.Event{Kind: chat.KindText, Text: "Many."}, chat.Event{Kind: chat.KindDone, Done: &chat.Done{Text: "Many.", FinishReason: chat.FinishStop}})
}
