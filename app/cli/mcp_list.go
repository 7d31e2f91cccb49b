package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"sirocco/app/tools"
)

// wire keeps what passes between a server and us, and shows it.
type wire struct {
	show io.Writer // nil: it is only kept

	mu      sync.Mutex
	methods map[string]string // of our requests, by id
	results map[string][]json.RawMessage
}

// see takes one message.
func (w *wire) see(t tools.Traffic) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.show != nil {
		mark := map[string]string{tools.Sent: "-->", tools.Received: "<--", tools.Printed: "   ", tools.Answered: "<--"}[t.Kind]
		fmt.Fprintf(w.show, "%s %s %s\n", t.At.Format("15:04:05.000"), mark, plain(string(t.Data)))
	}
	var m struct {
		ID     json.RawMessage
		Method string
		Result json.RawMessage
	}
	if json.Unmarshal(t.Data, &m) != nil || len(m.ID) == 0 {
		return
	}
	if w.methods == nil {
		w.methods, w.results = map[string]string{}, map[string][]json.RawMessage{}
	}
	switch id := string(m.ID); {
	case t.Kind == tools.Sent && m.Method != "":
		w.methods[id] = m.Method
	case t.Kind == tools.Received && m.Result != nil:
		w.results[w.methods[id]] = append(w.results[w.methods[id]], m.Result)
	}
}

// of are the results of a method, as the server sent them.
func (w *wire) of(method string) []json.RawMessage {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.results[method])
}

// items are what the pages of a list hold under a key.
func (w *wire) items(method, key string) []json.RawMessage {
	all := []json.RawMessage{}
	for _, page := range w.of(method) {
		var object map[string]json.RawMessage
		var list []json.RawMessage
		if json.Unmarshal(page, &object) == nil && json.Unmarshal(object[key], &list) == nil {
			all = append(all, list...)
		}
	}
	return all
}

// serverPrinter shows what a server has and says.
type serverPrinter struct {
	server   *tools.Server
	wire     *wire
	out, err io.Writer
	json     bool
}

// raw prints the last result of a method, byte for byte but for line breaks.
func (p *serverPrinter) raw(method string) error {
	results := p.wire.of(method)
	if len(results) == 0 {
		return errors.New("the server's answer could not be seen on the wire")
	}
	return p.compact(results[len(results)-1])
}

func (p *serverPrinter) compact(data []byte) error {
	var line bytes.Buffer
	if err := json.Compact(&line, data); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.out, line.String())
	return err
}

// list shows all that the server has. A list that cannot be read costs itself.
func (p *serverPrinter) list(ctx context.Context) error {
	resources, err1 := p.server.Resources(ctx)
	templates, err2 := p.server.Templates(ctx)
	prompts, err3 := p.server.Prompts(ctx)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			fmt.Fprintf(p.err, "sirocco: %s\n", plain(err.Error()))
		}
	}
	if p.json {
		return p.listJSON()
	}
	p.about()
	list := p.server.Tools()
	p.head("tools", len(list))
	for _, t := range list {
		p.tool(t)
	}
	p.head("resources", len(resources)+len(templates))
	for _, r := range resources {
		p.line(r.URI, r.MIMEType, r.Name, r.Description)
	}
	for _, r := range templates {
		p.line(r.URITemplate, r.MIMEType, r.Name, r.Description)
	}
	p.head("prompts", len(prompts))
	for _, prompt := range prompts {
		var given []string
		for _, a := range prompt.Arguments {
			name := a.Name
			if !a.Required {
				name += "?"
			}
			given = append(given, name)
		}
		p.line(prompt.Name, "("+strings.Join(given, ", ")+")", prompt.Description)
	}
	return nil
}

// listJSON is the same as the server wrote it.
func (p *serverPrinter) listJSON() error {
	all := struct {
		Server    json.RawMessage   `json:"server"`
		Tools     []json.RawMessage `json:"tools"`
		Resources []json.RawMessage `json:"resources"`
		Templates []json.RawMessage `json:"resource_templates"`
		Prompts   []json.RawMessage `json:"prompts"`
	}{json.RawMessage("null"), p.wire.items("tools/list", "tools"), p.wire.items("resources/list", "resources"),
		p.wire.items("resources/templates/list", "resourceTemplates"), p.wire.items("prompts/list", "prompts")}
	for _, method := range []string{"initialize", "server/discover"} {
		if said := p.wire.of(method); len(said) > 0 {
			all.Server = said[len(said)-1]
			break
		}
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := p.out.Write(buffer.Bytes())
	return err
}

// about names the server and shows its instructions.
func (p *serverPrinter) about() {
	a := p.server.About()
	fmt.Fprintf(p.out, "%s %s, protocol %s\n", plain(a.Name), plain(a.Version), plain(a.Protocol))
	if a.Instructions != "" {
		fmt.Fprintf(p.out, "\ninstructions\n%s\n", indent(plain(a.Instructions), "  "))
	}
}

func (p *serverPrinter) head(what string, n int) {
	if n > 0 {
		fmt.Fprintf(p.out, "\n%s (%d)\n", what, n)
	}
}

// line shows a thing by its name, and what is known of it.
func (p *serverPrinter) line(name string, rest ...string) {
	rest = slices.DeleteFunc(rest, func(s string) bool { return s == "" || s == "()" })
	fmt.Fprintf(p.out, "  %s\n", plain(strings.TrimSpace(name+"  "+strings.Join(rest, "  "))))
}

// tool shows a tool and its parameters.
func (p *serverPrinter) tool(t tools.Tool) {
	note := ""
	if t.ReadOnly {
		note = " (says that it changes nothing)"
	}
	fmt.Fprintf(p.out, "  %s%s\n", plain(t.Name), note)
	if t.Description != "" {
		fmt.Fprintln(p.out, indent(plain(t.Description), "    "))
	}
	for _, f := range tools.Form(t.Parameters) {
		parts := []string{f.Kind}
		if f.Required {
			parts = append(parts, "required")
		}
		if len(f.Choices) > 0 {
			parts = append(parts, "one of "+strings.Join(f.Choices, ", "))
		}
		fmt.Fprintf(p.out, "    - %s: %s\n", plain(f.Name), plain(strings.TrimSpace(strings.Join(parts, ", ")+"  "+f.Description)))
	}
}

// indent sets every line of a text in.
func indent(text, by string) string {
	return by + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+by)
}
