package serve

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// What Ollama's clients want to know of models. There is one, and it is loaded.

type ollamaDetails struct {
	Parent       string   `json:"parent_model"`
	Format       string   `json:"format"`
	Family       string   `json:"family"`
	Families     []string `json:"families"`
	Parameters   string   `json:"parameter_size"`
	Quantization string   `json:"quantization_level"`
}

type ollamaModel struct {
	Name     string        `json:"name"`
	Model    string        `json:"model"`
	Modified string        `json:"modified_at,omitempty"`
	Size     int64         `json:"size"`
	Digest   string        `json:"digest"`
	Details  ollamaDetails `json:"details"`
	Expires  string        `json:"expires_at,omitempty"`
	VRAM     *int64        `json:"size_vram,omitempty"`
	Context  int           `json:"context_length,omitempty"`
}

// family is the architecture in the words of GGUF files.
const family = "mistral3"

func (s *Server) ollamaEntry() ollamaModel {
	m := s.o.Engine.About().Model
	digest := sha256.Sum256([]byte(m.Name))
	return ollamaModel{Name: m.Name, Model: m.Name, Digest: hex.EncodeToString(digest[:]), Details: detailsOf(m)}
}

func detailsOf(m chat.ModelInfo) ollamaDetails {
	return ollamaDetails{Format: "gguf", Family: family, Families: []string{family}, Parameters: size(m.Parameters), Quantization: m.Format}
}

// size is a number of parameters as model names have it: 24.0B.
func size(parameters int64) string {
	if parameters < 1_000_000_000 {
		return fmt.Sprintf("%.1fM", float64(parameters)/1e6)
	}
	return fmt.Sprintf("%.1fB", float64(parameters)/1e9)
}

// ollamaTags lists the models.
func (s *Server) ollamaTags(w http.ResponseWriter, _ *http.Request) error {
	entry := s.ollamaEntry()
	entry.Modified = s.started.UTC().Format(time.RFC3339)
	return writeJSON(w, http.StatusOK, map[string]any{"models": []ollamaModel{entry}})
}

// ollamaRunning lists those that are loaded.
func (s *Server) ollamaRunning(w http.ResponseWriter, _ *http.Request) error {
	entry := s.ollamaEntry()
	entry.VRAM, entry.Context = new(int64), s.o.Engine.About().Model.Context
	entry.Expires = time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339)
	return writeJSON(w, http.StatusOK, map[string]any{"models": []ollamaModel{entry}})
}

// ollamaShow describes a model. Clients decide by its capabilities what they offer.
func (s *Server) ollamaShow(w http.ResponseWriter, r *http.Request) error {
	v, free, err := s.readObject(w, r)
	if err != nil {
		return err
	}
	defer free()
	m := s.o.Engine.About().Model
	if asked := ollamaName(v); asked != m.Name {
		return &problem{Status: http.StatusNotFound, Type: "invalid_request_error", Message: fmt.Sprintf("model %q not found; this server has %q", asked, m.Name)}
	}
	capabilities := []string{"completion", "tools"}
	if m.Vision {
		capabilities = append(capabilities, "vision")
	}
	return writeJSON(w, http.StatusOK, map[string]any{
		"license": "", "modelfile": "", "parameters": "", "template": "", "details": detailsOf(m),
		"modified_at": s.started.UTC().Format(time.RFC3339), "capabilities": capabilities,
		"model_info": map[string]any{
			"general.architecture": family, "general.parameter_count": m.Parameters, family + ".context_length": m.Context,
		},
	})
}

// ollamaName is the model that a request names, without the tag that Ollama adds.
func ollamaName(v pyjson.Value) string {
	name, given := v.Get("model")
	if !given {
		name, _ = v.Get("name")
	}
	return strings.TrimSuffix(pyjson.Clean(name.Text), ":latest")
}

func (s *Server) ollamaVersion(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]string{"version": ollamaVersion})
}

// ollamaCannot answers the routes that change models or make embeddings.
func (s *Server) ollamaCannot(_ http.ResponseWriter, r *http.Request) error {
	message := "this server serves the one model it was started with; sirocco models pull, add and remove change what there is"
	if strings.HasPrefix(r.URL.Path, "/api/embed") {
		message = "this model makes no embeddings; ask another server for those"
	}
	return &problem{Status: http.StatusNotImplemented, Type: "invalid_request_error", Message: message}
}

// running tells a client that looks at the bare address that somebody is there.
func (s *Server) running(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "Sirocco is running")
	return nil
}
