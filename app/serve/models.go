package serve

import "net/http"

// modelEntry is a model in vLLM's form: OpenAI's and how long its context is.
type modelEntry struct {
	ID          string  `json:"id"`
	Object      string  `json:"object"`
	Created     int64   `json:"created"`
	OwnedBy     string  `json:"owned_by"`
	Root        string  `json:"root"`
	Parent      *string `json:"parent"`
	MaxModelLen int     `json:"max_model_len"`
}

func (s *Server) entry() modelEntry {
	about := s.o.Engine.About().Model
	return modelEntry{ID: about.Name, Object: "model", Created: s.started.Unix(), OwnedBy: "sirocco", Root: about.Name, MaxModelLen: about.Context}
}

// models lists the one model there is.
func (s *Server) models(w http.ResponseWriter, r *http.Request) error {
	if speaksAnthropic(r) {
		only := s.entry().anthropic()
		return writeJSON(w, http.StatusOK, anthropicModels{Data: []anthropicModel{only}, FirstID: only.ID, LastID: only.ID})
	}
	return writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": []modelEntry{s.entry()}})
}

// model describes it by name.
func (s *Server) model(w http.ResponseWriter, r *http.Request) error {
	entry := s.entry()
	if r.PathValue("id") != entry.ID {
		return &problem{Status: http.StatusNotFound, Type: "invalid_request_error", Code: "model_not_found", Param: "model",
			Message: "this server has no model of that name; GET /v1/models lists what it has"}
	}
	if speaksAnthropic(r) {
		return writeJSON(w, http.StatusOK, entry.anthropic())
	}
	return writeJSON(w, http.StatusOK, entry)
}

// health says that the server is there; it needs no key and tells nothing else.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusOK)
	return nil
}
