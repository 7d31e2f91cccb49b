package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"sirocco/app/origin"
)

// Limits on pictures that are fetched for one request.
const (
	fetchTime  = 30 * time.Second // all of them together
	fetchSize  = 20 << 20         // each
	fetchTotal = 64 << 20         // all of them together
)

// errNoFetch is the answer to a web address when nothing may be fetched.
var errNoFetch = errors.New("pictures are fetched from the web only when the server runs with --allow-remote-images; send the picture itself as a data URL (data:image/png;base64,…)")

// fetcher gets pictures from public web addresses. Its errors name no address:
// what a client is told must not reveal who answers behind a name.
type fetcher struct{ client *http.Client }

// newFetcher asks allow about every address that is about to be connected to:
// after every DNS answer and every redirect. names resolves them; nil is the
// system's way.
func newFetcher(allow func(netip.AddrPort) error, names *net.Resolver) *fetcher {
	dialer := &net.Dialer{
		Timeout:  5 * time.Second,
		Resolver: names,
		Control: func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return errPrivate
			}
			return allow(to)
		},
	}
	return &fetcher{origin.New(origin.Options{Redirects: origin.Anywhere, Shape: func(t *http.Transport) {
		t.Proxy = nil // it would connect in our place
		t.DialContext = dialer.DialContext
		t.DisableKeepAlives = true
		t.TLSHandshakeTimeout = 5 * time.Second
		t.ResponseHeaderTimeout = 10 * time.Second
		t.MaxResponseHeaderBytes = headerSize
	}})}
}

// fetchFor is how the pictures of one request are fetched: within one time and one
// size for all of them.
func (s *Server) fetchFor(ctx context.Context) func(string) ([]byte, error) {
	if !s.o.RemoteImages {
		return func(string) ([]byte, error) { return nil, errNoFetch }
	}
	until, total := time.Now().Add(fetchTime), 0
	return func(url string) ([]byte, error) {
		ctx, cancel := context.WithDeadline(ctx, until)
		defer cancel()
		data, err := s.fetcher.get(ctx, url)
		if total += len(data); err == nil && total > fetchTotal {
			err = fmt.Errorf("the pictures of this request are larger than %d MB together", fetchTotal>>20)
		}
		return data, err
	}
}

// get fetches one picture.
func (f *fetcher) get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil || request.URL.Host == "" || request.URL.User != nil {
		return nil, errors.New("it is no web address that can be fetched")
	}
	request.Header.Set("User-Agent", "sirocco")
	request.Header.Set("Accept", "image/*")
	response, err := f.client.Do(request)
	if err != nil {
		return nil, plainly(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the other server answered with status %d", response.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, fetchSize+1))
	if err != nil {
		return nil, plainly(err)
	}
	if len(data) > fetchSize {
		return nil, fmt.Errorf("the picture is larger than %d MB", fetchSize>>20)
	}
	return data, nil
}

// plainly says what went wrong without the addresses that Go's errors name.
func plainly(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, errPrivate):
		return errPrivate
	case errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("the other server took too long")
	}
	return errors.New("the other server could not be reached or led nowhere")
}
