package remote

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Lists of models have many shapes. Those that talk come first, with the context that
// the server tells in its own way.
func TestListsOfModels(t *testing.T) {
	for list, want := range map[string]listed{
		`{"data": [{"id": "m", "max_model_len": 4096}]}`:                                                       {id: "m", context: 4096},
		`{"data": [{"id": "m", "max_model_len": "4096"}]}`:                                                     {id: "m", context: 4096},
		`{"data": [{"id": "m", "max_model_len": 4096.0, "owned_by": null}]}`:                                   {id: "m", context: 4096},
		`[{"id": "m", "context_length": 4096}]`:                                                                {id: "m", context: 4096},
		`{"data": ["m"]}`:                                                                                      {id: "m"},
		`{"models": [{"name": "m", "model": "m"}]}`:                                                            {id: "m"},
		`{"data": [{"id": "m", "meta": {"n_ctx": 4096, "n_ctx_train": 131072}}]}`:                              {id: "m", context: 4096},
		`{"data": [{"id": "m", "context_window": 4096, "architecture": {}}]}`:                                  {id: "m", context: 4096},
		`{"data": [{"id": "m", "max_input_tokens": 4096, "mode": "chat"}]}`:                                    {id: "m", context: 4096},
		`{"data": [{"id": "e", "mode": "embedding"}, {"id": "m"}]}`:                                            {id: "m"},
		`{"data": [{"id": "e", "type": "embeddings"}, {"id": "m", "type": "llm"}]}`:                            {id: "m"},
		`{"data": [{"id": "e", "capabilities": {"completion_chat": false}}, {"id": "m"}]}`:                     {id: "m"},
		`{"data": [{"id": "p", "architecture": {"output_modalities": ["image"]}}, {"id": "m"}]}`:               {id: "m"},
		`{"data": [{"id": "whisper-1"}, {"id": "dall-e-3"}, {"id": "m", "capabilities": ["completion"]}]}`:     {id: "m"},
		`{"object": "list", "data": [{"id": null}, {"id": "m", "created": 1.5, "permission": [], "meta": 1}]}`: {id: "m"},
	} {
		var got modelList
		if err := json.Unmarshal([]byte(list), &got); err != nil || len(got) == 0 || got[0] != want {
			t.Errorf("%s: %+v, %v", list, got, err)
		}
	}
}

// A server that answers its list in any way that is none is asked for the model named,
// and a name is found as people shorten it.
func TestServersWithoutAList(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
	}{{404, ""}, {500, "no cache"}, {501, "<html>"}, {200, "<html>a page</html>"}, {200, `{"data": null}`}, {400, `{"detail": "no"}`}, {200, `{"error": {"message": "no list"}}`}} {
		server := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		})
		if e, err := Open(t.Context(), Options{URL: server, Model: "mine", RetryTime: time.Millisecond}); err != nil || e.About().Model.Name != "mine" {
			t.Errorf("%d %q: %v", c.status, c.body, err)
		}
	}
	f := &fake{models: `{"data": [{"id": "models/Big"}, {"id": "small:latest"}]}`}
	for name, want := range map[string]string{"big": "models/Big", "small": "small:latest"} {
		if e := f.open(t, func(o *Options) { o.Model = name }); e.About().Model.Name != want {
			t.Errorf("%s found %s", name, e.About().Model.Name)
		}
	}
}

// An address copied from a page of the server's leads to the API at its top.
func TestAddressOfAPage(t *testing.T) {
	server := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/models" {
			io.WriteString(w, "<html>the page for every address</html>")
			return
		}
		io.WriteString(w, oneModel)
	})
	e, err := Open(t.Context(), Options{URL: server + "/ui/index.html"})
	if err != nil {
		t.Fatal(err)
	}
	if at := e.at.of("v1/models"); at != server+"/v1/models" {
		t.Errorf("asked at %s", at)
	}
}

// The first question of all is asked again like others, and a long wait is said.
func TestFirstRequestWaits(t *testing.T) {
	var said []string
	asked := 0
	server := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/models" {
			http.NotFound(w, r)
			return
		}
		if asked++; asked < 3 {
			w.Header().Set("Retry-After-Ms", "2000")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		io.WriteString(w, oneModel)
	})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	_, err := Open(ctx, Options{URL: server, RetryTime: time.Millisecond, Waiting: func(s string) { said = append(said, s); stop() }})
	if err == nil || len(said) != 1 || !strings.Contains(said[0], "again in 2 seconds") {
		t.Errorf("said %q, then %v", said, err)
	}
}

// When to come again is said in seconds, as a date, or in milliseconds.
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for said, want := range map[string]time.Duration{"7": 7 * time.Second, "0.5": 500 * time.Millisecond, "Fri, 02 Jan 2026 03:04:15 GMT": 10 * time.Second,
		"3600": time.Hour, "-1": 0, "soon": 0, "": 0, "1e300": 0, "NaN": 0} {
		if got := retryAfter(http.Header{"Retry-After": {said}}, now); got != want {
			t.Errorf("%q: %v", said, got)
		}
	}
	if got := retryAfter(http.Header{"Retry-After-Ms": {"250"}, "Retry-After": {"1"}}, now); got != 250*time.Millisecond {
		t.Errorf("in milliseconds: %v", got)
	}
}

// Who asks for an hour is told of and not waited for.
func TestRetryAfterAnHour(t *testing.T) {
	f := &fake{chat: func(w http.ResponseWriter, r *http.Request, attempt int) {
		w.Header().Set("Retry-After", "3600")
		refuses(429, "slow down")(w, r, attempt)
	}}
	if o := answered(t.Context(), f.open(t), hello()); o.err == nil || !strings.Contains(o.err.Error(), "60 minutes") || len(f.bodies) != 1 {
		t.Errorf("%v after %d requests", o.err, len(f.bodies))
	}
}

// A server that has a /version and is no vLLM is sent OpenAI's fields alone.
func TestVersionOfAnother(t *testing.T) {
	f := &fake{models: `{"data": [{"id": "m", "owned_by": "LocalAI"}]}`, version: "v3.1", chat: streams(says("Hi."), ends("stop"), "[DONE]")}
	e := f.open(t)
	must(t, answered(t.Context(), e, hello()))
	if _, there := f.last()["top_k"]; there || e.Version() != "" {
		t.Errorf("version %q, sent %v", e.Version(), f.last())
	}
}

// What comes packed though nobody asked for it is unpacked.
func TestPackedReplies(t *testing.T) {
	pack := func(w http.ResponseWriter, text string) {
		w.Header().Set("Content-Encoding", "gzip")
		packer := gzip.NewWriter(w)
		io.WriteString(packer, text)
		packer.Close()
	}
	server := answering(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/models":
			pack(w, oneModel)
		case "/v1/chat/completions":
			w.Header().Set("Content-Type", "text/event-stream")
			pack(w, "data: "+says("Hello.")+"\n\ndata: "+ends("stop")+"\n\ndata: [DONE]\n\n")
		default:
			w.WriteHeader(http.StatusNotFound)
			pack(w, "{}")
		}
	})
	e, err := Open(t.Context(), Options{URL: server, RetryTime: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if o := must(t, answered(t.Context(), e, hello())); o.text != "Hello." {
		t.Errorf("%q", o.text)
	}
}
