package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
)

// guard decides which requests may come in: called by a name of ours (against DNS
// rebinding), from no web page that was not allowed, with a key.
type guard struct {
	hosts   map[string]bool
	origins map[string]bool
	keys    [][sha256.Size]byte
}

func newGuard(o Options) (*guard, error) {
	g := &guard{hosts: map[string]bool{"localhost": true}, origins: map[string]bool{}}
	for _, name := range append(ownNames(), o.AllowHosts...) {
		g.hosts[plainHost(name)] = true
	}
	for _, origin := range o.AllowOrigins {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" || strings.Contains(u.Host, "*") || u.Scheme+"://"+u.Host != origin {
			return nil, fmt.Errorf("the allowed origin %q is no web origin; write one like https://example.org, without a path", origin)
		}
		g.origins[strings.ToLower(origin)] = true
	}
	for _, key := range o.Keys {
		g.keys = append(g.keys, sha256.Sum256([]byte(key)))
	}
	return g, nil
}

// ownNames are the names this machine has for itself.
func ownNames() []string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return nil
	}
	short, _, _ := strings.Cut(name, ".")
	return []string{name, short, short + ".local"}
}

// admit reports whether a request may go on; if not, it has been answered.
func (g *guard) admit(s *Server, w http.ResponseWriter, r *http.Request) bool {
	if !g.calledRight(r.Host) {
		s.fail(w, r, &problem{Status: http.StatusMisdirectedRequest, Type: "invalid_request_error", Code: "host_not_allowed",
			Message: "this server does not go by the name in the Host header; start it with --allow-host NAME to allow it"})
		return false
	}
	origins := r.Header.Values("Origin")
	if len(origins) > 1 || len(origins) == 1 && !g.origins[strings.ToLower(origins[0])] {
		s.fail(w, r, &problem{Status: http.StatusForbidden, Type: "invalid_request_error", Code: "origin_not_allowed",
			Message: "web pages may not use this server; start it with --allow-origin to allow one"})
		return false
	}
	if site := r.Header.Get("Sec-Fetch-Site"); len(origins) == 0 && (site == "cross-site" || site == "same-site") {
		// A page that shows us as a picture or a script names no origin, but sees whether somebody answers.
		s.fail(w, r, &problem{Status: http.StatusForbidden, Type: "invalid_request_error", Code: "origin_not_allowed",
			Message: "web pages may not use this server; start it with --allow-origin to allow one"})
		return false
	}
	if len(origins) == 1 {
		w.Header().Set("Access-Control-Allow-Origin", origins[0]) // on the list, so not reflected
		w.Header().Set("Vary", "Origin")
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			preflight(w, r)
			return false
		}
	}
	if r.URL.Path != "/health" && !g.hasKey(r) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		s.fail(w, r, &problem{Status: http.StatusUnauthorized, Type: "invalid_request_error", Code: "invalid_api_key",
			Message: "the API key is missing or wrong; send it as Authorization: Bearer KEY"})
		return false
	}
	return true
}

// calledRight reports whether a Host header names this server: localhost, a
// literal address (which no DNS answer can fake), or a known name.
func (g *guard) calledRight(host string) bool {
	name := plainHost(host)
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return true
	}
	return g.hosts[name] && name != ""
}

// plainHost is a host without its port, in lower case.
func plainHost(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// hasKey compares in constant time. Anthropic's clients send x-api-key.
func (g *guard) hasKey(r *http.Request) bool {
	if len(g.keys) == 0 {
		return true
	}
	sum, right := sha256.Sum256([]byte(givenKey(r))), 0
	for i := range g.keys {
		right |= subtle.ConstantTimeCompare(sum[:], g.keys[i][:])
	}
	return right == 1
}

// givenKey is the key that a request brings.
func givenKey(r *http.Request) string {
	if scheme, key, found := strings.Cut(r.Header.Get("Authorization"), " "); found && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(key)
	}
	return r.Header.Get("X-Api-Key")
}

// client is who a request comes from, as far as the queue's turns go: the owner of
// a key, or, where keys are not asked for, a machine.
func (g *guard) client(r *http.Request) string {
	if len(g.keys) > 0 {
		return givenKey(r)
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}

// headersOfClients are what the official clients send beside x-stainless-….
var headersOfClients = []string{"authorization", "content-type", "accept", "x-api-key", "openai-organization", "openai-project", "anthropic-version", "anthropic-beta", "anthropic-dangerous-direct-browser-access"}

// preflight answers a browser that asks first, for a page on the list.
func preflight(w http.ResponseWriter, r *http.Request) {
	allowed := slices.Clone(headersOfClients)
	for _, name := range strings.Split(strings.ToLower(r.Header.Get("Access-Control-Request-Headers")), ",") {
		if name = strings.TrimSpace(name); strings.HasPrefix(name, "x-stainless-") {
			allowed = append(allowed, name)
		}
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	h.Set("Access-Control-Allow-Headers", strings.Join(allowed, ", "))
	h.Set("Access-Control-Max-Age", "600")
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
	w.WriteHeader(http.StatusNoContent)
}
