package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"sirocco/model/chat"
)

// family is what kind of server it is, which decides what may be asked of it.
type family int

const (
	unknownFamily family = iota // OpenAI's fields alone are safe
	vllmFamily
	siroccoFamily
)

// rich says that the server takes vLLM's fields and answers /tokenize.
func (f family) rich() bool { return f != unknownFamily }

// questionTime is how long a server may take for a small question about itself.
const questionTime = 20 * time.Second

// findModel reads /v1/models: which model answers, and how long its context is.
func (e *Engine) findModel(ctx context.Context, wanted string) error {
	var list struct {
		Data []modelList `json:"data"`
	}
	err := e.askAgain(ctx, "v1/models", &list)
	if unlisted(err) && !e.at.bare && e.at.root.Path != "" { // the address may be that of the API itself
		e.at.bare = true
		if e.post(ctx, http.MethodGet, "v1/models", nil, &list) == nil {
			err = nil
		} else {
			e.at.bare = false
		}
	}
	if wanted != "" && (unlisted(err) || err == nil && len(list.Data) == 0) {
		e.about = e.aboutModel(wanted, 0)
		e.notice("%s does not list its models; %s is asked because it was named, and how much it can read is not known", e.at.host(), wanted)
		return nil
	}
	if err != nil {
		return fmt.Errorf("asking %s which models it has: %w", e.at.host(), err)
	}
	if wanted == "" {
		slices.SortStableFunc(list.Data, func(a, b modelList) int { return answers(a.ID) - answers(b.ID) })
	}
	var names []string
	for _, m := range list.Data {
		if len(m.ID) > largestName {
			return fmt.Errorf("%s lists a model whose name has %d bytes, which is no name; look at how the server was started", e.at.host(), len(m.ID))
		}
		names = append(names, m.ID)
		if wanted != "" && m.ID != wanted || e.about.Model.Name != "" {
			continue
		}
		e.about = e.aboutModel(m.ID, m.MaxModelLen)
		e.family = map[string]family{"vllm": vllmFamily, "sirocco": siroccoFamily}[m.OwnedBy]
	}
	e.models = names
	switch {
	case len(names) == 0:
		return fmt.Errorf("%s lists no model, so nobody can answer there", e.at.host())
	case e.about.Model.Name == "":
		return fmt.Errorf("%s has no model %q; it has %s", e.at.host(), wanted, shorten(strings.Join(names, ", ")))
	}
	return nil
}

// modelList is a model in a server's list.
type modelList struct {
	ID          string `json:"id"`
	OwnedBy     string `json:"owned_by"`
	MaxModelLen int    `json:"max_model_len"`
}

// answers sorts models that talk before those whose name says that they do something else.
func answers(id string) int {
	low := strings.ToLower(id)
	for _, other := range []string{"embed", "rerank", "whisper", "tts", "moderation", "bge-", "speech", "transcribe"} {
		if strings.Contains(low, other) {
			return 1
		}
	}
	return 0
}

// aboutModel describes a model of this server's.
func (e *Engine) aboutModel(name string, context int) chat.About {
	return chat.About{
		Model:  chat.ModelInfo{Name: name, Format: "remote", Context: max(context, 0), Vision: true},
		Device: chat.DeviceInfo{Name: e.at.host(), Backend: "remote", Kind: "remote"},
	}
}

// unlisted says that a server answers and has no list of models.
func unlisted(err error) bool {
	var p *problem
	return errors.As(err, &p) && (p.status == http.StatusNotFound || p.status == http.StatusMethodNotAllowed || p.status == http.StatusNotImplemented)
}

// findVersion asks a vLLM server for its version.
func (e *Engine) findVersion(ctx context.Context) {
	var answer struct {
		Version string `json:"version"`
	}
	if e.post(ctx, http.MethodGet, "version", nil, &answer) != nil || answer.Version == "" || len(answer.Version) > largestVersion {
		return // only vLLM tells
	}
	e.version = answer.Version
	if e.family != siroccoFamily {
		e.family = vllmFamily
	}
}

// askAgain asks a server that may be busy or still loading, as often as a question is asked.
func (e *Engine) askAgain(ctx context.Context, path string, answer any) error {
	wait := e.retryTime
	for attempt := 1; ; attempt++ {
		err := e.post(ctx, http.MethodGet, path, nil, answer)
		var p *problem
		if err == nil || !errors.As(err, &p) || p.status == 0 || !p.passing() || attempt >= p.attempts() {
			return err
		}
		select {
		case <-time.After(max(wait, p.again)):
		case <-ctx.Done():
			return ctx.Err()
		}
		wait *= 2
	}
}

// post sends a small request and reads the JSON that comes back into answer.
func (e *Engine) post(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	var data []byte
	if body != nil {
		var err error
		if data, err = marshal(body); err != nil {
			return err
		}
	}
	response, err := e.send(ctx, method, path, data)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	reply, err := readWhole(response.Body, largestReply)
	if err != nil {
		return e.lost(err)
	}
	if response.StatusCode/100 != 2 {
		return e.refusal(response, reply)
	}
	if err := json.Unmarshal(reply, answer); err != nil {
		return errors.New("its answer is not the JSON an OpenAI-compatible server sends; is there another program at this address?")
	}
	return nil
}

// send makes one HTTP request. Its errors are those of a server that cannot be
// reached.
func (e *Engine) send(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, e.at.of(path), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	// A proxy that packs a stream holds words back until it has a block of them.
	request.Header.Set("Accept-Encoding", "identity")
	if key := e.key(); key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := e.http.Do(request)
	if err != nil {
		return nil, e.lost(err)
	}
	return response, nil
}

// marshal writes JSON in which <, > and & stay as they are.
func marshal(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("writing the request: %w", err)
	}
	return out.Bytes(), nil
}
