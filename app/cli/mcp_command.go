package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sirocco/app/tools"
	"sirocco/app/tools/toolbox"
)

// MCP looks at one MCP server, without a model: what it has, one call by hand, and
// every message on the way.
type MCP struct {
	Target []string `arg:"" optional:"" name:"cmd|url" help:"The server: a command with its arguments (in quotes, or after --), or an http address. With --toolbox, a name in the file."`

	Toolbox   string        `placeholder:"FILE" help:"A file of servers; without a name, its only one."`
	MCPHeader []string      `name:"mcp-header" placeholder:"HEADER" sep:"none" help:"A header (Name: value) for the address; $${NAME} in it stands for that environment variable. Repeat for more."`
	Call      string        `placeholder:"NAME" xor:"do" help:"Call this tool."`
	Args      string        `placeholder:"JSON" help:"The arguments of --call or --prompt, - to read them from stdin."`
	Read      string        `placeholder:"URI" xor:"do" help:"Read this resource."`
	Prompt    string        `placeholder:"NAME" xor:"do" help:"Get this prompt."`
	Timeout   time.Duration `default:"60s" help:"How long a call, or the listing, may take."`
	JSON      bool          `name:"json" help:"What the server sent, as one JSON object."`
	Verbose   bool          `short:"v" help:"Every message on the wire, and what the server prints, on stderr."`
}

// Run does what was asked for; without --call, --read or --prompt it lists.
func (m *MCP) Run(ctx context.Context, s *Streams) error {
	spec, err := m.spec(ctx, s)
	if err != nil {
		return err
	}
	arguments, err := m.arguments(s.In)
	if err != nil {
		return err
	}
	wire := &wire{}
	if m.Verbose {
		wire.show = s.Err
	}
	h := host(newTyped(s.In), s)
	h.Observe = func(string) tools.Observer { return wire.see }
	server, err := h.Connect(ctx, spec)
	if err != nil {
		return err
	}
	defer server.Close()
	ctx, stop := context.WithTimeout(ctx, m.Timeout)
	defer stop()
	o := &serverPrinter{server: server, wire: wire, out: s.Out, err: s.Err, json: m.JSON}
	switch {
	case m.Call != "":
		err = o.call(ctx, m.Call, arguments)
	case m.Read != "":
		err = o.read(ctx, m.Read)
	case m.Prompt != "":
		err = o.prompt(ctx, m.Prompt, arguments)
	default:
		err = o.list(ctx)
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && err != nil {
		return fmt.Errorf("the server did not answer within %v; --timeout gives it longer", m.Timeout)
	}
	return err
}

// spec finds the server that is meant.
func (m *MCP) spec(ctx context.Context, s *Streams) (spec tools.ServerSpec, err error) {
	if m.Toolbox != "" {
		return m.fromFile(ctx, s)
	}
	switch len(m.Target) {
	case 0:
		return spec, &UsageError{"name a server: a command with its arguments, or an http address"}
	case 1:
		f := ToolFlags{MCP: m.Target, MCPHeader: m.MCPHeader}
		specs, err := f.servers()
		if err != nil {
			return spec, err
		}
		return specs[0], nil
	}
	if len(m.MCPHeader) > 0 {
		return spec, &UsageError{"--mcp-header is for an address, and a command is given"}
	}
	return tools.ServerSpec{Command: m.Target}, nil
}

// fromFile finds a server in a file, be it switched off.
func (m *MCP) fromFile(ctx context.Context, s *Streams) (spec tools.ServerSpec, err error) {
	o := toolbox.Options{}
	if isTerminal(s.In) {
		lines := newTyped(s.In)
		o.Ask = func(in toolbox.Input) (string, error) { return askInput(ctx, in, lines, s) }
	}
	config, err := toolbox.Read(m.Toolbox, o)
	if err != nil {
		return spec, err
	}
	var names []string
	for _, server := range config.Servers {
		if len(m.Target) == 1 && server.Name == m.Target[0] || len(m.Target) == 0 && len(config.Servers) == 1 {
			return server, nil
		}
		names = append(names, server.Name)
	}
	for _, note := range config.Notes {
		fmt.Fprintf(s.Err, "sirocco: %s: %s\n", m.Toolbox, plain(note))
	}
	return spec, &UsageError{fmt.Sprintf("name one server of %s; it has: %s", m.Toolbox, strings.Join(names, ", "))}
}

// arguments are those of --args.
func (m *MCP) arguments(in io.Reader) (string, error) {
	text := m.Args
	if text == "-" {
		data, err := io.ReadAll(io.LimitReader(in, 64<<20))
		if err != nil {
			return "", fmt.Errorf("reading the arguments: %w", err)
		}
		text = string(data)
	}
	switch {
	case text != "" && m.Call == "" && m.Prompt == "":
		return "", &UsageError{"--args belongs to --call or --prompt"}
	case strings.TrimSpace(text) == "":
		return "{}", nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		return "", &UsageError{fmt.Sprintf("--args is no JSON object: %v", err)}
	}
	return text, nil
}

// call calls a tool and shows its result; a result that says it failed is an error.
func (p *serverPrinter) call(ctx context.Context, name, arguments string) error {
	var tool *tools.Tool
	var names []string
	for _, t := range p.server.Tools() {
		names = append(names, t.Name)
		if t.Name == name {
			tool = &t
		}
	}
	switch {
	case tool == nil:
		fmt.Fprintf(p.err, "sirocco: the server lists no tool %s (it has %s); it is called all the same\n", plain(name), plain(strings.Join(names, ", ")))
	default:
		if fault := tools.Misfit(tool, arguments); fault != "" {
			fmt.Fprintf(p.err, "sirocco: %s; they are sent as they are\n", plain(fault))
		}
	}
	out, err := p.server.Call(ctx, name, arguments, func(done, total float64, note string) {
		fmt.Fprintf(p.err, "%s\n", plain(progressText(done, total, note)))
	})
	if err != nil {
		return err
	}
	if p.json {
		if err := p.raw("tools/call"); err != nil {
			return err
		}
	} else {
		p.output(out)
	}
	if out.Failed {
		return fmt.Errorf("the tool %s says that it failed", plain(name))
	}
	return nil
}

func progressText(done, total float64, note string) string {
	text := fmt.Sprintf("progress %g", done)
	if total > 0 {
		text += fmt.Sprintf(" of %g", total)
	}
	return strings.TrimSpace(text + " " + note)
}

func (p *serverPrinter) read(ctx context.Context, uri string) error {
	out, err := p.server.Read(ctx, uri)
	switch {
	case err != nil:
		return err
	case p.json:
		return p.raw("resources/read")
	}
	p.output(out)
	return nil
}

func (p *serverPrinter) prompt(ctx context.Context, name, arguments string) error {
	given := map[string]string{}
	var values map[string]any
	if err := json.Unmarshal([]byte(arguments), &values); err != nil {
		return err
	}
	for key, value := range values {
		given[key] = fmt.Sprint(value)
	}
	messages, err := p.server.Prompt(ctx, name, given)
	switch {
	case err != nil:
		return err
	case p.json:
		return p.raw("prompts/get")
	}
	for _, m := range messages {
		fmt.Fprintf(p.out, "[%s]\n", plain(m.Role))
		p.output(m.Output)
	}
	return nil
}

// output shows what a result is to the model.
func (p *serverPrinter) output(out tools.Output) {
	if out.Text != "" {
		fmt.Fprintln(p.out, plain(strings.TrimSuffix(out.Text, "\n")))
	}
	for _, picture := range out.Pictures {
		fmt.Fprintf(p.out, "[%s, %d bytes]\n", plain(picture.Name), len(picture.Data))
	}
	for _, note := range out.Notes {
		fmt.Fprintf(p.out, "[%s]\n", plain(note))
	}
}
