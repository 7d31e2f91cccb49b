package tools

import (
	"context"
	"errors"
	"slices"
	"sync"

	"sirocco/app/crash"
	"sirocco/app/tools/signin"
)

// Phases of a server of a list.
const (
	ServerOff      = "off"
	ServerStarting = "starting"
	ServerRunning  = "running"
	ServerFailed   = "failed"
)

// Servers are the MCP servers of a list, each with how it is. It is a Provider of the
// tools of those that run. Methods may be called from any goroutine.
type Servers struct {
	changed func(traffic bool)
	host    Host

	mu      sync.Mutex
	list    []*entry
	closed  bool
	ctx     context.Context
	stop    context.CancelFunc
	pending sync.WaitGroup
}

// entry is one server of the list.
type entry struct {
	spec   ServerSpec
	phase  string
	err    error
	server *Server
	log    *trafficLog
	round  int // of starting; an earlier one that ends late does not count
}

// ServerState is how a server of a list is.
type ServerState struct {
	Spec  ServerSpec
	Phase string
	Err   error
	About About
	Tools []Tool   // all it has, those too that are switched off
	Notes []string // what of its list cannot be used as it is
}

// Name is the server's name for people.
func (s *ServerState) Name() string { return s.Spec.Label() }

// Offers says that a tool of the server is switched on.
func (s *ServerState) Offers(name string) bool {
	return len(s.Spec.switched([]Tool{justNamed(name)})) > 0
}

func justNamed(name string) (t Tool) {
	t.Name = name
	return t
}

// NewServers starts all servers of a list at once; those that are off wait. changed is
// called after each change, from any goroutine: of the list, or of what passed between
// a server and us; it may be nil. The host's browser is for servers that were just
// added or reconnected.
func NewServers(specs []ServerSpec, host Host, changed func(traffic bool)) *Servers {
	s := &Servers{host: host, changed: changed}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, spec := range specs {
		e := &entry{spec: spec, log: &trafficLog{}}
		s.list = append(s.list, e)
		s.start(e, nil) // nobody has asked for a browser yet
	}
	return s
}

// start begins to connect to a server, unless it is off. The lock is held.
func (s *Servers) start(e *entry, browser signin.Browser) {
	e.round++
	old := e.server
	e.server, e.err, e.phase = nil, nil, ServerStarting
	if e.spec.Disabled {
		e.phase = ServerOff
	}
	if s.closed {
		return
	}
	round, spec, off := e.round, e.spec, e.spec.Disabled
	s.pending.Add(1)
	crash.Go(func() {
		defer s.pending.Done()
		if old != nil {
			old.Close()
		}
		if off {
			return
		}
		var server *Server
		err := crash.Try(func() (err error) {
			server, err = (&Host{Observe: func(string) Observer { return s.observe(e.log) }, Browser: browser, Ask: s.host.Ask}).Connect(s.ctx, spec)
			return err
		})
		if !s.started(e, round, server, err) && server != nil {
			server.Close()
		}
	})
}

// observe keeps the traffic of a server and tells of it.
func (s *Servers) observe(log *trafficLog) Observer {
	return func(t Traffic) {
		log.add(t)
		if s.changed != nil {
			s.changed(true)
		}
	}
}

// started notes how a start ended; false when nobody waits for it any more.
func (s *Servers) started(e *entry, round int, server *Server, err error) bool {
	s.mu.Lock()
	current := !s.closed && e.round == round
	if current {
		e.server, e.err, e.phase = server, err, ServerRunning
		if err != nil {
			e.phase = ServerFailed
		} else {
			server.Switch(e.spec)
		}
	}
	s.mu.Unlock()
	s.tell()
	return current
}

func (s *Servers) tell() {
	if s.changed != nil {
		s.changed(false)
	}
}

// Settled waits until no server is starting any more. The error says which failed.
func (s *Servers) Settled(ctx context.Context) error {
	done := make(chan struct{})
	crash.Go(func() { s.pending.Wait(); close(done) })
	select {
	case <-done:
	case <-ctx.Done():
		return ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, e := range s.list {
		errs = append(errs, e.err)
	}
	return errors.Join(errs...)
}

// States are all servers as they are now.
func (s *Servers) States() []ServerState {
	s.mu.Lock()
	entries := slices.Clone(s.list)
	states := make([]ServerState, len(entries))
	servers := make([]*Server, len(entries))
	for i, e := range entries {
		states[i], servers[i] = ServerState{Spec: e.spec, Phase: e.phase, Err: e.err}, e.server
	}
	s.mu.Unlock()
	for i, server := range servers {
		if server != nil {
			states[i].About, states[i].Tools, states[i].Notes = server.About(), server.All(), server.Notes()
		}
	}
	return states
}

// find is the entry of a name, with the lock held; nil for none.
func (s *Servers) find(name string) *entry {
	for _, e := range s.list {
		if e.spec.Label() == name {
			return e
		}
	}
	return nil
}

// Put adds a server or replaces the one of its name, and starts it, if it is on.
func (s *Servers) Put(spec ServerSpec) {
	s.mu.Lock()
	e := s.find(spec.Label())
	if e == nil {
		e = &entry{log: &trafficLog{}}
		s.list = append(s.list, e)
	}
	e.spec = spec
	s.start(e, s.host.Browser)
	s.mu.Unlock()
	s.tell()
}

// Switch takes over which tools of a server are offered; it goes on as it is.
func (s *Servers) Switch(spec ServerSpec) {
	s.mu.Lock()
	if e := s.find(spec.Label()); e != nil {
		e.spec.DisabledTools, e.spec.EnabledTools = spec.DisabledTools, spec.EnabledTools
		if e.server != nil {
			e.server.Switch(e.spec)
		}
	}
	s.mu.Unlock()
	s.tell()
}

// Restart ends a server and connects anew.
func (s *Servers) Restart(name string) {
	s.mu.Lock()
	if e := s.find(name); e != nil {
		s.start(e, s.host.Browser)
	}
	s.mu.Unlock()
	s.tell()
}

// Remove ends a server and forgets it.
func (s *Servers) Remove(name string) {
	s.mu.Lock()
	if e := s.find(name); e != nil {
		e.spec.Disabled = true
		s.start(e, nil) // which ends it
		s.list = slices.DeleteFunc(s.list, func(other *entry) bool { return other == e })
	}
	s.mu.Unlock()
	s.tell()
}

// Server is a server that runs; nil for others.
func (s *Servers) Server(name string) *Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.find(name); e != nil {
		return e.server
	}
	return nil
}

// Traffic is what has passed between a server and us, the latest last. from is the
// number of the first.
func (s *Servers) Traffic(name string) (list []Traffic, from int) {
	s.mu.Lock()
	e := s.find(name)
	s.mu.Unlock()
	if e == nil {
		return nil, 0
	}
	return e.log.kept()
}

// running are the servers that run.
func (s *Servers) running() (list []*Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.list {
		if e.server != nil {
			list = append(list, e.server)
		}
	}
	return list
}

// Tools are those of all servers that run.
func (s *Servers) Tools() (all []Tool) {
	for _, server := range s.running() {
		all = append(all, server.Tools()...)
	}
	return all
}

// Refresh reads the lists of those servers again that said that theirs changed.
func (s *Servers) Refresh(ctx context.Context) { refreshAll(ctx, s.running()) }

// Close ends all servers.
func (s *Servers) Close() error {
	s.mu.Lock()
	s.closed = true
	s.stop()
	s.mu.Unlock()
	var ended sync.WaitGroup
	for _, server := range s.running() {
		ended.Add(1)
		crash.Go(func() { defer ended.Done(); server.Close() })
	}
	ended.Wait()
	s.pending.Wait()
	return nil
}

// Limits on what is kept of a server's traffic.
const (
	maxKept      = 2000
	maxKeptBytes = 16 << 20
)

// trafficLog keeps the latest traffic of a server.
type trafficLog struct {
	mu    sync.Mutex
	list  []Traffic
	bytes int
	from  int
}

// add takes one more, and forgets the oldest where there are too many.
func (l *trafficLog) add(t Traffic) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, t)
	l.bytes += len(t.Data)
	for len(l.list) > maxKept || l.bytes > maxKeptBytes && len(l.list) > 1 {
		l.bytes -= len(l.list[0].Data)
		l.list = l.list[1:]
		l.from++
	}
}

func (l *trafficLog) kept() ([]Traffic, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.list), l.from
}
