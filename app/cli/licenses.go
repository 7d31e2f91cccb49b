package cli

import (
	"fmt"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"sirocco/app/notices"
)

// Licenses prints the licences of everything inside the program.
type Licenses struct {
	Name string `arg:"" optional:"" help:"Print the licences of the parts whose name contains this, in full."`
	All  bool   `help:"Print every licence in full."`
	JSON bool   `name:"json" help:"One JSON object with everything."`
}

// Run prints a table, or full texts.
func (c *Licenses) Run(s *Streams) error {
	list, err := notices.All()
	if err != nil {
		return err
	}
	if err := complete(list); err != nil {
		return err
	}
	switch {
	case c.JSON:
		return writeJSON(s, list)
	case c.All || c.Name != "":
		return c.texts(s, list)
	}
	table := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	for _, p := range list.Parts {
		fmt.Fprintln(table, strings.TrimRight(fmt.Sprintf("%s\t%s\t%s\t%s", p.Name, p.Version, p.License, p.Note), "\t"))
	}
	return table.Flush()
}

// complete checks the list against what this very binary says is linked in.
func complete(list *notices.List) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	if missing := list.Missing(info.Deps); len(missing) > 0 {
		return fmt.Errorf("the list of licences is older than this program: it lacks %s; please report this", strings.Join(missing, ", "))
	}
	return nil
}

// texts prints the licences of the chosen parts in full.
func (c *Licenses) texts(s *Streams, list *notices.List) error {
	found := false
	for _, p := range list.Parts {
		if !strings.Contains(strings.ToLower(p.Name), strings.ToLower(c.Name)) {
			continue
		}
		found = true
		if _, err := fmt.Fprintf(s.Out, "%s\n%s %s (%s)\n\n", strings.Repeat("=", 80), p.Name, p.Version, p.License); err != nil {
			return err
		}
		for _, key := range p.Texts {
			if _, err := fmt.Fprintf(s.Out, "%s\n", list.Texts[key]); err != nil {
				return err
			}
		}
	}
	if !found {
		return fmt.Errorf("nothing inside this program is called %q; sirocco licenses lists everything", c.Name)
	}
	return nil
}
