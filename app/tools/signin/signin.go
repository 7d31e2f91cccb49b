// Package signin gets the tokens of MCP servers that ask a person to sign in (OAuth
// 2.1): it finds the authorization server, registers this program there, opens a
// browser and waits on the loopback for its answer, with PKCE. Tokens are kept in the
// system's keyring and renewed. Open this file first; loopback.go waits for the browser.
package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"golang.org/x/oauth2"

	"sirocco/app/keyring"
	"sirocco/app/origin"
)

// Browser shows a person an address to sign in at.
type Browser func(address string) error

// ErrNeeded says that a server asks a person to sign in.
var ErrNeeded = errors.New("it asks you to sign in")

// patience is how long a person may take to sign in.
const patience = 5 * time.Minute

// Handler authorises the requests to one server. It never signs in by itself: a
// request that needs it fails with ErrNeeded, and SignIn is to be called then.
type Handler struct {
	server string
	client *http.Client

	mu       sync.Mutex
	tokens   oauth2.TokenSource
	asked    *challenge // what the server wants; nil: nothing
	restored bool       // the keyring was asked
}

// challenge is a request that was refused, and how.
type challenge struct {
	request *http.Request
	status  int
	header  http.Header
}

// New is the handler of a server. The keyring is asked when the server wants a token,
// not before: most want none.
func New(server string) *Handler {
	return &Handler{server: server, client: origin.New(origin.Options{Redirects: origin.Within})}
}

// TokenSource is what the transport takes its tokens from; nil: none.
func (h *Handler) TokenSource(context.Context) (oauth2.TokenSource, error) {
	h.mu.Lock()
	tokens := h.tokens
	h.mu.Unlock()
	if tokens == nil {
		return nil, nil
	}
	if _, err := tokens.Token(); err != nil { // it cannot be renewed: as good as none
		h.Forget()
		return nil, nil
	}
	return tokens, nil
}

// Authorize notes what a server asks for. The first time the request is made again
// with the token that was kept, if there is one.
func (h *Handler) Authorize(_ context.Context, request *http.Request, response *http.Response) error {
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
	response.Body.Close()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = &challenge{request, response.StatusCode, response.Header.Clone()}
	if !h.restored && h.tokens == nil {
		h.restored = true
		if h.restore(); h.tokens != nil {
			return nil
		}
	}
	return ErrNeeded
}

// Satisfied says that the server let us in.
func (h *Handler) Satisfied() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = nil
}

// Needed says that a request was refused since the last SignIn, for a reason that
// signing in may mend.
func (h *Handler) Needed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked != nil && (h.asked.status == http.StatusUnauthorized || strings.Contains(strings.Join(h.asked.header.Values("WWW-Authenticate"), " "), "insufficient_scope"))
}

// SignIn lets a person sign in at what the server named.
func (h *Handler) SignIn(ctx context.Context, browser Browser) error {
	h.mu.Lock()
	asked := h.asked
	h.asked = nil
	h.mu.Unlock()
	if asked == nil {
		return errors.New("the server has not asked for it")
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	back, err := listen()
	if err != nil {
		return err
	}
	defer back.close()
	flow, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		Client: h.client, RedirectURL: back.address, RequestRefreshToken: true, AcceptUnadvertisedIss: true,
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{Metadata: &oauthex.ClientRegistrationMetadata{
			ClientName: "Sirocco", RedirectURIs: []string{back.address}, GrantTypes: []string{"authorization_code", "refresh_token"},
			ResponseTypes: []string{"code"}, TokenEndpointAuthMethod: "none",
		}},
		AuthorizationCodeFetcher: func(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
			if u, err := url.Parse(args.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" {
				return nil, errors.New("the address to sign in at is not one of http or https")
			}
			if err := browser(args.URL); err != nil {
				return nil, fmt.Errorf("opening a browser: %w", err)
			}
			return back.wait(ctx)
		},
		NewTokenSource: func(ctx context.Context, c *oauth2.Config, t *oauth2.Token) (oauth2.TokenSource, error) {
			h.keep(c, t)
			return h.source(ctx, c, t), nil
		},
	})
	if err != nil {
		return err
	}
	response := &http.Response{StatusCode: asked.status, Header: asked.header, Body: http.NoBody}
	if err := flow.Authorize(ctx, asked.request, response); err != nil {
		if ctx.Err() == context.DeadlineExceeded {
			err = fmt.Errorf("nobody signed in within %v", patience)
		}
		return fmt.Errorf("signing in at the server: %w", err)
	}
	tokens, err := flow.TokenSource(ctx)
	h.mu.Lock()
	h.tokens = tokens
	h.mu.Unlock()
	return err
}

// service is our name in the system's keyring.
const service = "sirocco mcp tokens"

// kept is what the keyring holds of a server.
type kept struct {
	ClientID, ClientSecret, TokenURL string
	Style                            oauth2.AuthStyle
	Scopes                           []string
	Token                            *oauth2.Token
}

// account names the server in the keyring, without what may be a key.
func (h *Handler) account() string {
	u, err := url.Parse(h.server)
	if err != nil {
		return h.server
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// keep puts a token into the keyring. Without one a person signs in again next time.
func (h *Handler) keep(c *oauth2.Config, t *oauth2.Token) {
	data, err := json.Marshal(kept{c.ClientID, c.ClientSecret, c.Endpoint.TokenURL, c.Endpoint.AuthStyle, c.Scopes, t})
	if err == nil {
		_ = keyring.Set(service, h.account(), string(data))
	}
}

// restore takes the token that was kept. The lock is held.
func (h *Handler) restore() {
	text, ok := keyring.Get(service, h.account())
	var k kept
	if !ok || json.Unmarshal([]byte(text), &k) != nil || k.Token == nil {
		return
	}
	c := &oauth2.Config{ClientID: k.ClientID, ClientSecret: k.ClientSecret, Scopes: k.Scopes,
		Endpoint: oauth2.Endpoint{TokenURL: k.TokenURL, AuthStyle: k.Style}}
	h.tokens = h.source(context.WithValue(context.Background(), oauth2.HTTPClient, h.client), c, k.Token)
}

// Forget takes the token out of the keyring.
func (h *Handler) Forget() {
	h.mu.Lock()
	h.tokens = nil
	h.mu.Unlock()
	_ = keyring.Delete(service, h.account())
}

// source renews a token and keeps what it became.
func (h *Handler) source(ctx context.Context, c *oauth2.Config, t *oauth2.Token) oauth2.TokenSource {
	return &renewing{h: h, config: c, source: c.TokenSource(ctx, t), last: t.AccessToken}
}

// renewing is a source that keeps each new token.
type renewing struct {
	h      *Handler
	config *oauth2.Config
	source oauth2.TokenSource

	mu   sync.Mutex
	last string
}

// Token is one that holds now.
func (r *renewing) Token() (*oauth2.Token, error) {
	t, err := r.source.Token()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if t.AccessToken != r.last {
		r.last = t.AccessToken
		r.h.keep(r.config, t)
	}
	return t, nil
}
