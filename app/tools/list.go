package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/model/chat"
)

// Limits on a server's list. All of a description and a schema is read by the model.
const (
	maxTools       = 5000
	maxList        = 8 << 20 // bytes of all descriptions and schemas
	maxSchema      = 1 << 20
	maxDescription = 64 << 10
	maxTitle       = 1 << 10
)

// tooLong says which part of a tool no honest one has at such a size.
func tooLong(t *Tool) error {
	for _, part := range []struct {
		name    string
		is, may int
	}{
		{"name", len(t.Name), maxTitle}, {"title", len(t.Title), maxTitle}, {"description", len(t.Description), maxDescription}, {"schema", len(t.Parameters), maxSchema},
	} {
		if part.is > part.may {
			return fmt.Errorf("its %s has %s, and at most %s are taken", part.name, size(part.is), size(part.may))
		}
	}
	return nil
}

// list reads the server's tools.
func (s *Server) list(ctx context.Context, l *link) error {
	tools, total := []Tool{}, 0
	w := s.wire.Load()
	var notes []string
	for t, err := range l.Tools(ctx, nil) {
		if noTools(err) {
			break // it has resources or prompts alone
		}
		if err != nil {
			return fmt.Errorf("reading its list of tools: %w", plainly(err))
		}
		if len(tools) == maxTools {
			notes = append(notes, fmt.Sprintf("it has more than %d tools; the first ones are offered", maxTools))
			break
		}
		tool, why := s.tool(t, w.schema(t.Name))
		if why != nil {
			notes = append(notes, fmt.Sprintf("its tool %s: %v", plainName(t.Name), why))
		}
		if tool.Run == nil {
			continue
		}
		if total += len(tool.Description) + len(tool.Parameters); total > maxList {
			return fmt.Errorf("the descriptions and schemas of its tools have more than %s together, so none of them is offered", size(maxList))
		}
		tools = append(tools, tool)
	}
	notes = append(w.takeNotes(), notes...)
	s.notes.Store(&notes)
	s.tools.Store(&tools)
	return nil
}

// noTools reports whether a server says that it has no such thing as a list of tools.
func noTools(err error) bool {
	var said *jsonrpc.Error
	return errors.As(err, &said) && said.Code == jsonrpc.CodeMethodNotFound
}

// tool is one of the server's tools as ours, with its schema as the server wrote it. why
// says what is wrong with it; one that cannot be offered has no Run.
func (s *Server) tool(t *mcp.Tool, schema json.RawMessage) (_ Tool, why error) {
	parameters := schema
	if len(schema) <= maxSchema {
		if parameters, why = readableSchema(schema); why != nil {
			why = fmt.Errorf("its arguments are not checked, because its schema cannot be read: %w", why)
		}
	}
	tool := Tool{
		Tool:         chat.Tool{Name: t.Name, Description: t.Description, Parameters: parameters},
		Title:        t.Title,
		Source:       "MCP server " + s.Name(),
		server:       s.Name(),
		former:       s.spec.formerSource(),
		StoredSource: s.spec.storedSource(),
		Bounds:       s.spec.bounds(),
		Timeout:      s.spec.Timeout.duration(),
	}
	if hints := t.Annotations; hints != nil {
		tool.ReadOnly = hints.ReadOnlyHint
		if tool.Title == "" {
			tool.Title = hints.Title
		}
	}
	name := t.Name // the server's own, whatever a Set makes of it
	if long := tooLong(&tool); long != nil {
		return Tool{}, fmt.Errorf("it is left out: %w", long)
	}
	tool.Run = func(ctx context.Context, c Call) (Output, error) { return s.mask.ofOutput(s.call(ctx, name, c)) }
	return s.mask.ofTool(tool), why
}
