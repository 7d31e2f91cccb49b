package pull

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"

	"sirocco/app/origin"
)

// client is an HTTP client that follows redirects itself: what a hub says about
// a file is in the headers of its redirect, and its token is for it alone.
type client struct {
	http  *http.Client
	token string
	stall time.Duration
}

func newClient(token string, stall time.Duration) *client {
	proxy := httpproxy.FromEnvironment().ProxyFunc()
	made := origin.New(origin.Options{Redirects: origin.Shown, Shape: func(t *http.Transport) {
		t.Proxy = func(r *http.Request) (*url.URL, error) { return proxy(r.URL) }
		t.DialContext = (&net.Dialer{Timeout: stall}).DialContext
		t.TLSHandshakeTimeout = stall
		t.ResponseHeaderTimeout = stall
		t.DisableCompression = true // bytes as they are: ranges count them
		t.MaxIdleConnsPerHost = 16
		// HTTP/1.1: parts get connections of their own, where HTTP/2 would send them all over one
		t.ForceAttemptHTTP2 = false
		t.Protocols = new(http.Protocols)
		t.Protocols.SetHTTP1(true)
	}})
	return &client{http: made, token: token, stall: stall}
}

const maxRedirects = 10

// head follows an address to where the bytes are and gathers what is said on
// the way.
func (c *client) head(ctx context.Context, address string) (facts, error) {
	f := facts{url: address, size: -1}
	for range maxRedirects {
		answer, err := c.do(ctx, http.MethodHead, f.url, address, "")
		if err != nil {
			return f, err
		}
		answer.Body.Close()
		f.learn(answer, sameOrigin(f.url, address))
		next, err := redirect(answer)
		if err != nil {
			return f, err
		}
		if next == "" {
			return f, headRefusal(answer, sameOrigin(f.url, address))
		}
		f.url = next
		if f.size >= 0 && f.digest.hex != "" {
			return f, nil // storage is not asked what the hub has said
		}
	}
	return f, &fault{text: fmt.Sprintf("%s redirects more than %d times", address, maxRedirects), final: true}
}

// headRefusal is refusal, but for storage that was only asked because the hub did
// not say everything: its addresses are signed for GET, so it may well say nothing.
func headRefusal(answer *http.Response, own bool) error {
	if !own && (answer.StatusCode == http.StatusForbidden || answer.StatusCode == http.StatusMethodNotAllowed) {
		return nil
	}
	return refusal(answer, own)
}

// get opens a range of the file: "bytes=0-99", or all of it for "".
func (c *client) get(ctx context.Context, f facts, from, span string) (*http.Response, error) {
	at := f.url
	for range maxRedirects {
		answer, err := c.do(ctx, http.MethodGet, at, from, span)
		if err != nil {
			return nil, err
		}
		next, err := redirect(answer)
		if err == nil && next == "" {
			if err := refusal(answer, sameOrigin(at, from)); err != nil {
				answer.Body.Close()
				return nil, err
			}
			return answer, nil
		}
		answer.Body.Close()
		if err != nil {
			return nil, err
		}
		at = next
	}
	return nil, &fault{text: fmt.Sprintf("%s redirects more than %d times", f.url, maxRedirects), final: true}
}

// do sends one request. The token goes to the host it is meant for and no other.
func (c *client) do(ctx context.Context, method, address, from, span string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, &fault{text: fmt.Sprintf("%q is no address: %v", address, err), final: true}
	}
	request.Header.Set("User-Agent", "sirocco")
	request.Header.Set("Accept-Encoding", "identity")
	if span != "" {
		request.Header.Set("Range", span)
	}
	if c.token != "" && sameOrigin(address, from) {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		// Go's text repeats the whole address, signatures and all.
		return nil, fmt.Errorf("reaching %s: %w", request.URL.Host, origin.Plain(err))
	}
	return answer, nil
}

func sameOrigin(a, b string) bool { return origin.SameText(a, b) }

// redirect is where an answer sends us, "" where it does not. A way out of
// HTTPS is not taken.
func redirect(answer *http.Response) (string, error) {
	switch answer.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return "", nil
	}
	next, err := answer.Location()
	switch {
	case err != nil:
		return "", &fault{text: fmt.Sprintf("%s redirects to nowhere", answer.Request.URL.Host), final: true}
	case next.Scheme != "https" && (next.Scheme != "http" || answer.Request.URL.Scheme == "https"):
		return "", &fault{text: fmt.Sprintf("%s redirects to %s://%s, which is not safe", answer.Request.URL.Host, next.Scheme, next.Host), final: true}
	}
	return next.String(), nil
}

// fault is an answer that is not what was asked for.
type fault struct {
	text   string
	status int
	after  time.Duration
	final  bool // trying again will not help
}

func (f *fault) Error() string { return f.text }

func permanent(err error) bool {
	var f *fault
	return errors.As(err, &f) && f.final
}

func absent(err error) bool {
	var f *fault
	return errors.As(err, &f) && (f.status == http.StatusNotFound || f.status == http.StatusGone)
}

func retryAfter(err error) time.Duration {
	var f *fault
	if errors.As(err, &f) {
		return f.after
	}
	return 0
}

// refusal makes a sentence of a status that brings no file. Who answers for
// the file itself, not for a signed address that can expire, is believed.
func refusal(answer *http.Response, own bool) error {
	host, code := answer.Request.URL.Host, answer.StatusCode
	switch {
	case code == http.StatusOK || code == http.StatusPartialContent:
		return nil
	case own && (code == http.StatusUnauthorized || code == http.StatusForbidden):
		return &fault{status: code, final: true, text: fmt.Sprintf("%s refuses (%s); %s", host, answer.Status, advice(answer))}
	case own && (code == http.StatusNotFound || code == http.StatusGone):
		return &fault{status: code, final: true, text: fmt.Sprintf("%s does not have it (%s); it may have been renamed", host, answer.Status)}
	}
	return &fault{status: code, after: asksToWait(answer.Header), text: fmt.Sprintf("%s answers %s", host, answer.Status)}
}

// advice is what to do about a 401 or 403 of the hub, which also answers so for what
// it will not say does not exist.
func advice(answer *http.Response) string {
	switch answer.Header.Get("X-Error-Code") {
	case "RepoNotFound":
		return "it has no such repository, or one that is private: then put your access token into HF_TOKEN"
	case "RevisionNotFound":
		return "it has no such revision of the repository"
	}
	return "if its page asks you to accept terms, do so and put your access token into HF_TOKEN"
}

var untilReset = regexp.MustCompile(`;\s*t\s*=\s*(\d{1,6})`)

// asksToWait is how long a server wants not to be asked: by Retry-After, in seconds or
// as a date, else by what its RateLimit says of the next window.
func asksToWait(header http.Header) time.Duration {
	after := strings.TrimSpace(header.Get("Retry-After"))
	if date, err := http.ParseTime(after); err == nil {
		return max(time.Until(date), 0)
	}
	if reset := untilReset.FindStringSubmatch(header.Get("RateLimit")); after == "" && reset != nil {
		after = reset[1]
	}
	seconds, err := strconv.Atoi(after)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// patient reads a body and gives up when nothing comes for too long.
type patient struct {
	io.Reader
	timer *time.Timer
	limit time.Duration
}

func (p *patient) Read(into []byte) (int, error) {
	p.timer.Reset(p.limit)
	return p.Reader.Read(into)
}
