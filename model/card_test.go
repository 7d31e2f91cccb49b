package model

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"sirocco/model/chat"
)

// The model card's tools and texts, as its function calling requests have them.
var cardTools = []chat.Tool{
	{Name: "get_current_population", Description: "Get the up-to-date population of a given country.", Parameters: json.RawMessage(
		`{"type": "object", "properties": {"country": {"type": "string", "description": "The country to find the population of."}, "unit": {"type": "string", "description": "The unit for the population.", "enum": ["millions", "thousands"]}}, "required": ["country", "unit"]}`)},
	{Name: "rewrite", Description: "Rewrite a given text for improved clarity", Parameters: json.RawMessage(
		`{"type": "object", "properties": {"text": {"type": "string", "description": "The input text to rewrite"}}}`)},
}

const (
	cardArticle = "OpenAI is an artificial intelligence research laboratory consisting of the non-profit OpenAI Incorporated and its for-profit subsidiary corporation OpenAI Limited Partnership."
	cardRewrite = "Could you please make the below article more concise?\n\n" + cardArticle
)

// cardHistory is the card's second request: a call and its result in the past, a
// picture, then a question that needs the other tool. The card's map is on the
// internet; any picture stands in for it, since the country is in the answer.
func cardHistory(t *testing.T, system string) []chat.Message {
	call := chat.ToolCall{ID: "bbc5b7ede", Name: "rewrite", Arguments: `{"text": "` + cardArticle + `"}`}
	result := chat.Text(chat.ToolRole, `{"action":"rewrite","outcome":"OpenAI is a FOR-profit company."}`)
	result.ToolCallID, result.Name = call.ID, call.Name
	return append(told(system),
		chat.Text(chat.User, cardRewrite),
		chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{call}},
		result,
		chat.Text(chat.Assistant, "---\n\nOpenAI is a FOR-profit company."),
		withPicture(t, "Can you tell me what is the biggest country depicted on the map?"),
		chat.Text(chat.Assistant, "The biggest country depicted on the map is Russia."),
		chat.Text(chat.User, "What is the population of that country in millions?"))
}

func told(system string) []chat.Message {
	if system == "" {
		return nil
	}
	return []chat.Message{chat.Text(chat.System, system)}
}

func withPicture(t *testing.T, question string) chat.Message {
	data, err := os.ReadFile(shapes)
	if err != nil {
		t.Fatal(err)
	}
	return chat.Message{Role: chat.User, PartList: true, Parts: []chat.Part{{Image: &chat.Image{Name: shapes, Data: data}}, {Text: question}}}
}

// The miniature calls the card's tools as the card's model does, and counts shapes
// with a tool: name and arguments right, greedily and at the card's temperature
// with a seed, without a system prompt and with its own.
func TestMiniatureMakesTheCardsCalls(t *testing.T) {
	m := open(t, Options{})
	count := []chat.Tool{{Name: "count_shapes", Description: "Counts the shapes of one kind and colour in the picture.", Parameters: json.RawMessage(
		`{"type": "object", "properties": {"shape": {"type": "string"}, "colour": {"type": "string"}}, "required": ["shape", "colour"]}`)}}
	today := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	own := strings.NewReplacer("{name}", "breeze", "{today}", today.Format(time.DateOnly), "{yesterday}", today.AddDate(0, 0, -1).Format(time.DateOnly)).Replace(m.SystemPrompt())
	for _, system := range []string{"", own} {
		for _, c := range []struct {
			messages  []chat.Message
			tools     []chat.Tool
			name      string
			arguments map[string]string
		}{
			{cardHistory(t, system), cardTools, "get_current_population", map[string]string{"country": "Russia", "unit": "millions"}},
			{append(told(system), withPicture(t, "How many red circles are there? Use the tool.")), count, "count_shapes", map[string]string{"shape": "circle", "colour": "red"}},
			{append(told(system), withPicture(t, "How many green triangles are there? Use the tool.")), count, "count_shapes", map[string]string{"shape": "triangle", "colour": "green"}},
		} {
			for seed := range uint64(2) {
				sampling := chat.Sampling{}
				if seed > 0 {
					sampling = chat.Sampling{Temperature: chat.DefaultSampling().Temperature, Seed: seed}
				}
				done, _ := answer(t, m, &chat.Request{Messages: c.messages, Tools: c.tools, Sampling: sampling, MaxTokens: 160})
				if len(done.ToolCalls) != 1 || done.ToolCalls[0].Name != c.name {
					t.Errorf("%s, seed %d, system prompt %t: %q and the calls %+v", c.name, seed, system != "", done.Text, done.ToolCalls)
					continue
				}
				var got map[string]string
				if err := json.Unmarshal([]byte(done.ToolCalls[0].Arguments), &got); err != nil || !reflect.DeepEqual(got, c.arguments) {
					t.Errorf("%s, seed %d, system prompt %t: the arguments are %s", c.name, seed, system != "", done.ToolCalls[0].Arguments)
				}
			}
		}
	}
}
