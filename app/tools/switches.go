package tools

import "slices"

// switched are the tools of a server that its entry offers, and whether it lets them
// run unasked. Names are the server's own; "*" means all.
func (s *ServerSpec) switched(list []Tool) []Tool {
	if len(s.DisabledTools)+len(s.EnabledTools)+len(s.AutoApprove) == 0 {
		return list
	}
	var kept []Tool
	for _, t := range list {
		if named(s.DisabledTools, t.Name) || len(s.EnabledTools) > 0 && !named(s.EnabledTools, t.Name) {
			continue
		}
		t.Unasked = t.Unasked || named(s.AutoApprove, t.Name)
		kept = append(kept, t)
	}
	return kept
}

func named(names []string, name string) bool {
	return slices.Contains(names, name) || slices.Contains(names, "*")
}
