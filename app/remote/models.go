package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"sirocco/model/chat"
)

// modelList are the models of a server, those that talk first.
type modelList []listed

// listed is a model in a server's list.
type listed struct {
	id         string
	owner      string
	context    int  // 0 where the server does not tell
	speechless bool // it does something else than talk
}

// UnmarshalJSON reads OpenAI's list, and what others make of it: a bare list, one
// under another name, names alone.
func (l *modelList) UnmarshalJSON(data []byte) error {
	var whole struct {
		Data   []json.RawMessage `json:"data"`
		Models []json.RawMessage `json:"models"`
		Error  json.RawMessage   `json:"error"`
	}
	entries := []json.RawMessage{}
	if json.Unmarshal(data, &entries) != nil {
		if err := json.Unmarshal(data, &whole); err != nil {
			return err
		}
		if entries = whole.Data; len(entries) == 0 {
			entries = whole.Models
		}
		if len(entries) == 0 && !none(whole.Error) {
			return errNotJSON
		}
	}
	*l = (*l)[:0]
	for _, entry := range entries {
		if m := readListed(entry); m.id != "" {
			*l = append(*l, m)
		}
	}
	slices.SortStableFunc(*l, func(a, b listed) int {
		switch {
		case a.speechless == b.speechless:
			return 0
		case b.speechless:
			return -1
		}
		return 1
	})
	return nil
}

// readListed reads one entry.
func readListed(data json.RawMessage) (m listed) {
	if json.Unmarshal(data, &m.id) == nil {
		m.speechless = mute(m.id)
		return m
	}
	var e struct {
		ID, Name, Model    word
		OwnedBy            word  `json:"owned_by"`
		MaxModelLen        count `json:"max_model_len"` // vLLM and SGLang
		LoadedContext      count `json:"loaded_context_length"`
		ContextLength      count `json:"context_length"` // OpenRouter, Together, Mistral
		MaxContextLength   count `json:"max_context_length"`
		ContextWindow      count `json:"context_window"`   // Groq
		MaxInputTokens     count `json:"max_input_tokens"` // LiteLLM, Anthropic
		Mode, Type, Task   word
		Meta, Capabilities json.RawMessage
		Architecture       struct {
			Output []string `json:"output_modalities"`
		}
	}
	json.Unmarshal(data, &e) // what does not fit stays empty
	m.id, m.owner = first(e.ID, e.Model, e.Name), string(e.OwnedBy)
	var meta struct {
		Context count `json:"n_ctx"` // llama-server
	}
	json.Unmarshal(e.Meta, &meta)
	for _, n := range []count{e.MaxModelLen, e.LoadedContext, meta.Context, e.ContextLength, e.MaxContextLength, e.ContextWindow, e.MaxInputTokens} {
		if n > 0 {
			m.context = int(n)
			break
		}
	}
	var can struct {
		Chat *bool `json:"completion_chat"` // Mistral
	}
	json.Unmarshal(e.Capabilities, &can)
	m.speechless = mute(m.id+" "+string(e.Mode+" "+e.Type+" "+e.Task)) || can.Chat != nil && !*can.Chat ||
		len(e.Architecture.Output) > 0 && !slices.Contains(e.Architecture.Output, "text")
	return m
}

// first is the first word that is not empty.
func first(words ...word) string {
	for _, w := range words {
		if w != "" {
			return string(w)
		}
	}
	return ""
}

// mute says that names are of a model that does something else than talk.
func mute(names string) bool {
	low := strings.ToLower(names)
	return slices.ContainsFunc([]string{"embed", "rerank", "whisper", "tts", "moderation", "bge-", "minilm", "speech", "transcri", "dall-e", "image-1",
		"image_generation", "stable-diffusion", "flux", "sdxl", "imagen", "sora", "veo-"}, func(word string) bool { return strings.Contains(low, word) })
}

// find is the model of a name, or of one that differs only as people shorten them.
func (l modelList) find(name string) *listed {
	for i := range l {
		if l[i].id == name {
			return &l[i]
		}
	}
	plain := func(s string) string {
		return strings.TrimSuffix(strings.TrimPrefix(strings.ToLower(s), "models/"), ":latest")
	}
	for i := range l {
		if plain(l[i].id) == plain(name) {
			return &l[i]
		}
	}
	return nil
}

func (l modelList) names() (names []string) {
	for _, m := range l {
		names = append(names, m.id)
	}
	return names
}

// findModel asks which model answers, and how long its context is.
func (e *Engine) findModel(ctx context.Context, wanted string) error {
	list, err := e.list(ctx)
	if wanted != "" && (unlisted(err) || err == nil && len(list) == 0) {
		e.about = e.aboutModel(wanted, 0)
		e.notice("%s does not list its models; %s is asked because it was named, and how much it can read is not known", e.at.host(), wanted)
		return nil
	}
	if err != nil {
		return fmt.Errorf("asking %s which models it has: %w", e.at.host(), err)
	}
	for _, m := range list {
		if len(m.id) > largestName {
			return fmt.Errorf("%s lists a model whose name has %d bytes, which is no name; look at how the server was started", e.at.host(), len(m.id))
		}
	}
	e.models = list.names()
	if len(list) == 0 {
		return fmt.Errorf("%s lists no model, so nobody can answer there", e.at.host())
	}
	found := &list[0]
	if wanted != "" {
		found = list.find(wanted)
	}
	if found == nil {
		return fmt.Errorf("%s has no model %q; it has %s", e.at.host(), wanted, shorten(strings.Join(e.models, ", ")))
	}
	if found.speechless && wanted == "" {
		e.notice("%s may be no model that talks; name another with --model: %s", found.id, shorten(strings.Join(e.models, ", ")))
	}
	e.about = e.aboutModel(found.id, found.context)
	e.family = map[string]family{"vllm": vllmFamily, "sirocco": siroccoFamily}[found.owner]
	return nil
}

// list reads the server's models. Where there is no list at the address, it may be
// that of the API itself, or one that a person copied from a page of the server's.
func (e *Engine) list(ctx context.Context) (list modelList, err error) {
	err = e.askAgain(ctx, "v1/models", &list)
	if !unlisted(err) {
		return list, err
	}
	typed := e.at
	for _, other := range typed.others() {
		e.at = other
		if e.post(ctx, http.MethodGet, "v1/models", nil, &list) == nil && len(list) > 0 {
			return list, nil
		}
	}
	e.at = typed
	return nil, err
}

// aboutModel describes a model of this server's.
func (e *Engine) aboutModel(name string, context int) chat.About {
	return chat.About{
		Model:  chat.ModelInfo{Name: name, Format: "remote", Context: max(context, 0), Vision: true},
		Device: chat.DeviceInfo{Name: e.at.host(), Backend: "remote", Kind: "remote"},
	}
}

// unlisted says that a server answers and has no list of models that can be read.
func unlisted(err error) bool {
	var p *problem
	if errors.As(err, &p) {
		return p.status != 0 && !p.passing() && p.status != http.StatusUnauthorized && p.status != http.StatusForbidden && p.status != http.StatusMisdirectedRequest
	}
	var wrong *chat.RequestError
	return errors.Is(err, errNotJSON) || errors.As(err, &wrong)
}
