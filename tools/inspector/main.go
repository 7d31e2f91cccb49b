// Inspector writes a history for the inspector to be looked at: the model card's
// function-calling story (a call with its result, a picture, a follow-up that
// must call get_current_population), answered by the miniature, and on request a
// made-up turn of 30,000 prompt tokens, 10 pictures and 200 calls.
//
//	go run -tags headless ./tools/inspector -data DIR -config DIR [-large] [-server URL]
//	go run -tags headless ./tools/inspector -data DIR -check
//	go run -tags headless ./tools/inspector -data DIR -page DIR [-browser PROGRAM] [-language CODE]
//
// The folders are those of XDG_DATA_HOME and XDG_CONFIG_HOME. Afterwards, -check says
// whether the window edited, replayed and continued the story and asked a server the
// same; test.sh runs all of it. With -page the story's page is opened in a browser, as
// page.sh does.
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

	"sirocco/app/history"
	"sirocco/app/inspect/controller/desktest"
	"sirocco/app/library"
	"sirocco/app/tools"
	"sirocco/model"
	"sirocco/model/chat"
)

func main() {
	data, config := flag.String("data", "", "folder of the data"), flag.String("config", "", "folder of the settings")
	server := flag.String("server", "", "address of a server that the window shall know")
	large := flag.Bool("large", false, "the large turn in place of the story")
	check := flag.Bool("check", false, "read what the window has recorded")
	page, browser, language := flag.String("page", "", "folder for the page of the story's turn and its screenshot"), flag.String("browser", "chromium", "what opens the page"), flag.String("language", "en", "of the page")
	flag.Parse()
	var err error
	switch {
	case *page != "":
		err = checkPage(*data, *browser, *language, *page)
	case *check:
		err = checkStory(*data)
	default:
		err = run(*data, *config, *server, *large)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(data, config, server string, large bool) error {
	set, err := writeTools(filepath.Join(config, "sirocco"))
	if err != nil {
		return err
	}
	store, err := history.Open(filepath.Join(data, "sirocco", "history"))
	if err != nil {
		return err
	}
	defer store.Close()
	var conversation int64
	if large {
		conversation, _, err = desktest.Large(store)
	} else if conversation, err = store.New(history.Preset{}); err == nil {
		err = writeStory(store, conversation, set)
	}
	if err != nil {
		return err
	}
	settings := fmt.Sprintf(`{"Conversation": %d, "Welcomed": true, "Theme": "light", "Width": 1120, "Height": 760, "Side": true, "TextScale": 100, "Servers": [%q], "Params": {"Temperature": 0.15}}`, conversation, server)
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
