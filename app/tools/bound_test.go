package tools

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sirocco/model/chat"
)

// noting is an Approver that remembers what it was told of changes.
type noting struct{ told [][]string }

func (n *noting) Approve(_ context.Context, q Question) (Verdict, error) {
	n.told = append(n.told, q.Changed)
	return Verdict{Decision: chat.AllowAlways}, nil
}

// askAlways calls a tool in a new conversation over a file of permits, and gives
// what the person was told: nil when nobody was asked.
func askAlways(t *testing.T, path string, tool Tool) []string {
	t.Helper()
	permits, err := OpenPermits(path)
	if err != nil {
		t.Fatal(err)
	}
	tool.Run = func(context.Context, Call) (Output, error) { return Output{Text: "done"}, nil }
	n := &noting{}
	l := &Loop{Permits: permits, Approver: n, Tools: NewSet(List{tool}), Engine: &script{answers: []chat.Done{calls(tool.Name, "{}"), says("So.")}}}
	listen(t, l, context.Background(), question("?"))
	if len(n.told) == 0 {
		return nil
	}
	return append([]string{"asked"}, n.told[0]...)
}

// Always is bound to everything that decides what a command runs, and who asks
// again says what changed.
func TestAlwaysIsBoundToTheCommand(t *testing.T) {
	base := func() CommandSpec {
		return CommandSpec{Name: "look", Title: "Look", Description: "Looks.", Parameters: json.RawMessage(`{"type":"object"}`),
			Command: []string{"/bin/look", "--key", "ARGSECRET"}, Env: map[string]string{"TOKEN": "ENVSECRET"}, Dir: "/srv"}
	}
	for what, change := range map[string]func(*CommandSpec){
		boundProgram:     func(s *CommandSpec) { s.Command[0] = "/tmp/look" },
		boundArguments:   func(s *CommandSpec) { s.Command = append(s.Command, "--send") },
		boundFolder:      func(s *CommandSpec) { s.Dir = "/tmp" },
		boundEnvironment: func(s *CommandSpec) { s.Env["LD_PRELOAD"] = "/tmp/evil.so" },
		boundTitle:       func(s *CommandSpec) { s.Title = "Gaze" },
		boundDescription: func(s *CommandSpec) { s.Description = "Sends." },
		boundParameters:  func(s *CommandSpec) { s.Parameters = json.RawMessage(`{"type":"object","description":"x"}`) },
		boundHints:       func(s *CommandSpec) { s.ReadOnly = true },
	} {
		path := filepath.Join(t.TempDir(), "permits.json")
		first, again := base(), base()
		if got := askAlways(t, path, first.tool()); len(got) != 1 {
			t.Errorf("a new tool: %q", got)
		}
		if got := askAlways(t, path, base().tool()); got != nil {
			t.Errorf("the same tool is asked about again: %q", got)
		}
		change(&again)
		if got := askAlways(t, path, again.tool()); len(got) != 2 || got[1] != what {
			t.Errorf("%s changed, and the person is told %q", what, got)
		}
		if got := askAlways(t, path, again.tool()); got != nil {
			t.Errorf("%s: the new permission does not hold: %q", what, got)
		}
		data, err := os.ReadFile(path)
		if err != nil || strings.Contains(string(data), "SECRET") {
			t.Errorf("the file holds secrets: %s (%v)", data, err)
		}
	}
}

// Arguments that are split otherwise are others.
func TestArgumentsAreBoundAsTheyAre(t *testing.T) {
	path := filepath.Join(t.TempDir(), "permits.json")
	askAlways(t, path, CommandSpec{Name: "f", Command: []string{"/bin/f", "a b"}}.tool())
	if got := askAlways(t, path, CommandSpec{Name: "f", Command: []string{"/bin/f", "a", "b"}}.tool()); len(got) != 2 || got[1] != boundArguments {
		t.Errorf("told %q", got)
	}
}

// The same of servers.
func TestAlwaysIsBoundToTheServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "permits.json")
	tool := func(spec ServerSpec) Tool {
		return Tool{Tool: chat.Tool{Name: "f", Description: "Does f."}, Source: "MCP server " + spec.Label(), StoredSource: spec.storedSource(), Bounds: spec.bounds()}
	}
	specs := []ServerSpec{
		{Name: "s", Command: []string{"/bin/s", "SECRET"}},
		{Name: "s", Command: []string{"/bin/t", "SECRET"}},
		{Name: "s", Command: []string{"/bin/t", "SECRET", "x"}},
		{Name: "s", Command: []string{"/bin/t", "SECRET", "x"}, Env: map[string]string{"A": "SECRET"}},
		{Name: "s", Command: []string{"/bin/t", "SECRET", "x"}, Env: map[string]string{"A": "SECRET"}, Dir: "/srv"},
		{Name: "s", URL: "http://a/mcp?SECRET"},
		{Name: "s", URL: "http://a:81/mcp?SECRET"},
	}
	told := []string{"", boundProgram, boundArguments, boundEnvironment, boundFolder, boundAddress, boundAddress}
	for i, spec := range specs {
		if got := strings.Join(askAlways(t, path, tool(spec)), " "); !strings.HasPrefix(got, "asked") || !strings.Contains(got, told[i]) {
			t.Errorf("%d: the person is told %q, want %q", i, got, told[i])
		}
		if got := askAlways(t, path, tool(spec)); got != nil {
			t.Errorf("%d: the same is asked about again: %q", i, got)
		}
	}
	if data, _ := os.ReadFile(path); strings.Contains(string(data), "SECRET") {
		t.Errorf("the file holds secrets: %s", data)
	}
}

// A permit of an earlier version opens, is asked about once, and is gone then.
func TestLooserPermits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "permits.json")
	spec := CommandSpec{Name: "f", Command: []string{"/bin/f", "x"}}
	old, _ := json.Marshal([]Permit{{Source: "command /bin/f x", Tool: "f", Fingerprint: "c0ffee", Given: time.Now()}})
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := askAlways(t, path, spec.tool()); len(got) != 2 || got[1] != Looser {
		t.Errorf("the person is told %q", got)
	}
	if got := askAlways(t, path, spec.tool()); got != nil {
		t.Errorf("asked a second time: %q", got)
	}
	permits, err := OpenPermits(path)
	if err != nil || len(permits.List()) != 1 {
		t.Errorf("the permits are %+v, %v", permits.List(), err)
	}
}

// Two programs over one file: neither loses what the other was told, and what is
// taken back in one holds in the other.
func TestPermitsOfTwoPrograms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "permits.json")
	open := func() *Permits {
		p, err := OpenPermits(path)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	one, two := open(), open()
	f, g := CommandSpec{Name: "f", Command: []string{"/bin/f"}}.tool(), CommandSpec{Name: "g", Command: []string{"/bin/g"}}.tool()
	if err := one.Add(&f); err != nil {
		t.Fatal(err)
	}
	if err := two.Add(&g); err != nil {
		t.Fatal(err)
	}
	if len(open().List()) != 2 || !two.Allows(&f) || !one.Allows(&g) {
		t.Errorf("the file has %+v", open().List())
	}
	if err := one.Remove(one.List()[0]); err != nil {
		t.Fatal(err)
	}
	if two.Allows(&f) {
		t.Error("what was taken back in one program holds in the other")
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if two.Allows(&g) || two.Add(&f) == nil {
		t.Error("a file that was damaged meanwhile permits something, or is written over")
	}
}
