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
	"sirocco/app/tools/signin"
)

// ServerSpec says how to reach an MCP server: a Command that is started and spoken
// to over its standard streams, or the URL of one that speaks streamable HTTP.
type ServerSpec struct {
	Name    string            `json:"name,omitempty"` // for people; empty: made of the rest
	Command []string          `json:"command,omitempty"`
	Env     map[string]string `json:"env,omitempty"` // added to ours
	Dir     string            `json:"dir,omitempty"`
	URL     string            `json:"url,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`   // sent with every request, for keys
	Start   Seconds           `json:"start_s,omitempty"`   // how long it may take to start; 0 is 30
	Timeout Seconds           `json:"timeout_s,omitempty"` // how long a call may be silent
	Type    string            `json:"type,omitempty"`      // how an address speaks: "sse", "http", or "" to find out

	Roots []string `json:"roots,omitempty"` // folders it is told of; none: it is told nothing

	Disabled      bool     `json:"disabled,omitempty"`      // it is not started
	DisabledTools []string `json:"disabledTools,omitempty"` // not offered; "*" means all
	EnabledTools  []string `json:"enabledTools,omitempty"`  // nothing but these is offered; none: all
	AutoApprove   []string `json:"autoApprove,omitempty"`   // run without asking; "*" means all
}

// How an address is spoken to.
const typeSSE = "sse"

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
	observe Observer        // of its traffic; may be nil
	signin  *signin.Handler // of a server that may ask for that; or nil
	refused atomic.Pointer[string]
	tickets atomic.Int64 // of progress

	mu     sync.Mutex
	now    *link // nil: not connected
	closed bool

	wire    atomic.Pointer[wire]     // of the connection that stands
	changed atomic.Bool              // the server said that its list did
	notes   atomic.Pointer[[]string] // about its list

	tools    atomic.Pointer[[]Tool]
	switches atomic.Pointer[ServerSpec] // which of them are offered
	progress sync.Map                   // ticket → func(done, total float64, note string)
}

// link is a connection that stands.
type link struct {
	*mcp.ClientSession
	process *process           // nil over HTTP
	end     context.CancelFunc // of what the connection stands on
}

// cut ends the connection, and the process of a command.
func (l *link) cut() {
	defer l.end()
	_ = l.ClientSession.Close()
	if l.process != nil {
		l.process.stop()
	}
}

// startTime bounds the start of a server and the reading of its list.
const startTime = 30 * time.Second

func (s *Server) startTime() time.Duration { return or(s.spec.Start.duration(), startTime) }

// Notes say what of the server's list cannot be used as it is, a sentence each.
func (s *Server) Notes() []string {
	if notes := s.notes.Load(); notes != nil {
		return *notes
	}
	return nil
}

// Refresh reads the list again if the server said that it changed, so that the next
// answer sees it.
func (s *Server) Refresh(ctx context.Context) {
	s.mu.Lock()
	l := s.now
	s.mu.Unlock()
	if l == nil || !s.changed.CompareAndSwap(true, false) {
		return
	}
	ctx, stop := context.WithTimeout(ctx, s.startTime())
	defer stop()
	if s.list(ctx, l) != nil {
		s.changed.Store(true) // the old list stands; the next answer tries again
	}
}

// Name is the server's name for people.
func (s *Server) Name() string { return s.spec.Label() }

// Tools is the server's list as it is now.
func (s *Server) Tools() []Tool {
	return s.switches.Load().switched(s.All())
}

// All is the list with the tools that are switched off.
func (s *Server) All() []Tool {
	if list := s.tools.Load(); list != nil {
		return *list
	}
	return nil
}

// Switch offers the tools that an entry says from now on.
func (s *Server) Switch(spec ServerSpec) { s.switches.Store(&spec) }

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
		return nil, fmt.Errorf("connecting to the MCP server %s: %w", s.Name(), s.refusal(err))
	}
	if err := s.list(ctx, l); err != nil {
		l.cut()
		return nil, fmt.Errorf("connecting to the MCP server %s: %w", s.Name(), plainly(err))
	}
	if s.signin != nil {
		s.signin.Satisfied()
	}
	s.now = l
	crash.Go(func() { s.watch(l) })
	return l, nil
}

// call makes a call. Ending ctx tells the server to stop. A session that the server has
// forgotten is begun anew, and the call made again.
func (s *Server) call(ctx context.Context, name string, c Call) (Output, error) {
	for again := false; ; again = true {
		l, err := s.connected(ctx)
		if err != nil {
			return Output{}, err
		}
		result, err := s.callOver(ctx, l, name, c)
		switch {
		case err == nil:
			s.mayHaveChanged(l)
			return contents(result), nil
		case !again && ctx.Err() == nil && l.process == nil && forgotten(err):
			s.drop(l)
		case ctx.Err() == nil && (errors.Is(err, mcp.ErrConnectionClosed) || errors.Is(err, io.EOF)):
			return Output{}, fmt.Errorf("the MCP server %s ended during the call%s", s.Name(), l.process.lastWords())
		default:
			return Output{}, fmt.Errorf("calling %s of the MCP server %s: %w", name, s.Name(), s.refusal(err))
		}
	}
}

func (s *Server) callOver(ctx context.Context, l *link, name string, c Call) (*mcp.CallToolResult, error) {
	ticket := strconv.FormatInt(s.tickets.Add(1), 10)
	s.progress.Store(ticket, c.Progress)
	defer s.progress.Delete(ticket)
	return l.CallTool(ctx, &mcp.CallToolParams{
		Meta: mcp.Meta{"progressToken": ticket}, Name: name, Arguments: json.RawMessage(c.Arguments),
	})
}

// forgotten reports whether a server does not know a session any more.
func forgotten(err error) bool {
	if errors.Is(err, mcp.ErrSessionMissing) {
		return true
	}
	said := strings.ToLower(err.Error())
	return strings.Contains(said, "session") && (strings.Contains(said, "not found") || strings.Contains(said, "expired") ||
		strings.Contains(said, "invalid") || strings.Contains(said, "missing") || strings.Contains(said, "no valid") || strings.Contains(said, "unknown"))
}

// drop forgets a connection.
func (s *Server) drop(l *link) {
	s.mu.Lock()
	if s.now == l {
		s.now = nil
	}
	s.mu.Unlock()
	crash.Go(l.cut) // it may wait for an answer
}

// mayHaveChanged notes that the list is to be read again before the next answer, where
// the server announces changes: the announcement may come after the result that it
// belongs to.
func (s *Server) mayHaveChanged(l *link) {
	if hello := l.InitializeResult(); hello != nil && hello.Capabilities != nil && hello.Capabilities.Tools != nil && hello.Capabilities.Tools.ListChanged {
		s.changed.Store(true)
	}
}

// progressed passes on how far a run is.
func (s *Server) progressed(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
	note, _ := cut(s.mask.results.Replace(r.Params.Message), smallest)
	if tell, ok := s.progress.Load(fmt.Sprint(r.Params.ProgressToken)); ok {
		tell.(func(done, total float64, note string))(r.Params.Progress, r.Params.Total, note)
	}
}
