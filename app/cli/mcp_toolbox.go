package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"sirocco/app/crash"
	"sirocco/app/tools"
	"sirocco/app/tools/toolbox"
)

// openToolbox starts what a file of tools lists. What is left out, and why, is said.
func openToolbox(ctx context.Context, path string, lines *typed, s *Streams) (*tools.Set, error) {
	o := toolbox.Options{}
	if isTerminal(s.In) {
		o.Ask = func(in toolbox.Input) (string, error) { return askInput(ctx, in, lines, s) }
	}
	config, err := toolbox.Read(path, o)
	if err != nil {
		return nil, err
	}
	for _, note := range config.Notes {
		fmt.Fprintf(s.Err, "sirocco: %s: %s\n", path, plain(note))
	}
	if config.Foreign && config.Builtin == nil {
		config.Builtin = &[]string{} // that program has none of ours
	}
	if config.Secret() {
		fmt.Fprint(s.Err, warning(path))
	}
	set, err := config.OpenIn(ctx, host(lines, s))
	if err != nil {
		fmt.Fprintf(s.Err, "sirocco: %v\n", err)
	}
	return set, nil
}

// askInput asks for a value that a file leaves open; what is secret is typed unseen.
func askInput(ctx context.Context, in toolbox.Input, lines *typed, s *Streams) (string, error) {
	what := in.Description
	if what == "" {
		what = in.ID
	}
	if len(in.Options) > 0 {
		what += " (" + strings.Join(in.Options, ", ") + ")"
	}
	if in.Default != "" && !in.Password {
		what += " [" + in.Default + "]"
	}
	fmt.Fprintf(s.Err, "%s > ", plain(what))
	value, err := "", error(nil)
	if file, ok := s.In.(*os.File); ok && in.Password {
		value, err = readHidden(ctx, file)
		fmt.Fprintln(s.Err)
	} else {
		value, err = lines.next(ctx)
	}
	if err != nil {
		return "", err
	}
	value = strings.TrimSpace(value)
	if value != "" && len(in.Options) > 0 && !slices.Contains(in.Options, value) {
		return "", fmt.Errorf("one of %s is expected", strings.Join(in.Options, ", "))
	}
	return value, nil
}

// readHidden reads a line from a terminal without showing it. An interrupt gives the
// terminal back as it was.
func readHidden(ctx context.Context, file *os.File) (string, error) {
	was, err := term.GetState(int(file.Fd()))
	if err != nil {
		return "", err
	}
	type line struct {
		text []byte
		err  error
	}
	read := make(chan line, 1)
	crash.Go(func() {
		text, err := term.ReadPassword(int(file.Fd()))
		read <- line{text, err}
	})
	select {
	case l := <-read:
		return string(l.text), l.err
	case <-ctx.Done():
		_ = term.Restore(int(file.Fd()), was) // the interrupt is what counts
		return "", ctx.Err()
	}
}

// servers are the servers of --mcp, with the headers of --mcp-header.
func (f *ToolFlags) servers() (specs []tools.ServerSpec, err error) {
	headers, err := f.headers()
	if err != nil {
		return nil, err
	}
	addresses := 0
	for _, text := range f.MCP {
		spec, err := tools.ParseServer(text)
		if err != nil {
			return nil, err
		}
		if spec.URL != "" {
			addresses++
			spec.Headers = headers
		}
		specs = append(specs, spec)
	}
	if len(headers) > 0 && addresses != 1 {
		return nil, &UsageError{fmt.Sprintf("--mcp-header is for the one --mcp that is an address, and there are %d; write several servers into a file for --toolbox", addresses)}
	}
	return specs, nil
}

// headers reads --mcp-header.
func (f *ToolFlags) headers() (map[string]string, error) {
	var headers map[string]string
	for i, text := range f.MCPHeader {
		name, value, ok := strings.Cut(text, ":")
		name = strings.TrimSpace(name)
		if !ok || !headerName(name) {
			return nil, &UsageError{fmt.Sprintf("--mcp-header %d is no header; write it as 'Authorization: Bearer …'", i+1)}
		}
		value, err := toolbox.Expand(strings.TrimSpace(value))
		if err != nil {
			return nil, &UsageError{fmt.Sprintf("--mcp-header %s: %v", name, err)}
		}
		if headers == nil {
			headers = map[string]string{}
		}
		headers[name] = value
	}
	return headers, nil
}

// headerName says that a word can name a header.
func headerName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}
