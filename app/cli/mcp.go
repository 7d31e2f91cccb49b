package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sirocco/app/tools"
	"sirocco/model/chat"
)

// ToolFlags are the tools that are run when the model calls them.
type ToolFlags struct {
	MCP        []string      `name:"mcp" placeholder:"CMD|URL" sep:"none" help:"An MCP server whose tools the model may call: a command with its arguments, or an http address; repeat for more."`
	MCPHeader  []string      `name:"mcp-header" placeholder:"HEADER" sep:"none" help:"A header (Name: value) for the --mcp address; $${NAME} in it stands for that environment variable. Repeat for more."`
	MCPStart   time.Duration `name:"mcp-start" default:"30s" help:"How long an MCP server may take to start."`
	MCPTimeout time.Duration `name:"mcp-timeout" default:"60s" help:"How long a call of an MCP server may be silent."`
	Toolbox    string        `placeholder:"FILE" help:"A file of tools to run: programs, MCP servers, which built-in ones; also as Claude Desktop, VS Code, Cursor, Zed, opencode and others write it."`
	Builtin    bool          `help:"Let the model use the built-in tools: clock and calculator."`
	AllowFile  []string      `placeholder:"FILE" sep:"none" help:"A file that the model may read; repeat for more."`
	Yes        bool          `help:"Run every tool the model calls without asking."`
}

func (f *ToolFlags) given() bool { return f.needAsking() || f.Builtin || len(f.AllowFile) > 0 }

func (f *ToolFlags) needAsking() bool { return len(f.MCP) > 0 || f.Toolbox != "" }

// check refuses to run what nobody could allow.
func (f *ToolFlags) check(s *Streams) error {
	if f.needAsking() && !f.Yes && !isTerminal(s.In) {
		return &UsageError{"--mcp and --toolbox ask before they run a tool, and standard input is no terminal; --yes runs every call without asking"}
	}
	return nil
}

// around puts the tools around an engine. Without tools it is the engine itself.
// stop ends the servers.
func (f *ToolFlags) around(ctx context.Context, engine chat.Engine, lines *typed, s *Streams) (answers chat.Engine, stop func(), err error) {
	if !f.given() {
		return engine, func() {}, nil
	}
	permits, err := tools.OpenPermits(tools.PermitsPath())
	if err != nil {
		return nil, nil, err
	}
	set, err := f.open(ctx, lines, s)
	if err != nil {
		return nil, nil, err
	}
	loop := &tools.Loop{Engine: engine, Tools: set, Permits: permits, Approver: &approver{lines: lines, out: s.Err}}
	if f.Yes {
		loop.Approver = tools.AllowAll
	}
	return loop, func() { set.Close() }, nil
}

// open gathers the tools and starts their servers. One that cannot be reached is left
// out, which is said.
func (f *ToolFlags) open(ctx context.Context, lines *typed, s *Streams) (*tools.Set, error) {
	specs, err := f.servers()
	if err != nil {
		return nil, err
	}
	set := tools.NewSet()
	if f.Toolbox != "" {
		if set, err = openToolbox(ctx, f.Toolbox, lines, s); err != nil {
			return nil, err
		}
	}
	if f.Builtin {
		set.Add(tools.List(tools.Builtin()))
	}
	if len(f.AllowFile) > 0 {
		set.Add(tools.List{tools.ReadFiles(f.AllowFile...)})
	}
	f.connect(ctx, specs, set, lines, s)
	sayCost(s, set)
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(err, set.Close())
	}
	return set, nil
}

// connect starts the servers named with --mcp, all at the same time. One that cannot be
// reached is said and left out: the question can be answered without it.
func (f *ToolFlags) connect(ctx context.Context, specs []tools.ServerSpec, set *tools.Set, lines *typed, s *Streams) {
	for i := range specs {
		specs[i].Start, specs[i].Timeout = tools.Seconds(f.MCPStart.Seconds()), tools.Seconds(f.MCPTimeout.Seconds())
	}
	servers, faults := host(lines, s).ConnectAll(ctx, specs)
	for i, server := range servers {
		if server == nil {
			fmt.Fprintf(s.Err, "sirocco: %s; its tools are missing\n", plain(faults[i].Error()))
			continue
		}
		set.Add(server)
		for _, note := range server.Notes() {
			fmt.Fprintf(s.Err, "sirocco: the MCP server %s: %s\n", plain(server.Name()), plain(note))
		}
	}
}

// manyTools is from how many tools on their cost is said.
const manyTools = 100

// sayCost tells what a great many tools cost every prompt, roughly.
func sayCost(s *Streams, set *tools.Set) {
	list, bytes := set.Tools(), 0
	for i := range list {
		bytes += len(list[i].Name) + len(list[i].Description) + len(list[i].Parameters) + 64
	}
	if len(list) > manyTools {
		fmt.Fprintf(s.Err, "sirocco: %d tools are offered, which take about %d tokens of every prompt; \"disabledTools\" and \"enabledTools\" in a --toolbox file choose among them\n", len(list), bytes/4)
	}
}
