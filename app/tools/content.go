package tools

import (
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

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
	out.Text = strings.Join(texts, "\n")
	if out.Failed && out.Text == "" && len(out.Pictures) == 0 {
		out.Text = "the tool failed without saying why"
	}
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
	case len(r.Blob) > 0 && strings.HasPrefix(kindOf(r), "image/"):
		o.picture(r.Blob, kindOf(r)+" "+r.URI)
	case len(r.Blob) > 0 && isText(r):
		say("[resource %s]\n%s", r.URI, r.Blob)
	case len(r.Blob) > 0:
		o.note("the resource %s (%s, %s) is left out: it is not text", r.URI, r.MIMEType, size(len(r.Blob)))
	default:
		say("[resource %s]\n%s", r.URI, r.Text)
	}
}

// kindOf is a resource's media type, by its bytes where it does not say.
func kindOf(r *mcp.ResourceContents) string {
	if r.MIMEType != "" && r.MIMEType != "application/octet-stream" {
		return strings.ToLower(r.MIMEType)
	}
	return http.DetectContentType(r.Blob)
}

// isText reports whether a resource that came as bytes is text.
func isText(r *mcp.ResourceContents) bool {
	kind := kindOf(r)
	named := strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json") || strings.Contains(kind, "xml") || strings.Contains(kind, "yaml") || strings.Contains(kind, "javascript")
	return named && utf8.Valid(r.Blob)
}
