package openai

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"sirocco/model/chattemplate"
)

// ToolName is a tool as the client knows it.
type ToolName struct {
	Namespace string // of the Responses API; "" for most
	Name      string
	// Custom tools take a text instead of arguments. The model sees a function with
	// one argument, customInput.
	Custom bool
}

// Full is the name with its namespace in front, for clients that know none.
func (n ToolName) Full() string { return qualified(n.Namespace, n.Name) }

// customInput is the only argument of a custom tool.
const customInput = "input"

// ToolNames maps names that the chat template takes to the client's. Names that are
// the same on both sides are not in it, unless the tool is a custom one.
type ToolNames map[string]ToolName

// Original is the client's name for a tool the model called.
func (n ToolNames) Original(internal string) ToolName {
	if own, known := n[internal]; known {
		return own
	}
	return ToolName{Name: internal}
}

// add gives a tool a name that the template takes and no other tool has.
func (n ToolNames) add(own ToolName, taken func(string) bool) string {
	full := qualified(own.Namespace, own.Name)
	internal := templateName(full)
	if taken(internal) && n.Original(internal) != own {
		sum := sha256.Sum256([]byte(full))
		internal = internal[:min(len(internal), maxToolName-7)] + "_" + hex.EncodeToString(sum[:3])
	}
	if internal != own.Name || own.Custom {
		n[internal] = own
	}
	return internal
}

// internal is the template's name for a client's, as in the calls of a history.
func (n ToolNames) internal(full string) string {
	for internal, own := range n {
		if qualified(own.Namespace, own.Name) == full {
			return internal
		}
	}
	return templateName(full)
}

// qualified is a tool's name with its namespace in front.
func qualified(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "__" + name
}

// maxToolName is the length of the longest name that the template takes.
const maxToolName = 64

// templateName replaces what the template does not take in a tool's name.
func templateName(name string) string {
	if chattemplate.GoodName(name) || name == "" {
		return name
	}
	clean := strings.Map(func(r rune) rune {
		if chattemplate.GoodName(string(r)) {
			return r
		}
		return '_'
	}, name)
	if len(clean) > maxToolName {
		sum := sha256.Sum256([]byte(name))
		clean = clean[:maxToolName-7] + "_" + hex.EncodeToString(sum[:3])
	}
	return clean
}
