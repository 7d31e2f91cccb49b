// Package toolbox turns a file of tools into a tools.Config: our own form, and those
// in which other programs write their MCP servers (Claude Desktop, Cursor, Windsurf,
// Cline, LM Studio: "mcpServers"; VS Code: "servers" and "inputs"; Zed:
// "context_servers"; opencode: "mcp"). Comments, trailing commas and a byte order
// mark are taken. An entry that cannot be used costs itself alone, and what is not
// understood is said in the config's Notes.
package toolbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"sirocco/app/tools"
)

// Options are what the text of a file may refer to.
type Options struct {
	// Lookup finds an environment variable; nil means os.LookupEnv.
	Lookup func(name string) (string, bool)
	// Ask asks a person for a value that the file leaves open; nil means that
	// nobody can be asked.
	Ask func(Input) (string, error)
}

// Read reads a file. One that is not there is an error that errors.Is os.ErrNotExist.
func Read(path string, o Options) (*tools.Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the list of tools: %w", err)
	}
	o.Ask = o.remembered(path)
	c, err := Parse(data, o)
	if err != nil {
		return nil, fmt.Errorf("reading the list of tools in %s: %w", path, err)
	}
	return c, nil
}

// Parse reads the text of a file.
func Parse(data []byte, o Options) (*tools.Config, error) {
	plain, err := standard(data)
	if err != nil {
		return nil, err
	}
	top, err := parseObject(plain)
	if err != nil {
		return nil, errors.New("it holds no JSON object; {\"mcpServers\": {…}} is expected")
	}
	r := &reader{config: &tools.Config{}, options: o, inputs: map[string]Input{}}
	r.file(top)
	if !r.found {
		return nil, unknownFile(top)
	}
	return r.config, nil
}

// standard is the text as plain JSON: UTF-8, without comments and trailing commas.
// A fragment as documents print it ("name": {…}) is given its braces.
func standard(data []byte) ([]byte, error) {
	data, _, err := transform.Bytes(unicode.BOMOverride(unicode.UTF8.NewDecoder()), data)
	if err != nil {
		return nil, fmt.Errorf("it is no text: %w", err)
	}
	text := bytes.TrimSpace(data)
	if len(text) > 0 && text[0] == '"' {
		text = slices.Concat([]byte("{"), bytes.TrimRight(text, ", \t\r\n"), []byte("}"))
	}
	plain, err := hujson.Standardize(bytes.Clone(text))
	if err != nil {
		return nil, fmt.Errorf("it is not the JSON that was expected: %w", plainFault(text, err))
	}
	return plain, nil
}

// plainFault names what people paste in place of JSON.
func plainFault(text []byte, err error) error {
	line, _, _ := strings.Cut(string(text), "\n")
	switch line = strings.TrimSpace(line); {
	case line == "":
		return errors.New("it is empty")
	case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") && !strings.ContainsAny(line, `{",`):
		return errors.New("this looks like TOML, which is not read; write the servers as {\"mcpServers\": {…}}")
	case strings.HasSuffix(line, ":"):
		return errors.New("this looks like YAML, which is not read; write the servers as {\"mcpServers\": {…}}")
	}
	return errors.New(strings.TrimPrefix(err.Error(), "hujson: "))
}

// unknownFile says what a file is that has no tools.
func unknownFile(top []member) error {
	var keys []string
	for _, m := range top {
		keys = append(keys, m.key)
	}
	switch {
	case slices.Contains(keys, "manifest_version"):
		return errors.New("this is the manifest of a bundle (.mcpb), which cannot be installed; write its server's \"mcp_config\" as an entry of {\"mcpServers\": {…}}, with the bundle's folder in place of ${__dirname}")
	case slices.Contains(keys, "projects"):
		return errors.New("it lists servers by project alone; name a file that has \"mcpServers\" itself")
	}
	return fmt.Errorf("it lists no tools: \"mcpServers\", \"servers\", \"context_servers\", \"mcp\", \"commands\" or \"builtin\" is expected, and it has %s", list(keys))
}

// list writes some names, quoted.
func list(names []string) string {
	const most = 8
	if len(names) == 0 {
		return "nothing"
	}
	var quoted []string
	for _, name := range names[:min(len(names), most)] {
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	text := strings.Join(quoted, ", ")
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
}

// member is one key of an object with its value.
type member struct {
	key   string
	value json.RawMessage
}

// parseObject reads an object with its keys in the order of the text.
func parseObject(data []byte) ([]member, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if t, err := decoder.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("it is no JSON object")
	}
	var members []member
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		m := member{key: key.(string)}
		if err := decoder.Decode(&m.value); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	_, err := decoder.Token()
	return members, err
}
