package tools

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/app/crash"
)

// Elicitation is a question of a server's to the person, in the middle of a call.
type Elicitation struct {
	Server  string
	Message string
	Fields  []Field // what it wants to know
	URL     string  // or a page where it is to be told
}

// ElicitationAnswer is what the person says.
type ElicitationAnswer struct {
	Action  string            // Accepted, Declined or Cancelled
	Entries map[string]string // of an accepted form, by the names of its fields
}

// What a person may do with a server's question.
const (
	Accepted  = "accept"
	Declined  = "decline"
	Cancelled = "cancel"
)

// Asker puts a server's question to a person. It may take its time.
type Asker func(ctx context.Context, e Elicitation) (ElicitationAnswer, error)

// Fits says in what the text of a form's field is none of what is asked for; "" for
// nothing.
func (f *Field) Fits(text string) string {
	value, ok := f.value(text)
	switch {
	case !ok && f.Required, f.Required && f.Kind == "string" && text == "":
		return "it is needed"
	case !ok:
		return ""
	case len(f.Choices) > 0 && !slices.Contains(f.Choices, text):
		return "one of the choices is expected"
	}
	var err error
	switch f.Kind {
	case "integer":
		err = json.Unmarshal(value, new(int64))
	case "number":
		err = json.Unmarshal(value, new(float64))
	case "boolean":
		err = json.Unmarshal(value, new(bool))
	}
	if err != nil {
		return map[string]string{"integer": "a whole number is expected", "number": "a number is expected", "boolean": "true or false is expected"}[f.Kind]
	}
	return ""
}

// asking is how often a call that waits for a person is kept from its time's end.
const asking = 10 * time.Second

// elicit answers a question of the server's.
func (s *Server) elicit(ctx context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
	schema, err := json.Marshal(r.Params.RequestedSchema)
	if err != nil {
		return nil, err
	}
	e := Elicitation{Server: s.Name(), Message: r.Params.Message, Fields: Form(schema), URL: r.Params.URL}
	slices.SortStableFunc(e.Fields, func(a, b Field) int { // what is needed comes first
		if a.Required == b.Required {
			return 0
		}
		return map[bool]int{true: -1, false: 1}[a.Required]
	})
	if u, err := url.Parse(e.URL); e.URL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http") {
		return nil, errors.New("the page to be opened is not one of http or https")
	}
	done := make(chan struct{})
	defer close(done)
	crash.Go(func() { s.keepAlive(done) })
	answer, err := s.host.Ask(ctx, e)
	if err != nil {
		return nil, err
	}
	result := &mcp.ElicitResult{Action: answer.Action}
	if answer.Action == Accepted && e.URL == "" {
		result.Content = map[string]any{}
		err = json.Unmarshal([]byte(WriteForm(e.Fields, answer.Entries, nil)), &result.Content)
	}
	return result, err
}

// keepAlive tells running calls that a person is asked, which is no silence of theirs.
func (s *Server) keepAlive(done <-chan struct{}) {
	ticker := time.NewTicker(asking)
	defer ticker.Stop()
	for {
		s.progress.Range(func(_, tell any) bool {
			tell.(func(done, total float64, note string))(0, 0, "the server waits for your answer")
			return true
		})
		select {
		case <-ticker.C:
		case <-done:
			return
		}
	}
}

// noSampling is why a server is not lent the model.
const noSampling = "sampling is refused: Sirocco lends its model to nobody. It would read what the server wrote without the person seeing it, and the protocol has given sampling up (SEP-2577)"

// refusedByPerson is the code that the protocol gives for a refusal.
const refusedByPerson = -1

// refuseSampling answers a server that wants to use the model.
func refuseSampling(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, r mcp.Request) (mcp.Result, error) {
		if method == "sampling/createMessage" {
			return nil, &jsonrpc.Error{Code: refusedByPerson, Message: noSampling}
		}
		return next(ctx, method, r)
	}
}

// clientOptions are what we can do for a server.
func (s *Server) clientOptions() *mcp.ClientOptions {
	o := &mcp.ClientOptions{
		Capabilities:                &mcp.ClientCapabilities{},
		ToolListChangedHandler:      func(context.Context, *mcp.ToolListChangedRequest) { s.changed.Store(true) },
		ProgressNotificationHandler: s.progressed,
	}
	if s.host.Ask != nil {
		o.ElicitationHandler = s.elicit
		o.Capabilities.Elicitation = &mcp.ElicitationCapabilities{Form: &mcp.FormElicitationCapabilities{}, URL: &mcp.URLElicitationCapabilities{}}
	}
	s.offerRoots(o.Capabilities)
	return o
}

// newClient is our side of a connection.
func (s *Server) newClient() *mcp.Client {
	client := mcp.NewClient(&mcp.Implementation{Name: "sirocco", Version: "1"}, s.clientOptions())
	client.AddReceivingMiddleware(refuseSampling)
	s.addRoots(client)
	return client
}
