// Package origin is the one place where HTTP clients are made. A key is given to
// one origin, which is a scheme, a host and a port, and its client never takes it
// to another, whatever a server answers.
//
// Open this file first; redirect.go says where clients follow, plain.go turns the
// errors of a network into sentences, secret.go names the variables that hold keys.
package origin

import (
	"net/http"
	"net/url"
	"strings"
)

// Options say what a client may do.
type Options struct {
	// Redirects says which answers that point elsewhere are followed.
	Redirects Redirects
	// For is the address whose origin Fields are meant for. They are added to
	// every request to it, and to no other.
	For    string
	Fields map[string]string
	// Shape changes the transport before it is used: its roots, its patience.
	Shape func(*http.Transport)
	// Body wraps what a server answers, to bound it.
	Body func(*http.Response)
}

// maxHeader bounds the header of an answer, in bytes.
const maxHeader = 1 << 20

// New makes a client.
func New(o Options) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes = maxHeader
	if o.Shape != nil {
		o.Shape(transport)
	}
	g := &guard{Transport: transport, fields: o.Fields, body: o.Body}
	if u, err := url.Parse(o.For); err == nil {
		g.home = u
	}
	return &http.Client{Transport: g, CheckRedirect: o.Redirects.check}
}

// guard is the transport of every client. It alone puts keys on requests, so that
// none is put on one that has gone elsewhere.
type guard struct {
	*http.Transport
	home   *url.URL
	fields map[string]string
	body   func(*http.Response)
}

// RoundTrip sends one request.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if strayed(r) {
		r.Header = harmless(r.Header)
	} else if g.home != nil && Same(r.URL, g.home) {
		for name, value := range g.fields {
			r.Header.Set(name, value)
		}
	}
	response, err := g.Transport.RoundTrip(r)
	if err == nil && g.body != nil {
		g.body(response)
	}
	return response, err
}

// strayed says that a redirect on the way to r has left the origin asked first. It
// stays so where a later one leads back.
func strayed(r *http.Request) bool {
	for at := r; at.Response != nil && at.Response.Request != nil; at = at.Response.Request {
		if !Same(at.URL, at.Response.Request.URL) {
			return true
		}
	}
	return false
}

// harmless is what a request may say to anybody.
func harmless(header http.Header) http.Header {
	kept := http.Header{}
	for _, name := range []string{"User-Agent", "Accept", "Accept-Encoding", "Range"} {
		if values := header.Values(name); len(values) > 0 {
			kept[name] = values
		}
	}
	return kept
}

// Same says that two addresses have one origin.
func Same(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

// SameText is Same for addresses that are not read yet; what is none has no origin.
func SameText(a, b string) bool {
	one, err := url.Parse(a)
	two, err2 := url.Parse(b)
	return err == nil && err2 == nil && one.Host != "" && Same(one, two)
}

// port is the one an address names, or the usual one.
func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
}

// Transport is what carries the requests of a client that New made.
func Transport(c *http.Client) *http.Transport { return c.Transport.(*guard).Transport }
