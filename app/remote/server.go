package remote

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
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

var errNotJSON = errors.New("its answer is not the JSON an OpenAI-compatible server sends; is there another program at this address?")

// questionTime is how long a server may take for a small question about itself.
const questionTime = 20 * time.Second

// findVersion asks a vLLM server for its version. Others have a /version, too; their
// list of models says that they are no vLLM.
func (e *Engine) findVersion(ctx context.Context) {
	if !e.family.rich() {
		return
	}
	var answer struct {
		Version string `json:"version"`
	}
	if e.post(ctx, http.MethodGet, "version", nil, &answer) != nil || answer.Version == "" || len(answer.Version) > largestVersion {
		return // only vLLM tells
	}
	e.version = answer.Version
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
		pause := max(wait, p.again)
		if e.waiting != nil && pause >= sayWait {
			e.waiting(p.later(pause))
		}
		select {
		case <-time.After(pause):
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
		return errNotJSON
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
	if response.Header.Get("Content-Encoding") == "gzip" { // packed, though we ask for it plain
		response.Body = &unpacked{packed: response.Body}
	}
	return response, nil
}

// unpacked is a body that came packed. What it unpacks to is limited where it is read.
type unpacked struct {
	packed io.ReadCloser
	plain  *gzip.Reader
}

// Read unpacks; the header is read with the first of it.
func (u *unpacked) Read(p []byte) (n int, err error) {
	if u.plain == nil {
		if u.plain, err = gzip.NewReader(u.packed); err != nil {
			return 0, err
		}
	}
	return u.plain.Read(p)
}

func (u *unpacked) Close() error { return u.packed.Close() }

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
