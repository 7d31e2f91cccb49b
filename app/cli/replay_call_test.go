package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sirocco/app/tools"
)

// A saved call of a server's tool is made again, without a model: it passes while the
// result is the saved one, says in what it differs, and can be saved anew.
func TestReplayOfCalls(t *testing.T) {
	folder := t.TempDir()
	list := filepath.Join(folder, "tools.json")
	if err := os.WriteFile(list, []byte(`{"mcpServers": {"shop": {"url": "`+mcpServer(t)+`"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "price.json")
	save := func(c *tools.CallCase) {
		t.Helper()
		data, err := c.Bytes()
		if err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	replay := func(update bool) (string, error) {
		var out bytes.Buffer
		err := (&Replay{Files: []string{path}, Toolbox: list, Update: update, JSON: true}).Run(context.Background(), &Streams{In: strings.NewReader(""), Out: &out, Err: &out})
		return out.String(), err
	}
	arguments := `{"count":12345678901234567890,"what":"a"}`
	good := tools.NewCallCase("shop", "price", arguments, tools.Output{Text: "<" + arguments + ">\x1b[31m"})
	save(good)
	if out, err := replay(false); err != nil || !strings.Contains(out, `"pass":true`) {
		t.Errorf("the same: %s, %v", out, err)
	}
	save(tools.NewCallCase("shop", "price", arguments, tools.Output{Text: "something"}))
	if out, err := replay(false); err == nil || !strings.Contains(out, "line 1 is ") || !strings.Contains(out, "saved was") {
		t.Errorf("another: %s, %v", out, err)
	}
	if out, err := replay(true); err != nil {
		t.Errorf("saved anew: %s, %v", out, err)
	}
	if out, err := replay(false); err != nil {
		t.Errorf("after that: %s, %v", out, err)
	}
	save(tools.NewCallCase("shop", "price", `{"what":"nothing"}`, tools.Output{Text: "x"}))
	if out, err := replay(false); err == nil || !strings.Contains(out, "says that it failed") {
		t.Errorf("a tool that fails: %s, %v", out, err)
	}
	save(tools.NewCallCase("elsewhere", "price", `{}`, tools.Output{}))
	if out, err := replay(false); err == nil || !strings.Contains(out, "no server elsewhere") {
		t.Errorf("a server that is not there: %s, %v", out, err)
	}
	if _, ok := tools.ReadCallCase([]byte(`{"messages": []}`)); ok {
		t.Error("another kind of file was taken for a call")
	}
}
