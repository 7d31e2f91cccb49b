package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/app/tools"
	"sirocco/model/chat"
)

// counter is an MCP server with one tool, and the arguments it was called with.
func counter(t *testing.T) (url string, called *[]string) {
	t.Helper()
	called = &[]string{}
	server := mcp.NewServer(&mcp.Implementation{Name: "counter", Version: "1"}, nil)
	server.AddTool(&mcp.Tool{Name: "count_shapes", Description: "Count the shapes of one colour.", InputSchema: json.RawMessage(
		`{"type":"object","properties":{"shape":{"enum":["circle","square"]},"colour":{"enum":["red","blue"]}},"required":["shape","colour"],"additionalProperties":false}`)},
		func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			*called = append(*called, string(r.Params.Arguments))
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: `{"count": 3}`}}}, nil
		})
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil))
	t.Cleanup(web.Close)
	return web.URL, called
}

// A picture, a tool of a server and the miniature, end to end: the call is valid,
// it is run, and the model answers with its result in the conversation.
func TestAskWithServer(t *testing.T) {
	url, called := counter(t)
	none, temperature, most := "", 0.0, 32
	ask := Ask{
		Question: "How many red circles are there? Use the tool.", Image: []string{"../../assets/samples/shapes.png"},
		System: &none, ModelFlags: ModelFlags{KV: "f16", Ctx: 2048}, Temperature: &temperature, MaxTokens: &most,
		ToolFlags: ToolFlags{MCP: []string{url}, Yes: true}, ToolChoice: "required", JSON: true,
	}
	var out, errs bytes.Buffer
	if err := ask.Run(context.Background(), &Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); err != nil {
		t.Fatal(err)
	}
	if len(*called) == 0 {
		t.Fatalf("no tool was called: %s", out.String())
	}
	var arguments struct{ Shape, Colour string }
	if err := json.Unmarshal([]byte((*called)[0]), &arguments); err != nil || arguments.Shape == "" || arguments.Colour == "" {
		t.Errorf("called with %s", (*called)[0])
	}
	kinds := map[chat.Kind]int{}
	var last chat.Event
	for line := range strings.Lines(out.String()) {
		last = chat.Event{}
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		kinds[last.Kind]++
	}
	// a call that the limit of tokens cut short has a result, too, which says so
	if last.Kind != chat.KindDone || kinds[chat.KindRound] < 2 || kinds[chat.KindRun] != len(*called) || kinds[chat.KindResult] < len(*called) || kinds[chat.KindImage] < 2 {
		t.Errorf("the events were %v, the last one %s; %d calls were run", kinds, last.Kind, len(*called))
	}
}

// Nobody at the terminal: --yes or nothing.
func TestToolsNeedSomebody(t *testing.T) {
	for _, flags := range []ToolFlags{{MCP: []string{"x"}}, {Toolbox: "x"}} {
		ask := Ask{Question: "Hello", ToolFlags: flags}
		err := ask.Run(context.Background(), &Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard})
		if !errors.As(err, new(*UsageError)) || !strings.Contains(err.Error(), "--yes") {
			t.Errorf("%+v: %v", flags, err)
		}
	}
	if err := (&ToolFlags{Builtin: true, AllowFile: []string{"x"}}).check(&Streams{In: strings.NewReader("")}); err != nil {
		t.Error(err)
	}
}

// What a person types when a call is shown.
func TestTerminalApproval(t *testing.T) {
	for _, c := range []struct {
		typed string
		want  tools.Verdict
	}{
		{"y\n", tools.Verdict{Decision: chat.AllowOnce}},
		{"what?\nYES\n", tools.Verdict{Decision: chat.AllowOnce}},
		{"c\n", tools.Verdict{Decision: chat.AllowConversation}},
		{"always\n", tools.Verdict{Decision: chat.AllowAlways}},
		{"n use euros\n", tools.Verdict{Decision: chat.Deny, Reason: "use euros"}},
		{"e\n {\"to\":\"USD\"}\n", tools.Verdict{Decision: chat.AllowOnce, Arguments: `{"to":"USD"}`}},
		{"", tools.Verdict{Decision: chat.Deny}},
	} {
		var shown bytes.Buffer
		asker := &approver{lines: newTyped(strings.NewReader(c.typed)), out: &shown}
		got, err := asker.Approve(context.Background(), tools.Question{
			Call: chat.ToolCall{Arguments: "{\"to\":\"\x1b[2JEUR\"}"},
			Tool: tools.Tool{Tool: chat.Tool{Name: "get_rate"}, Source: "MCP server bank", ReadOnly: true},
		})
		if err != nil || got != c.want {
			t.Errorf("%q: %+v, %v", c.typed, got, err)
		}
		if text := shown.String(); !strings.Contains(text, "get_rate wants to run (MCP server bank; it says that it changes nothing)") || strings.Contains(text, "\x1b[2J") {
			t.Errorf("the question is %q", text)
		}
	}
}

// An interrupt ends the wait for an answer.
func TestInterruptWhileAsked(t *testing.T) {
	in, _ := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	stop()
	asker := &approver{lines: newTyped(in), out: io.Discard}
	if _, err := asker.Approve(ctx, tools.Question{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// On a terminal the words go to stdout; what becomes of the calls to stderr.
func TestPrinterWithTools(t *testing.T) {
	var out, errs bytes.Buffer
	show := newPrinter(&Streams{Out: &out, Err: &errs}, false)
	ref := chat.RunOf{Name: "get_rate"}
	for _, e := range []chat.Event{
		{Kind: chat.KindText, Text: "Let me look."},
		{Kind: chat.KindDone, Done: &chat.Done{Text: "Let me look.", ToolCalls: []chat.ToolCall{{Name: "get_rate"}}}},
		{Kind: chat.KindApproval, Approval: &chat.Approval{RunOf: ref, Arguments: "{}", Decision: chat.AllowAlways, By: "remembered"}},
		{Kind: chat.KindResult, Result: &chat.Result{RunOf: ref, Status: chat.RunFailed, Text: "error: no network", Notes: []string{"cut"}}},
		{Kind: chat.KindText, Text: "I cannot know."},
		{Kind: chat.KindDone, Done: &chat.Done{Text: "I cannot know."}},
	} {
		if err := show.event(e); err != nil {
			t.Fatal(err)
		}
	}
	if want := "Let me look.\nI cannot know.\n"; out.String() != want {
		t.Errorf("stdout is %q, want %q", out.String(), want)
	}
	if want := "sirocco: running get_rate({})\nsirocco: get_rate: failed: error: no network\nsirocco: get_rate: cut\n"; errs.String() != want {
		t.Errorf("stderr is %q, want %q", errs.String(), want)
	}
	if got := progress(&chat.Run{RunOf: ref, Done: 1, Total: 4, Note: "a quarter"}); got != "get_rate: 1 of 4 a quarter" {
		t.Error(got)
	}
}

// echo is an engine that repeats the last thing it was told, and calls the clock
// when it is asked for the time.
type echo struct{ requests [][]chat.Message }

func (p *echo) Generate(_ context.Context, request *chat.Request) iter.Seq2[chat.Event, error] {
	return func(yield func(chat.Event, error) bool) {
		p.requests = append(p.requests, request.Messages)
		last := request.Messages[len(request.Messages)-1]
		done := &chat.Done{Text: last.Parts[0].Text, FinishReason: chat.FinishStop}
		if done.Text == "time?" {
			done = &chat.Done{FinishReason: chat.FinishToolCalls, ToolCalls: []chat.ToolCall{{ID: "AbC123456", Name: "clock", Arguments: "{}"}}}
		}
		if done.Text == "" || yield(chat.Event{Kind: chat.KindText, Text: done.Text}, nil) {
			yield(chat.Event{Kind: chat.KindDone, Done: done}, nil)
		}
	}
}

func (p *echo) About() chat.About { return chat.About{} }
func (p *echo) Close()            {}

// A conversation with tools keeps every call and result for the questions after.
func TestConversationWithTools(t *testing.T) {
	for _, flags := range []ToolFlags{{Builtin: true}, {}} {
		engine, ask := &echo{}, Ask{ToolFlags: flags}
		var out bytes.Buffer
		s := &Streams{In: strings.NewReader("time?\n\nhello\n"), Out: &out, Err: io.Discard}
		lines := newTyped(s.In)
		answers, stop, err := ask.around(context.Background(), engine, lines, s)
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		request := &chat.Request{}
		if err := ask.converse(context.Background(), answers, request, newPrinter(s, false), lines, s); err != nil {
			t.Fatal(err)
		}
		var roles []string
		for _, m := range request.Messages {
			roles = append(roles, string(m.Role))
		}
		want := "user assistant tool assistant user assistant"
		if !flags.Builtin { // the call is printed, and is the caller's
			want = "user assistant user assistant"
		}
		if got := strings.Join(roles, " "); got != want {
			t.Errorf("%+v: the conversation is %s, want %s", flags, got, want)
		}
		if !strings.HasSuffix(out.String(), "hello\n") || strings.Contains(out.String(), "AbC123456") == flags.Builtin {
			t.Errorf("%+v: printed %q", flags, out.String())
		}
	}
}

// Half a call says so in both streams.
func TestCallCutOff(t *testing.T) {
	var out, errs bytes.Buffer
	done := &chat.Done{FinishReason: chat.FinishLength, ToolCalls: []chat.ToolCall{{ID: "AbC123456", Name: "f", Arguments: "{", Incomplete: true}}}
	if err := newPrinter(&Streams{Out: &out, Err: &errs}, false).finish(done); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `"incomplete":true`) || !strings.Contains(errs.String(), "must not be run") {
		t.Errorf("printed %q and %q", out.String(), errs.String())
	}
}
