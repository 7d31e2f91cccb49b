package serve

import (
	"net/http"
	"strings"
	"time"
)

// anthropicModel is a model in Anthropic's form.
type anthropicModel struct {
	Type        string `json:"type"`
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	CreatedAt   string `json:"created_at"`
	Lifecycle   string `json:"lifecycle"`
	MaxInput    int    `json:"max_input_tokens"`
	MaxTokens   int    `json:"max_tokens"`
}

// anthropicModels is the list of them, of which there is one page.
type anthropicModels struct {
	Data    []anthropicModel `json:"data"`
	HasMore bool             `json:"has_more"`
	FirstID string           `json:"first_id"`
	LastID  string           `json:"last_id"`
}

func (e modelEntry) anthropic() anthropicModel {
	return anthropicModel{
		Type: "model", ID: e.ID, DisplayName: e.ID, CreatedAt: time.Unix(e.Created, 0).UTC().Format(time.RFC3339),
		Lifecycle: "active", MaxInput: e.MaxModelLen, MaxTokens: e.MaxModelLen,
	}
}

// speaksAnthropic reports whether a request is one of Anthropic's API, whose clients
// want models and errors in another shape: it came to a route of that API, or asks
// for models as their clients do.
func speaksAnthropic(r *http.Request) bool {
	path := r.URL.Path
	if path == "/v1/models" || strings.HasPrefix(path, "/v1/models/") {
		return r.Header.Get("Anthropic-Version") != ""
	}
	return path == "/v1/messages" || strings.HasPrefix(path, "/v1/messages/")
}
