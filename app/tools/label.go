package tools

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// Label names the server for people, and in what the model reads: by its name, its
// host, or its program. Arguments, paths and queries may hold keys and are left out.
func (s *ServerSpec) Label() string {
	switch {
	case s.Name != "":
		return s.Name
	case s.URL != "":
		if u, err := url.Parse(s.URL); err == nil && u.Host != "" {
			return u.Host
		}
		return "at its address"
	}
	return programName(s.Command)
}

// runners are programs that say nothing; what they run does.
var runners = []string{"npx", "bunx", "uvx", "pipx", "node", "bun", "deno", "python", "python3", "uv", "npm", "pnpm", "yarn", "tsx"}

// skipped are words between a runner and what it runs.
var skipped = []string{"-y", "--yes", "-q", "--quiet", "-u", "-m", "run", "x", "exec", "dlx"}

// programName is what a command runs: the program, or the package or script that a
// runner runs.
func programName(command []string) string {
	name := base(command[0])
	if !slices.Contains(runners, name) {
		return name
	}
	for _, word := range command[1:] {
		if slices.Contains(skipped, word) {
			continue
		}
		if strings.HasPrefix(word, "-") || strings.ContainsAny(word, "=:?\n") || looksSecret(word) {
			return name
		}
		if strings.HasPrefix(word, "@") { // a package with its scope
			return word
		}
		return base(word)
	}
	return name
}

// base is the last part of a path of either kind, without .exe and .cmd.
func base(path string) string {
	name := filepath.Base(strings.ReplaceAll(path, `\`, "/"))
	for _, end := range []string{".exe", ".cmd", ".bat"} {
		name = strings.TrimSuffix(name, end)
	}
	return name
}

// formerSource names the server as version 0.1.0 did in the files it wrote.
func (s *ServerSpec) formerSource() string {
	switch u, err := url.Parse(s.URL); {
	case s.Name != "":
		return "MCP server " + s.Name
	case s.URL != "" && err == nil:
		return "MCP server " + u.Host + u.Path
	}
	return "MCP server " + strings.Join(s.Command, " ")
}
