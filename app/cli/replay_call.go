package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"sirocco/app/tools"
	"sirocco/app/tools/toolbox"
)

// needsModel says that one of the files is no saved call of a server's tool.
func (r *Replay) needsModel() bool {
	for _, path := range r.Files {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // which is said when its turn comes
		}
		if _, ok := tools.ReadCallCase(data); !ok {
			return true
		}
	}
	return false
}

// call makes a saved call of a server's tool again.
func (r *Replay) call(ctx context.Context, path string, c *tools.CallCase) verdict {
	v := verdict{File: path, Title: c.Tool + " of " + c.Server}
	began := time.Now()
	defer func() { v.Seconds = time.Since(began).Seconds() }()
	server, err := r.server(ctx, c.Server)
	if err != nil {
		v.Error = err.Error()
		return v
	}
	defer server.Close()
	out, err := server.Call(ctx, c.Tool, string(c.Arguments), nil)
	if err != nil {
		v.Error = err.Error()
		return v
	}
	held := outcome{Expect: "the saved result", Reason: c.Differs(out)}
	if r.Update && held.Reason != "" {
		held.Reason = ""
		data, err := tools.NewCallCase(c.Server, c.Tool, string(c.Arguments), out).Bytes()
		if err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
		if err != nil {
			v.Error = err.Error()
			return v
		}
	}
	held.Pass = held.Reason == ""
	v.Pass, v.Expect = held.Pass, []outcome{held}
	return v
}

// server connects to a server of the list of tools, be it switched off.
func (r *Replay) server(ctx context.Context, name string) (*tools.Server, error) {
	path := r.Toolbox
	if path == "" {
		path = tools.ConfigPath()
	}
	config, err := toolbox.Read(path, toolbox.Options{})
	if err != nil {
		return nil, err
	}
	for _, spec := range config.Servers {
		if spec.Label() == name {
			return tools.Connect(ctx, spec)
		}
	}
	return nil, fmt.Errorf("there is no server %s in %s; --toolbox names another file", name, path)
}
