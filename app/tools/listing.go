package tools

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// About is what a server says of itself.
type About struct {
	Name         string `json:"name"`
	Title        string `json:"title,omitempty"`
	Version      string `json:"version"`
	Protocol     string `json:"protocol"`
	Instructions string `json:"instructions,omitempty"`
}

// About is what the server said when it was connected to; empty while it is not.
func (s *Server) About() About {
	s.mu.Lock()
	l := s.now
	s.mu.Unlock()
	if l == nil {
		return About{}
	}
	r := l.InitializeResult()
	a := About{Protocol: r.ProtocolVersion, Instructions: s.mask.results.Replace(r.Instructions)}
	if r.ServerInfo != nil {
		a.Name, a.Title, a.Version = r.ServerInfo.Name, r.ServerInfo.Title, r.ServerInfo.Version
	}
	return a
}

// capable is the connection of a server, with whether it offers something.
func (s *Server) capable(ctx context.Context, offers func(*mcp.ServerCapabilities) bool) (*link, bool, error) {
	l, err := s.connected(ctx)
	if err != nil {
		return nil, false, s.mask.ofError(err)
	}
	c := l.InitializeResult().Capabilities
	return l, c != nil && offers(c), nil
}

// maxListed bounds a list of resources or prompts.
const maxListed = 10_000

// Resources are the server's files and the like; none where it has none to offer.
func (s *Server) Resources(ctx context.Context) (list []*mcp.Resource, err error) {
	l, ok, err := s.capable(ctx, func(c *mcp.ServerCapabilities) bool { return c.Resources != nil })
	if err != nil || !ok {
		return nil, err
	}
	for r, err := range l.Resources(ctx, nil) {
		if err != nil {
			return list, s.fault("listing the resources", err)
		}
		if list = append(list, r); len(list) == maxListed {
			break
		}
	}
	return list, nil
}

// Templates are patterns of addresses of resources.
func (s *Server) Templates(ctx context.Context) (list []*mcp.ResourceTemplate, err error) {
	l, ok, err := s.capable(ctx, func(c *mcp.ServerCapabilities) bool { return c.Resources != nil })
	if err != nil || !ok {
		return nil, err
	}
	for r, err := range l.ResourceTemplates(ctx, nil) {
		if err != nil {
			return list, s.fault("listing the resource templates", err)
		}
		if list = append(list, r); len(list) == maxListed {
			break
		}
	}
	return list, nil
}

// Prompts are the server's prepared questions.
func (s *Server) Prompts(ctx context.Context) (list []*mcp.Prompt, err error) {
	l, ok, err := s.capable(ctx, func(c *mcp.ServerCapabilities) bool { return c.Prompts != nil })
	if err != nil || !ok {
		return nil, err
	}
	for p, err := range l.Prompts(ctx, nil) {
		if err != nil {
			return list, s.fault("listing the prompts", err)
		}
		if list = append(list, p); len(list) == maxListed {
			break
		}
	}
	return list, nil
}

// Read is a resource as what the model could be given of it.
func (s *Server) Read(ctx context.Context, uri string) (Output, error) {
	l, err := s.connected(ctx)
	if err != nil {
		return Output{}, s.mask.ofError(err)
	}
	result, err := l.ReadResource(ctx, &mcp.ReadResourceParams{URI: uri})
	if err != nil {
		return Output{}, s.fault("reading "+uri, err)
	}
	var content []mcp.Content
	for _, r := range result.Contents {
		content = append(content, &mcp.EmbeddedResource{Resource: r})
	}
	return s.mask.ofOutput(contents(&mcp.CallToolResult{Content: content}), nil)
}

// PromptMessage is one message of a prompt.
type PromptMessage struct {
	Role string
	Output
}

// Prompt is a prepared question with its arguments put in.
func (s *Server) Prompt(ctx context.Context, name string, arguments map[string]string) ([]PromptMessage, error) {
	l, err := s.connected(ctx)
	if err != nil {
		return nil, s.mask.ofError(err)
	}
	result, err := l.GetPrompt(ctx, &mcp.GetPromptParams{Name: name, Arguments: arguments})
	if err != nil {
		return nil, s.fault("getting the prompt "+name, err)
	}
	var messages []PromptMessage
	for _, m := range result.Messages {
		out, _ := s.mask.ofOutput(contents(&mcp.CallToolResult{Content: []mcp.Content{m.Content}}), nil)
		messages = append(messages, PromptMessage{string(m.Role), out})
	}
	return messages, nil
}

// Call makes a call that a person asks for, by the server's own name of the tool.
// The arguments are sent as they are, fit or not.
func (s *Server) Call(ctx context.Context, name, arguments string, progress func(done, total float64, note string)) (Output, error) {
	if !json.Valid([]byte(arguments)) {
		return Output{}, fmt.Errorf("the arguments are no JSON: %s", describeJSON(arguments))
	}
	if progress == nil {
		progress = func(float64, float64, string) {}
	}
	return s.mask.ofOutput(s.call(ctx, name, Call{Arguments: arguments, Progress: progress}))
}

// Misfit says in what arguments differ from a tool's schema; "" for nothing.
func Misfit(t *Tool, arguments string) string {
	fault, _ := (&checks{}).fault(t, arguments)
	return fault
}

// describeJSON says where a text ceases to be JSON.
func describeJSON(text string) string {
	var any json.RawMessage
	if err := json.Unmarshal([]byte(text), &any); err != nil {
		return err.Error()
	}
	return ""
}

func (s *Server) fault(doing string, err error) error {
	return s.mask.ofError(fmt.Errorf("%s of the MCP server %s: %w", doing, s.Name(), plainly(err)))
}
