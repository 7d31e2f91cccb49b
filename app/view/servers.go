package view

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sirocco/app/crash"
	"sirocco/app/tools"
	"sirocco/app/tools/toolbox"
	"sirocco/app/view/i18n"
)

// Servers are the MCP servers of the user's list, as they are now.
func (w *Window) Servers() []tools.ServerState {
	if box := w.kit.opened(); box != nil && box.Servers != nil {
		return box.Servers.States()
	}
	return nil
}

// ServersOpening says that the list is being read.
func (w *Window) ServersOpening() bool {
	select {
	case <-w.kit.ready:
		return false
	default:
		return true
	}
}

// ServerLine says in a line how a server is.
func ServerLine(s tools.ServerState) string {
	switch s.Phase {
	case tools.ServerOff:
		return i18n.T("Switched off")
	case tools.ServerStarting:
		return i18n.T("Starting…")
	case tools.ServerFailed:
		return i18n.T("It could not be started.")
	}
	on := 0
	for _, t := range s.Tools {
		if s.Offers(t.Name) {
			on++
		}
	}
	if on < len(s.Tools) {
		return i18n.T("Tools: %d of %d", on, len(s.Tools))
	}
	return i18n.T("Tools: %d", len(s.Tools))
}

// ServerTrouble is why a server does not run: a sentence, and what is behind it.
func ServerTrouble(s tools.ServerState) *Trouble {
	sentence, rest, _ := strings.Cut(capital(s.Err.Error()), "; its last words: ")
	details := sentence
	if rest != "" {
		details += "\n\n" + rest
	}
	if i := strings.IndexAny(sentence, "\n"); i >= 0 {
		sentence = sentence[:i]
	}
	return &Trouble{Sentence: sentence, Details: details}
}

// editTools changes the user's list and tells when that fails.
func (w *Window) editTools(change func(*toolbox.File) error) bool {
	if err := toolbox.Edit(tools.ConfigPath(), change); err != nil {
		w.notify(err)
		return false
	}
	return true
}

// AddServer adds a server by its command or address.
func (w *Window) AddServer(text string) {
	spec, err := tools.ParseServer(text)
	if err != nil {
		w.notify(err)
		return
	}
	spec.Name = w.freeName(spec.Label())
	if w.editTools(func(f *toolbox.File) error { return f.Put(spec) }) {
		w.reopenServers(spec.Name)
	}
}

// freeName is a name that no server has yet.
func (w *Window) freeName(name string) string {
	taken := map[string]bool{}
	for _, s := range w.Servers() {
		taken[s.Name()] = true
	}
	free := name
	for n := 2; taken[free]; n++ {
		free = fmt.Sprintf("%s %d", name, n)
	}
	return free
}

// ImportServers adds the servers of another program's JSON. What is left out of it,
// and why, is said.
func (w *Window) ImportServers(data []byte) {
	servers, inputs, notes, err := toolbox.Import(data)
	if err != nil {
		w.notify(fmt.Errorf("%s", i18n.T("No servers were found: %v", err)))
		return
	}
	done := len(servers) == 0 || w.editTools(func(f *toolbox.File) error {
		if err := f.AddInputs(inputs); err != nil {
			return err
		}
		for _, s := range servers {
			if err := f.Put(s); err != nil {
				return err
			}
		}
		return nil
	})
	if !done {
		return
	}
	var names []string
	for _, s := range servers {
		names = append(names, s.Name)
	}
	text := i18n.T("Added: %s", strings.Join(names, ", "))
	if len(names) == 0 {
		text = i18n.T("Nothing was added.")
	}
	w.Notice = &Notice{Text: strings.Join(append([]string{text}, notes...), "\n")}
	w.touch(DirtyNotice)
	w.reopenServers(names...)
}

// reopenServers reads the list again and starts the servers that are named.
func (w *Window) reopenServers(names ...string) {
	box := w.kit.opened()
	if box == nil || box.Servers == nil {
		return
	}
	crash.Go(func() {
		config, err := toolbox.Read(tools.ConfigPath(), toolbox.Options{Ask: w.askInput})
		w.UIQueue.Post(func() {
			if err != nil {
				w.notify(err)
				return
			}
			for _, note := range config.Notes {
				if slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(note, "the server "+name+" ") }) {
					w.notify(fmt.Errorf("%s", note))
				}
			}
			for _, s := range config.Servers {
				if slices.Contains(names, s.Name) {
					box.Servers.Put(s)
				}
			}
			w.touch(DirtyTools)
		})
	})
}

// SwitchServer starts a server, or ends it until it is switched on again.
func (w *Window) SwitchServer(s tools.ServerState, on bool) {
	s.Spec.Disabled = !on
	if w.editTools(func(f *toolbox.File) error { return f.Switch(s.Spec) }) {
		w.reopenServers(s.Name()) // what it refers to may not be put in yet
	}
}

// SwitchTool offers a tool of a server to the model, or not any more.
func (w *Window) SwitchTool(s tools.ServerState, tool string, on bool) {
	spec := s.Spec
	off := slices.DeleteFunc(slices.Clone(spec.DisabledTools), func(name string) bool { return name == tool })
	if slices.Contains(off, "*") { // all others stay off by their names
		off = nil
		for _, t := range s.Tools {
			if t.Name != tool {
				off = append(off, t.Name)
			}
		}
	}
	switch {
	case !on:
		off = append(off, tool)
	case len(spec.EnabledTools) > 0 && !slices.Contains(spec.EnabledTools, tool):
		spec.EnabledTools = append(slices.Clone(spec.EnabledTools), tool)
	}
	spec.DisabledTools = off
	if w.editTools(func(f *toolbox.File) error { return f.Switch(spec) }) {
		w.kit.opened().Servers.Switch(spec)
		w.measure()
	}
}

// RestartServer connects to a server anew.
func (w *Window) RestartServer(name string) {
	if box := w.kit.opened(); box != nil {
		box.Servers.Restart(name)
	}
}

// RemoveServer takes a server out of the list.
func (w *Window) RemoveServer(name string) {
	if w.editTools(func(f *toolbox.File) error { return f.Remove(name) }) {
		w.kit.opened().Servers.Remove(name)
	}
}

// Traffic is what has passed between a server and us, the latest last.
func (w *Window) Traffic(name string) []tools.Traffic {
	box := w.kit.opened()
	if box == nil || box.Servers == nil {
		return nil
	}
	list, _ := box.Servers.Traffic(name)
	return list
}

// HandCall is a call that a person makes.
type HandCall struct {
	Tool, Arguments string
	Begun           time.Time
	Seconds         float64
	Output          tools.Output
	Err             error
	Running         bool
}

// handTimeout bounds a call by hand; it can be stopped before.
const handTimeout = 5 * time.Minute

// CallTool calls a tool by hand; told is called in the window's goroutine when it
// has ended. stop ends it.
func (w *Window) CallTool(server, tool, arguments string, told func(*HandCall)) (call *HandCall, stop func()) {
	call = &HandCall{Tool: tool, Arguments: arguments, Begun: w.now(), Running: true}
	ctx, stop := context.WithTimeout(context.Background(), handTimeout)
	box := w.kit.opened()
	crash.Go(func() {
		defer stop()
		var out tools.Output
		err := fmt.Errorf("the server does not run; reconnect it first")
		if s := box.Servers.Server(server); s != nil {
			out, err = s.Call(ctx, tool, arguments, nil)
		}
		w.UIQueue.Post(func() {
			call.Output, call.Err, call.Running, call.Seconds = out, err, false, time.Since(call.Begun).Seconds()
			told(call)
		})
	})
	return call, stop
}

// InputAsked is a value that an entry of the list leaves open.
type InputAsked struct {
	toolbox.Input
	Answer func(value string, ok bool)
}

// askInput asks the person at the window; it may wait for long.
func (w *Window) askInput(in toolbox.Input) (string, error) {
	type answer struct {
		value string
		ok    bool
	}
	got := make(chan answer, 1)
	w.UIQueue.Post(func() {
		if w.AskInput == nil {
			got <- answer{}
			return
		}
		w.AskInput(InputAsked{in, func(value string, ok bool) { got <- answer{value, ok} }})
	})
	select {
	case a := <-got:
		if a.ok {
			return a.value, nil
		}
	case <-w.kit.gone:
	}
	return "", fmt.Errorf("none was given")
}

// Elicited is a server's question, in the middle of a call.
type Elicited struct {
	tools.Elicitation
	Answer func(tools.ElicitationAnswer)
}

// elicit puts a server's question to the person and waits for the answer.
func (w *Window) elicit(ctx context.Context, e tools.Elicitation) (tools.ElicitationAnswer, error) {
	got := make(chan tools.ElicitationAnswer, 1)
	w.UIQueue.Post(func() {
		if w.Elicit == nil {
			got <- tools.ElicitationAnswer{Action: tools.Cancelled}
			return
		}
		w.Elicit(Elicited{e, func(a tools.ElicitationAnswer) {
			select {
			case got <- a:
			default: // it was answered already
			}
		}})
	})
	select {
	case a := <-got:
		return a, nil
	case <-ctx.Done():
	case <-w.kit.gone:
	}
	return tools.ElicitationAnswer{Action: tools.Cancelled}, nil
}
