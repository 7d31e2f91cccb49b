package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/app/crash"
	"sirocco/model/chat"
)

// ServerSpec says how to reach an MCP server: a Command that is started and spoken
// to over its standard streams, or the URL of one that speaks streamable HTTP.
type ServerSpec struct {
	Name    string            `json:"name,omitempty"` // for people; empty: made of the rest
	Command []string          `json:"command,omitempty"`
	Env     map[string]string `json:"env,omitempty"` // added to ours
	Dir     string            `json:"dir,omitempty"`
	URL     string            `json:"url,omitempty"`
	Headers map[string]string `json:"headers,omitempty"` // sent with every request, for keys
	Timeout Seconds           `json:"timeout_s,omitempty"`
	Type    string            `json:"type,omitempty"` // how an address speaks: "sse", "http", or "" to find out

	Disabled      bool     `json:"disabled,omitempty"`      // it is not started
	DisabledTools []string `json:"disabledTools,omitempty"` // not offered; "*" means all
	EnabledTools  []string `json:"enabledTools,omitempty"`  // nothing but these is offered; none: all
	AutoApprove   []string `json:"autoApprove,omitempty"`   // run without asking; "*" means all
}

// ParseServer reads what follows --mcp: an http or https address, or a command
// line, which is split into words but given to no shell.
func ParseServer(text string) (ServerSpec, error) {
	text = strings.TrimSpace(text)
	if u, err := url.Parse(text); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		return ServerSpec{URL: text}, nil
	}
	words, err := splitWords(text)
	if err == nil && len(words) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return ServerSpec{}, fmt.Errorf("reading what --mcp names: %w; give a command with its arguments, or an http address", err)
	}
	return ServerSpec{Command: words}, nil
}

// Server is an MCP server as a Provider. Its list of tools follows the server's;
// a server that died is started again when it is next needed.
type Server struct {
	spec    ServerSpec
	mask    *mask
	host    *Host
	observe Observer     // of its traffic; may be nil
	tickets atomic.Int64 // of progress

	mu     sync.Mutex
	now    *link // nil: not connected
	closed bool

	tools    atomic.Pointer[[]Tool]
	progress sync.Map // ticket → func(done, total float64, note string)
}

// link is a connection that stands.
type link struct {
	*mcp.ClientSession
	process *process // nil over HTTP
}

// cut ends the connection, and the process of a command.
func (l *link) cut() {
	_ = l.ClientSession.Close()
	if l.process != nil {
		l.process.stop()
	}
}

// startTime bounds the start of a server and the reading of its list.
const startTime = 30 * time.Second

// Name is the server's name for people.
func (s *Server) Name() string { return s.spec.label() }

// Tools is the server's list as it is now.
func (s *Server) Tools() []Tool {
	if list := s.tools.Load(); list != nil {
		return s.spec.switched(*list)
	}
	return nil
}

// Close ends the connection, and the process of a command: it is waited for, and
// killed when it does not end by itself.
func (s *Server) Close() error {
	s.mu.Lock()
	l := s.now
	s.now, s.closed = nil, true
	s.mu.Unlock()
	if l == nil {
		return nil
	}
	l.cut()
	if l.process != nil {
		<-l.process.ended
	}
	return nil
}

// connected is the connection, made anew if there is none.
func (s *Server) connected(ctx context.Context) (*link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, fmt.Errorf("the MCP server %s has been closed", s.Name())
	case s.now != nil:
		return s.now, nil
	}
	l, err := s.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to the MCP server %s: %w", s.Name(), plainly(err))
	}
	if err := s.list(ctx, l); err != nil {
		l.cut()
		return nil, fmt.Errorf("connecting to the MCP server %s: %w", s.Name(), plainly(err))
	}
	s.now = l
	crash.Go(func() { s.watch(l) })
	return l, nil
}

// open makes a connection to a new process or over HTTP.
func (s *Server) open(ctx context.Context) (*link, error) {
	l := &link{}
	var transport mcp.Transport
	if s.spec.URL != "" {
		transport = &mcp.StreamableClientTransport{Endpoint: s.spec.URL, HTTPClient: s.spec.client(s.observe), MaxEventSize: maxMessage}
	} else {
		p, err := startProcess(s.spec, s.observe)
		if err != nil {
			return nil, err
		}
		l.process, transport = p, p.transport()
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "sirocco", Version: "1"}, &mcp.ClientOptions{
		Capabilities:                &mcp.ClientCapabilities{},
		ToolListChangedHandler:      func(_ context.Context, r *mcp.ToolListChangedRequest) { crash.Go(func() { s.relist(r.Session) }) },
		ProgressNotificationHandler: s.progressed,
	})
	session, err := client.Connect(ctx, transport, nil)
	if err != nil {
		if l.process != nil {
			l.process.stop()
			err = &fault{plainly(err).Error() + l.process.lastWords(), err}
		}
		return nil, err
	}
	l.ClientSession = session
	return l, nil
}

// watch forgets a connection that ended, so that the next call makes a new one.
func (s *Server) watch(l *link) {
	_ = l.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == l {
		l.cut()
		s.now = nil
	}
}

// relist reads the list again after the server said that it changed.
func (s *Server) relist(session *mcp.ClientSession) {
	ctx, stop := context.WithTimeout(context.Background(), startTime)
	defer stop()
	_ = s.list(ctx, &link{ClientSession: session}) // the old list stands; a call will tell what is wrong
}

// Limits on a server's list. All of a description and a schema is read by the model.
const (
	maxTools       = 1000
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
	for t, err := range l.Tools(ctx, nil) {
		if err != nil {
			return fmt.Errorf("reading its list of tools: %w", plainly(err))
		}
		if len(tools) == maxTools {
			return fmt.Errorf("it has more than %d tools", maxTools)
		}
		tool, err := s.tool(t)
		if err != nil {
			return fmt.Errorf("reading its tool %s: %w", plainName(t.Name), err)
		}
		if total += len(tool.Description) + len(tool.Parameters); total > maxList {
			return fmt.Errorf("the descriptions and schemas of its tools have more than %s together, so none of them is offered", size(maxList))
		}
		tools = append(tools, tool)
	}
	s.tools.Store(&tools)
	return nil
}

// tool is one of the server's tools as ours.
func (s *Server) tool(t *mcp.Tool) (Tool, error) {
	parameters, err := json.Marshal(t.InputSchema)
	if err != nil {
		return Tool{}, err
	}
	tool := Tool{
		Tool:         chat.Tool{Name: t.Name, Description: t.Description, Parameters: parameters},
		Title:        t.Title,
		Source:       "MCP server " + s.Name(),
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
	tool.Run = func(ctx context.Context, c Call) (Output, error) { return s.mask.ofOutput(s.call(ctx, name, c)) }
	return s.mask.ofTool(tool), tooLong(&tool)
}

// call makes a call. Ending ctx tells the server to stop.
func (s *Server) call(ctx context.Context, name string, c Call) (Output, error) {
	l, err := s.connected(ctx)
	if err != nil {
		return Output{}, err
	}
	ticket := strconv.FormatInt(s.tickets.Add(1), 10)
	s.progress.Store(ticket, c.Progress)
	defer s.progress.Delete(ticket)
	result, err := l.CallTool(ctx, &mcp.CallToolParams{
		Meta: mcp.Meta{"progressToken": ticket}, Name: name, Arguments: json.RawMessage(c.Arguments),
	})
	switch {
	case err == nil:
		return contents(result), nil
	case ctx.Err() == nil && (errors.Is(err, mcp.ErrConnectionClosed) || errors.Is(err, io.EOF)):
		return Output{}, fmt.Errorf("the MCP server %s ended during the call%s", s.Name(), l.process.lastWords())
	}
	return Output{}, fmt.Errorf("calling %s of the MCP server %s: %w", name, s.Name(), plainly(err))
}

// progressed passes on how far a run is.
func (s *Server) progressed(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
	note, _ := cut(s.mask.results.Replace(r.Params.Message), smallest)
	if tell, ok := s.progress.Load(fmt.Sprint(r.Params.ProgressToken)); ok {
		tell.(func(done, total float64, note string))(r.Params.Progress, r.Params.Total, note)
	}
}
