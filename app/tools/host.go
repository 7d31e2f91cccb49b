package tools

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sirocco/app/origin"
	"sirocco/app/tools/signin"
)

// Host is what a server may know of us, and who watches it. The zero Host watches
// nothing.
type Host struct {
	// Observe is asked once for each server, by its name for people.
	Observe func(server string) Observer
	// Browser shows a person where to sign in; nil means that nobody can be asked.
	Browser signin.Browser
	// Ask puts a server's questions to a person; nil means that nobody can be asked,
	// which the server is told.
	Ask Asker
}

// Connect starts a server, or connects to it, and reads its list of tools.
func (h *Host) Connect(ctx context.Context, spec ServerSpec) (*Server, error) {
	s := &Server{spec: spec, mask: spec.mask(), host: h}
	s.Switch(spec)
	if h.Observe != nil {
		s.observe = h.Observe(s.Name())
	}
	if spec.signs() {
		s.signin = signin.New(spec.URL)
	}
	err := s.begin(ctx)
	if err != nil && s.signin != nil && s.signin.Needed() && h.Browser != nil {
		if err = s.signin.SignIn(ctx, h.Browser); err == nil {
			err = s.begin(ctx)
		} else {
			err = fmt.Errorf("connecting to the MCP server %s: %w", s.Name(), origin.Plain(err))
		}
	}
	if err != nil {
		return nil, s.mask.ofError(err)
	}
	return s, nil
}

// begin connects within the time that a start may take.
func (s *Server) begin(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, s.startTime())
	defer stop()
	_, err := s.connected(ctx)
	return err
}

// overHTTP speaks with a server at an address, as streamable HTTP.
func (s *Server) overHTTP(w *wire) mcp.Transport {
	t := &mcp.StreamableClientTransport{Endpoint: s.spec.URL, HTTPClient: s.client(w), MaxEventSize: maxMessage}
	if s.signin != nil {
		t.OAuthHandler = s.signin
	}
	return t
}

// client notes what the server says when it refuses.
func (s *Server) client(w *wire) *http.Client {
	return s.spec.client(w, s.observe, func(words string) { s.refused.Store(&words) })
}

// mustSignIn is what to do where a server asks for that.
const mustSignIn = "it asks you to sign in: reconnect to it on the window's Tools page, or run sirocco mcp with its address on a terminal once; " +
	"a key in its entry's headers (--mcp-header) does as well"

// refusal is an error as a sentence, with what a server that refuses says.
func (s *Server) refusal(err error) error {
	switch {
	case s.signin != nil && s.signin.Needed():
		return &fault{mustSignIn + s.said(), err}
	case errors.Is(err, signin.ErrNeeded):
		return &fault{refusalOf("Forbidden") + s.said(), err}
	case ofServer(err) != "":
		return &fault{ofServer(err) + s.said(), err}
	}
	return plainly(err)
}

// said is what the server said to refuse, within a size.
func (s *Server) said() string {
	words := s.refused.Load()
	if words == nil || *words == "" {
		return ""
	}
	short, _ := valid(*words)
	if len(short) > maxSaid {
		short = short[:runeStart(short, maxSaid)] + "…"
	}
	return "; it says: " + short
}

// maxSaid bounds what a server's refusal is quoted with.
const maxSaid = 300

// Connect is that of a Host that nobody watches.
func Connect(ctx context.Context, spec ServerSpec) (*Server, error) {
	return (&Host{}).Connect(ctx, spec)
}
