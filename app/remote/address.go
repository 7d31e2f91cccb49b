package remote

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// address is where a server stands: root answers /version and /tokenize, and
// root/v1 what OpenAI defined; root itself, where bare.
type address struct {
	root *url.URL
	bare bool
}

// versionName is the last part of an address that names an API's version in its own
// way: /api/paas/v4, /v1beta/openai.
var versionName = regexp.MustCompile(`/(v[0-9]+[a-z]*[0-9]*|openai)$`)

// pages are what people copy behind an address: ways of the API, and pages of servers.
var pages = []string{"/chat/completions", "/completions", "/responses", "/messages", "/embeddings", "/models", "/chat", "/docs", "/health", "/metrics", "/openapi.json"}

// parseAddress reads what a person types or pastes: host:8000, http://host:8000/v1/.
func parseAddress(text string) (address, error) {
	text = strings.Trim(text, " \t\r\n\"'`<>,;")
	if !strings.Contains(text, "://") {
		text = "http://" + strings.TrimLeft(text, "/")
	}
	u, err := url.Parse(text)
	switch {
	case err != nil: // the error would repeat a key typed into the address
		return address{}, errors.New("the server's address cannot be read; http://localhost:8000, say")
	case u.Scheme != "http" && u.Scheme != "https":
		return address{}, fmt.Errorf("the server's address begins with %s://; http or https was expected", u.Scheme)
	case u.User != nil:
		return address{}, errors.New("the server's address holds a name or a key; put the key into SIROCCO_REMOTE_KEY or the keyring instead, where nobody reads it")
	case u.Hostname() == "":
		return address{}, errors.New("the server's address names no host; http://localhost:8000, say")
	case u.RawQuery != "":
		return address{}, errors.New("the server's address holds a ?; leave off what follows it")
	}
	u.Fragment, u.RawFragment, u.ForceQuery = "", "", false // never sent
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && ip.IsUnspecified() {
		u.Host = strings.Replace(u.Host, u.Hostname(), map[bool]string{true: "127.0.0.1", false: "::1"}[ip.Is4()], 1) // what a server listens on is this machine
	}
	for before := "-"; before != u.Path; {
		before, u.Path = u.Path, strings.TrimRight(u.Path, "/")
		for _, page := range pages {
			u.Path = strings.TrimSuffix(u.Path, page)
		}
	}
	u.RawPath = ""
	if path, plain := strings.CutSuffix(u.Path, "/v1"); plain {
		u.Path = path
		return address{root: u}, nil
	}
	return address{u, versionName.MatchString(u.Path)}, nil
}

// of is the address of a path: v1/… is where the server has what OpenAI defined.
func (a address) of(path string) string {
	if a.bare {
		path = strings.TrimPrefix(path, "v1/")
	}
	return a.root.JoinPath(path).String()
}

// others are where the API may be when it is not here.
func (a address) others() (list []address) {
	if a.root.Path == "" {
		return nil
	}
	top := *a.root
	top.Path = ""
	return []address{{a.root, !a.bare}, {root: &top}}
}

// host names the server to a person.
func (a address) host() string { return a.root.Host }

// exposed says that what is sent can be read on its way.
func (a address) exposed() bool {
	if a.root.Scheme == "https" || a.root.Hostname() == "localhost" {
		return false
	}
	ip, err := netip.ParseAddr(a.root.Hostname())
	return err != nil || !ip.IsLoopback()
}
