package remote

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"sirocco/model/chat"
)

// What people type, and where it leads.
func TestAddresses(t *testing.T) {
	for typed, want := range map[string]string{
		"gpu-box:8000":                        "http://gpu-box:8000/v1/models",
		"http://gpu-box:8000/":                "http://gpu-box:8000/v1/models",
		"https://gpu-box/v1":                  "https://gpu-box/v1/models",
		"https://proxy/llm/v1/":               "https://proxy/llm/v1/models",
		"http://[::1]:8000":                   "http://[::1]:8000/v1/models",
		" http://127.0.0.1:8000/v1 ":          "http://127.0.0.1:8000/v1/models",
		"https://box/v1/chat/completions":     "https://box/v1/models",
		"https://box/api/paas/v4":             "https://box/api/paas/v4/models",
		"https://box/api/v3/chat/completions": "https://box/api/v3/models",
		"https://box/v1beta/openai/":          "https://box/v1beta/openai/models",
		"https://box/openai/v1":               "https://box/openai/v1/models",
		"https://box/gateway":                 "https://box/gateway/v1/models",
	} {
		at, err := parseAddress(typed)
		if err != nil || at.of("v1/models") != want {
			t.Errorf("%q leads to %v, %v", typed, at, err)
		}
	}
	for _, typed := range []string{"", "ftp://gpu-box", "http://", "http://user:secret@gpu-box", "http://gpu-box?key=secret", "http://gpu box", "http://a b:secret"} {
		_, err := parseAddress(typed)
		if err == nil {
			t.Errorf("%q was taken", typed)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error repeats the key: %v", typed, err)
		}
	}
}

// A key goes unencrypted only to this machine without a word.
func TestExposedKeysAreMentioned(t *testing.T) {
	for typed, want := range map[string]bool{"http://localhost:1": false, "http://127.0.0.1:1": false, "http://[::1]:1": false, "https://gpu-box": false, "http://gpu-box": true, "http://192.168.1.5": true} {
		if at, err := parseAddress(typed); err != nil || at.exposed() != want {
			t.Errorf("%s: %v, %v", typed, at.exposed(), err)
		}
	}
}

// The key comes from the environment, else from the keyring; a machine without
// one is no error.
func TestKeys(t *testing.T) {
	keyring.MockInit()
	const server = "http://gpu-box:8000/v1"
	if key := Key(server); key != "" {
		t.Errorf("an empty keyring gave %q", key)
	}
	if err := KeepKey(server, " from the ring\n"); err != nil {
		t.Fatal(err)
	}
	if key := Key("gpu-box:8000"); key != "from the ring" {
		t.Errorf("the keyring gave %q", key)
	}
	t.Setenv(KeyVariable, "from outside")
	if key := Key(server); key != "from outside" {
		t.Errorf("the environment gave %q", key)
	}
	t.Setenv(KeyVariable, "")
	for range 2 { // forgetting twice is fine
		if err := ForgetKey(server); err != nil || Key(server) != "" {
			t.Errorf("%v, %q", err, Key(server))
		}
	}
	keyring.MockInitWithError(errors.New("no keyring here"))
	if key := Key(server); key != "" {
		t.Errorf("a broken keyring gave %q", key)
	}
	if err := KeepKey(server, "x"); err == nil || !strings.Contains(err.Error(), KeyVariable) {
		t.Errorf("a broken keyring kept the key: %v", err)
	}
}

// The key goes with every request and into no error, notice or print.
func TestKeyIsNeverTold(t *testing.T) {
	const key = "sk-very-secret"
	f := &fake{chat: refuses(500, "your key "+key+" made me stumble")}
	e := f.open(t, func(o *Options) { o.Key = key })
	o := answered(t.Context(), e, hello())
	for _, sent := range f.keys {
		if sent != "Bearer "+key {
			t.Errorf("a request had the key %q", sent)
		}
	}
	told := fmt.Sprintf("%v %+v %#v %v", o.err, e, e, e.About())
	if o.err == nil || strings.Contains(told, key) {
		t.Errorf("the key is told: %s", told)
	}
}

// What a server may be instead of the one that was meant.
func TestWrongServers(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		words   []string
	}{
		"a web page": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>welcome</html>") }, []string{"another program"}},
		"no API":     {http.NotFound, []string{"no such address"}},
		"a key": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"error": "Unauthorized"}`, http.StatusUnauthorized)
		}, []string{"key", KeyVariable, "Unauthorized"}},
		"no models": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"data": []}`) }, []string{"no model"}},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://example.org/", http.StatusTemporaryRedirect)
		}, []string{"redirect"}},
		"foreign host": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(421) }, []string{"--allow-host"}},
	} {
		server := httptest.NewServer(c.handler)
		_, err := Open(t.Context(), Options{URL: server.URL})
		server.Close()
		if err == nil {
			t.Errorf("%s was taken for a server", name)
			continue
		}
		mentions(t, err.Error(), c.words...)
	}
	if _, err := Open(t.Context(), Options{URL: "http://127.0.0.1:1"}); err == nil {
		t.Error("nobody was taken for a server")
	} else {
		mentions(t, err.Error(), "is it running")
	}
}

// One of several models is chosen by name.
func TestModels(t *testing.T) {
	f := &fake{models: `{"data": [{"id": "a", "max_model_len": 10}, {"id": "b", "max_model_len": 20}]}`}
	if e := f.open(t); e.About().Model.Name != "a" {
		t.Errorf("without a name: %+v", e.About().Model)
	}
	if e := f.open(t, func(o *Options) { o.Model = "b" }); e.About().Model.Context != 20 {
		t.Errorf("by name: %+v", e.About().Model)
	}
	_, err := Open(t.Context(), Options{URL: f.at, Model: "c"})
	if err == nil {
		t.Fatal("a model that is not there was found")
	}
	mentions(t, err.Error(), `"c"`, "a, b")
}

// The server's word for its version is passed on; nothing is concluded from it.
func TestVersion(t *testing.T) {
	for _, version := range []string{"0.14.0", "0.11.0+cu129", "dev"} {
		if e := (&fake{version: version}).open(t); e.Version() != version || len(e.Notices()) != 0 {
			t.Errorf("%s (%s): %q", version, e.Version(), e.Notices())
		}
	}
}

// An address may be that of the API itself, whatever its last part is.
func TestBareAPI(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/gateway/models":
			io.WriteString(w, `{"data": [{"id": "a"}]}`)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	e, err := Open(t.Context(), Options{URL: server.URL + "/gateway"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if e.About().Model.Name != "a" || !strings.HasSuffix(e.at.of("v1/chat/completions"), "/gateway/chat/completions") {
		t.Errorf("%+v at %s", e.About().Model, e.at.of("v1/chat/completions"))
	}
}

// A server with another vocabulary is told of; the miniature's is known.
func TestVocabularies(t *testing.T) {
	foreign := (&fake{tokenize: func(map[string]any) []int32 { return []int32{5, 6} }}).open(t)
	if foreign.Checked() || len(foreign.Notices()) != 1 {
		t.Errorf("checked %v, %q", foreign.Checked(), foreign.Notices())
	}
	tok, err := miniature()
	if err != nil {
		t.Fatal(err)
	}
	small := (&fake{models: `{"data": [{"id": "Breeze", "owned_by": "sirocco"}]}`, tokenize: func(body map[string]any) []int32 { return tok.Encode(body["prompt"].(string)) }}).open(t)
	if !small.Checked() || small.Tokenizer() != tok || !small.About().Model.Miniature || small.SystemPrompt() == "" {
		t.Errorf("the miniature's server: %+v, checked %v", small.About(), small.Checked())
	}
}

// What a server's setup lacks becomes the sentence its admin needs; mistakes in
// the question name the field.
func TestRefusals(t *testing.T) {
	for said, words := range map[string][]string{
		`"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set`: {"admin", "--enable-auto-tool-choice --tool-call-parser mistral"},
		"At most 1 image(s) may be provided in one prompt.":                                      {"--limit-mm-per-prompt"},
		"mistral-small is not a multimodal model":                                                {"cannot see"},
		"As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat template if the tokenizer does not define one.":   {"--tokenizer-mode mistral"},
		"Requested sample logprobs of 20, which is greater than max allowed: 5":                                                                             {"--max-logprobs"},
		"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens in the messages, Please reduce the length of the messages.": {"--max-model-len", "4096"},
		"temperature must be non-negative": {"refuses", "temperature"},
	} {
		f := &fake{chat: refuses(400, said)}
		o := answered(t.Context(), f.open(t), hello(withTool, func(r *chat.Request) { no := false; r.Tools[0].Strict = &no }))
		if o.err == nil || len(f.bodies) > 2 {
			t.Errorf("%s: %v, %d requests", said, o.err, len(f.bodies))
			continue
		}
		mentions(t, o.err.Error(), append(words, said[:20])...)
	}
	// Every shape an error may have.
	for _, body := range []string{`{"error": {"message": "the reason"}}`, `{"object": "error", "message": "the reason"}`, `{"error": "the reason"}`, `{"detail": "the reason"}`, `{"detail": [{"msg": "the reason"}]}`, "the reason"} {
		if got := messageOf([]byte(body)); !strings.Contains(got, "the reason") {
			t.Errorf("%s: %q", body, got)
		}
	}
}

// HTTPS is checked against the certificates named, and against the system's.
func TestTLS(t *testing.T) {
	f := &fake{models: oneModel, chat: streams(says("Hi."), ends("stop"))}
	server := httptest.NewTLSServer(f)
	defer server.Close()
	server.Config.ErrorLog = nil
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	e, err := Open(t.Context(), Options{URL: server.URL, RootCAs: pool, Key: "k", RetryTime: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	must(t, answered(t.Context(), e, hello()))
	if _, err := Open(t.Context(), Options{URL: server.URL}); err == nil {
		t.Error("a certificate nobody vouches for was taken")
	} else {
		mentions(t, err.Error(), "--remote-ca")
	}
}
