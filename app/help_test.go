package app

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"sirocco/app/goldentest"
)

// The help of every command, the hidden ones too: names, flags and their words.
func TestHelpIsAsCommitted(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	parser, err := kong.New(&commands{}, kong.Name("sirocco"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	visit := func(path string) {
		var out, errs bytes.Buffer
		if code := Run(context.Background(), append(strings.Fields(path), "--help"), strings.NewReader(""), &out, &errs); code != exitDone {
			t.Errorf("sirocco %s --help ended with %d: %s", path, code, &errs)
		}
		fmt.Fprintf(&all, "$ sirocco %s\n%s\n", strings.TrimSpace(path+" --help"), &out)
	}
	visit("")
	var walk func(node *kong.Node, path string)
	walk = func(node *kong.Node, path string) {
		for _, child := range node.Children {
			name := strings.TrimSpace(path + " " + child.Name)
			visit(name)
			walk(child, name)
		}
	}
	walk(parser.Model.Node, "")
	goldentest.Same(t, "testdata/help.txt", regexp.MustCompile(`[ \t]+\n`).ReplaceAllString(all.String(), "\n"))
}

// Every flag has its name in its tag or is the plain form of its field's name; the
// list holds both, so that a renamed field is no renamed flag.
func TestFlagsAreAsCommitted(t *testing.T) {
	parser, err := kong.New(&commands{}, kong.Name("sirocco"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	var walk func(node *kong.Node, path string)
	walk = func(node *kong.Node, path string) {
		for _, flag := range node.Flags {
			fmt.Fprintf(&all, "%s --%s", path, flag.Name)
			for _, env := range flag.Envs {
				fmt.Fprintf(&all, " $%s", env)
			}
			if flag.Default != "" {
				fmt.Fprintf(&all, " default %s", flag.Default)
			}
			all.WriteByte('\n')
		}
		for _, argument := range node.Positional {
			fmt.Fprintf(&all, "%s <%s>\n", path, argument.Name)
		}
		for _, child := range node.Children {
			walk(child, path+" "+child.Name)
		}
	}
	walk(parser.Model.Node, "sirocco")
	goldentest.Same(t, "testdata/flags.txt", all.String())
}
