package origin

import (
	"errors"
	"fmt"
	"net/http"
)

// Redirects says which answers that point elsewhere are followed.
type Redirects int

const (
	// Never follows none: they are an error.
	Never Redirects = iota
	// Within follows those that stay at the origin; others are an error.
	Within
	// Shown follows none: the caller is given the answer.
	Shown
	// Anywhere follows those to web addresses; only what may be said to anybody
	// goes along.
	Anywhere
)

// Limits on how often a client is sent on.
const (
	maxWithin   = 10
	maxAnywhere = 3
)

// ErrRedirect is a redirect that is not followed.
var ErrRedirect = errors.New("it sends us to another address")

// check decides about one redirect.
func (f Redirects) check(r *http.Request, before []*http.Request) error {
	switch f {
	case Shown:
		return http.ErrUseLastResponse
	case Within:
		if !Same(r.URL, before[0].URL) {
			return elsewhere(r)
		}
		if len(before) >= maxWithin {
			return fmt.Errorf("%w more than %d times", ErrRedirect, maxWithin)
		}
		return nil
	case Anywhere:
		if len(before) > maxAnywhere {
			return errors.New("it leads to too many redirects")
		}
		if r.URL.Scheme != "http" && r.URL.Scheme != "https" {
			return errors.New("it leads to something that is no web address")
		}
		return nil
	}
	return elsewhere(r)
}

// elsewhere names where an answer points, without what may be secret in the rest of
// the address.
func elsewhere(r *http.Request) error {
	return fmt.Errorf("%w, %s://%s, where neither the request nor its keys go; name that one if it is the right one", ErrRedirect, r.URL.Scheme, r.URL.Host)
}
