package tools

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/model/chat"
)

// contents makes of an MCP result what the model can be given: texts, pictures,
// and a word about what is neither.
func contents(result *mcp.CallToolResult) Output {
	out := Output{Failed: result.IsError}
	var texts []string
	say := func(format string, args ...any) { texts = append(texts, fmt.Sprintf(format, args...)) }
	for _, c := range result.Content {
		switch c := c.(type) {
		case *mcp.TextContent:
			texts = append(texts, c.Text)
		case *mcp.ImageContent:
			out.picture(c.Data, c.MIMEType)
		case *mcp.AudioContent:
			out.note("a sound (%s, %s) is left out: this model does not hear", c.MIMEType, size(len(c.Data)))
		case *mcp.ResourceLink:
			say("[%s]", strings.TrimSpace(fmt.Sprintf("resource %s: %s %s", c.URI, c.Name, c.Description)))
		case *mcp.EmbeddedResource:
			out.resource(c.Resource, say)
		default:
			out.note("a content of the kind %T is left out", c)
		}
	}
	if len(result.Content) == 0 && result.StructuredContent != nil {
		if data, err := json.Marshal(result.StructuredContent); err == nil {
			texts = append(texts, string(data))
		}
	}
	out.Text = strings.Join(texts, "\n")
	return out
}

// picture adds one, named by its number and kind.
func (o *Output) picture(data []byte, kind string) {
	name, _ := cut(fmt.Sprintf("picture %d, %s", len(o.Pictures)+1, kind), smallest)
	o.Pictures = append(o.Pictures, chat.Image{Name: name, Data: data})
}

// maxNotes is how many notes of one result are passed on.
const maxNotes = 20

func (o *Output) note(format string, args ...any) {
	note, _ := cut(fmt.Sprintf(format, args...), smallest)
	switch {
	case len(o.Notes) < maxNotes:
		o.Notes = append(o.Notes, note)
	case len(o.Notes) == maxNotes:
		o.Notes = append(o.Notes, "more like these is left out")
	}
}

// resource adds an embedded file: text, a picture, or something that can only be
// named.
func (o *Output) resource(r *mcp.ResourceContents, say func(string, ...any)) {
	switch {
	case r == nil:
	case strings.HasPrefix(r.MIMEType, "image/") && len(r.Blob) > 0:
		o.picture(r.Blob, r.MIMEType+" "+r.URI)
	case len(r.Blob) > 0:
		o.note("the resource %s (%s, %s) is left out: it is not text", r.URI, r.MIMEType, size(len(r.Blob)))
	default:
		say("[resource %s]\n%s", r.URI, r.Text)
	}
}
