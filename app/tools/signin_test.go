package tools

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"github.com/zalando/go-keyring"
)

// guarded is an MCP server of the official SDK behind OAuth, with its authorization
// server beside it.
type guarded struct {
	web        *httptest.Server
	registered atomic.Int64
	renewed    atomic.Int64
	valid      atomic.Pointer[string] // the access token that counts
	refuse     atomic.Bool            // the person says no
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{}
	mux := http.NewServeMux()
	g.web = httptest.NewServer(mux)
	t.Cleanup(g.web.Close)
	reply := func(w http.ResponseWriter, status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/oauth-authorization-server", func(w http.ResponseWriter, r *http.Request) {
		reply(w, 200, map[string]any{"issuer": g.web.URL, "authorization_endpoint": g.web.URL + "/authorize", "token_endpoint": g.web.URL + "/token",
			"registration_endpoint": g.web.URL + "/register", "response_types_supported": []string{"code"}, "code_challenge_methods_supported": []string{"S256"}})
	})
	mux.HandleFunc("POST /register", func(w http.ResponseWriter, r *http.Request) {
		g.registered.Add(1)
		var asked map[string]any
		_ = json.NewDecoder(r.Body).Decode(&asked)
		asked["client_id"] = "client-1"
		reply(w, 201, asked)
	})
	challenge := ""
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		challenge = q.Get("code_challenge")
		back, _ := url.Parse(q.Get("redirect_uri"))
		answer := url.Values{"state": {q.Get("state")}, "code": {"code-1"}}
		if g.refuse.Load() {
			answer = url.Values{"state": {q.Get("state")}, "error": {"access_denied"}, "error_description": {"<b>not today</b>"}}
		}
		back.RawQuery = answer.Encode()
		http.Redirect(w, r, back.String(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
		switch {
		case r.Form.Get("grant_type") == "refresh_token" && r.Form.Get("refresh_token") == "refresh-1":
			g.renewed.Add(1)
		case r.Form.Get("code") == "code-1" && base64.RawURLEncoding.EncodeToString(sum[:]) == challenge && challenge != "":
		default:
			reply(w, 400, map[string]any{"error": "invalid_grant"})
			return
		}
		token := fmt.Sprintf("token-%d", g.renewed.Load())
		g.valid.Store(&token)
		reply(w, 200, map[string]any{"access_token": token, "token_type": "Bearer", "refresh_token": "refresh-1", "expires_in": 3600})
	})
	resource := g.web.URL + "/mcp"
	mux.Handle("GET /.well-known/oauth-protected-resource", auth.ProtectedResourceMetadataHandler(&oauthex.ProtectedResourceMetadata{
		Resource: resource, AuthorizationServers: []string{g.web.URL}}))
	example := exampleServer()
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return example }, nil)
	verify := func(_ context.Context, token string, _ *http.Request) (*auth.TokenInfo, error) {
		if valid := g.valid.Load(); valid == nil || token != *valid {
			return nil, auth.ErrInvalidToken
		}
		return &auth.TokenInfo{Expiration: time.Now().Add(time.Hour)}, nil
	}
	mux.Handle("/mcp", auth.RequireBearerToken(verify, &auth.RequireBearerTokenOptions{ResourceMetadataURL: g.web.URL + "/.well-known/oauth-protected-resource"})(handler))
	return g
}

// A server that asks a person to sign in: the browser is shown where, the token is
// kept and used again, and without a browser what to do is said.
func TestSignIn(t *testing.T) {
	keyring.MockInit()
	g := newGuarded(t)
	spec := ServerSpec{URL: g.web.URL + "/mcp"}
	_, err := Connect(context.Background(), spec)
	if err == nil || !strings.Contains(err.Error(), mustSignIn) {
		t.Fatalf("without a browser: %v", err)
	}
	opened := 0
	browser := func(address string) error {
		opened++
		response, err := http.Get(address)
		if err == nil {
			response.Body.Close()
		}
		return err
	}
	g.refuse.Store(true)
	if _, err = (&Host{Browser: browser}).Connect(context.Background(), spec); err == nil || !strings.Contains(err.Error(), "access_denied") {
		t.Errorf("refused: %v", err)
	}
	g.refuse.Store(false)
	for range 2 { // the second time with the token that was kept
		server, err := (&Host{Browser: browser}).Connect(context.Background(), spec)
		if err != nil {
			t.Fatal(err)
		}
		if len(server.Tools()) == 0 {
			t.Error("it has no tools")
		}
		server.Close()
	}
	if server, err := Connect(context.Background(), spec); err != nil {
		t.Errorf("the kept token: %v", err)
	} else {
		server.Close()
	}
	if opened != 2 || g.registered.Load() != 2 {
		t.Errorf("the browser was opened %d times, %d clients were registered", opened, g.registered.Load())
	}
	const service = "sirocco mcp tokens"
	text, err := keyring.Get(service, spec.URL)
	if err != nil {
		t.Fatal(err)
	}
	old := regexp.MustCompile(`"expiry":"[^"]*"`).ReplaceAllString(text, `"expiry":"2020-01-01T00:00:00Z"`)
	if err := keyring.Set(service, spec.URL, old); err != nil || old == text {
		t.Fatal(err, text)
	}
	if server, err := Connect(context.Background(), spec); err != nil {
		t.Errorf("an old token: %v", err)
	} else {
		server.Close()
	}
	if text, _ = keyring.Get(service, spec.URL); g.renewed.Load() != 1 || !strings.Contains(text, "token-1") {
		t.Errorf("renewed %d times; the keyring holds %s", g.renewed.Load(), text)
	}
	gone := "another"
	g.valid.Store(&gone) // the token is taken back
	if _, err = Connect(context.Background(), spec); err == nil || !strings.Contains(err.Error(), mustSignIn) {
		t.Errorf("a token that does not count any more: %v", err)
	}
	broken := func(string) error { return errors.New("no display") }
	if _, err = (&Host{Browser: broken}).Connect(context.Background(), spec); err == nil || !strings.Contains(err.Error(), "no display") {
		t.Errorf("no browser: %v", err)
	}
	spec.Headers = map[string]string{"authorization": "Bearer wrong-key-1"}
	if _, err = (&Host{Browser: browser}).Connect(context.Background(), spec); err == nil || opened != 2 || !strings.Contains(err.Error(), "does not take ours") {
		t.Errorf("with a key of its own: %v", err)
	}
}

// A server that refuses is quoted, within a size, and without the key.
func TestRefusalsAreQuoted(t *testing.T) {
	keyring.MockInit()
	status, body := 0, ""
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Error(w, body, status) }))
	defer web.Close()
	for _, c := range []struct {
		status      int
		body, wants string
	}{
		{400, "missing tenant", "; it says: missing tenant"},
		{403, "plan too small", "; it says: plan too small"},
		{401, "bad key k-12345678", "(its header X-Key)"},
		{500, strings.Repeat("long ", 500), "…"},
		{502, "<html>gateway</html>", "(Bad Gateway)"},
	} {
		status, body = c.status, c.body
		_, err := Connect(context.Background(), ServerSpec{URL: web.URL, Type: "http", Headers: map[string]string{"X-Key": "k-12345678"}})
		if err == nil || !strings.Contains(err.Error(), c.wants) || len(err.Error()) > 900 || strings.Contains(err.Error(), "12345678") || strings.Contains(err.Error(), "<html>") {
			t.Errorf("%d: %v", c.status, err)
		}
	}
}
