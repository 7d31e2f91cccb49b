package pull

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// facts are what a server says about a file without sending it. A hub answers
// for a large file with a redirect to its storage; what the hub itself says
// comes with that answer and counts more than what the storage says.
type facts struct {
	url    string // where the bytes are
	size   int64  // -1: not said
	digest digest // zero: not said
	commit string
}

// digest is a published hash: SHA-256, or for small files the one git gives
// them, SHA-1 over a short header and the content.
type digest struct {
	git bool
	hex string
}

func (d digest) String() string {
	if d.git {
		return "git hash " + d.hex
	}
	return "SHA-256 " + d.hex
}

// start is a hash to write the content of a file of the given size into.
func (d digest) start(size int64) hash.Hash {
	if !d.git {
		return sha256.New()
	}
	sum := sha1.New()
	fmt.Fprintf(sum, "blob %d\x00", size)
	return sum
}

func (d digest) matches(sum hash.Hash) bool { return hex.EncodeToString(sum.Sum(nil)) == d.hex }

// probe asks until the server answers or has failed too often.
func (r *run) probe(ctx context.Context, url string) (facts, error) {
	for failures := 0; ; failures++ {
		facts, err := r.client.head(ctx, url)
		if err == nil || permanent(err) || failures == r.Tries {
			return facts, err
		}
		if err := r.pause(ctx, failures, err); err != nil {
			return facts, err
		}
	}
}

// pause waits before the next try, for as long as the server asked for or
// longer after each failure, and says why.
func (r *run) pause(ctx context.Context, failures int, cause error) error {
	wait := min(r.Wait<<min(failures, 10), 30*time.Second)
	if asked := retryAfter(cause); asked > 0 {
		wait = min(asked, 5*time.Minute) // a hub counts requests in windows of so long
	}
	r.meter.note(fmt.Sprintf("%v; trying again in %s", cause, wait.Round(time.Millisecond)))
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

var (
	isSHA256 = regexp.MustCompile(`^[0-9a-f]{64}$`)
	isGit    = regexp.MustCompile(`^[0-9a-f]{40}$`)
)

// learn takes in what one answer on the way to the file says; own is one of the hub
// itself.
func (f *facts) learn(answer *http.Response, own bool) {
	header := answer.Header
	if n, err := strconv.ParseInt(header.Get("X-Linked-Size"), 10, 64); err == nil && f.size < 0 {
		f.size = n
	}
	if f.commit == "" {
		f.commit = header.Get("X-Repo-Commit")
	}
	tag := header.Get("X-Linked-Etag")
	if tag == "" && (header.Get("X-Repo-Commit") != "" || own && f.commit != "") {
		tag = header.Get("Etag") // a hub's own tag is a hash, anybody else's may be anything
	}
	tag = strings.ToLower(strings.Trim(strings.TrimPrefix(tag, "W/"), `"`))
	switch {
	case f.digest.hex != "":
	case isSHA256.MatchString(tag):
		f.digest = digest{hex: tag}
	case isGit.MatchString(tag):
		f.digest = digest{git: true, hex: tag}
	}
	if answer.StatusCode == http.StatusOK && f.size < 0 {
		f.size = answer.ContentLength
	}
}

// agreeSize is the size that server and caller agree on.
func agreeSize(f File, said facts) (int64, error) {
	switch {
	case f.Size > 0 && said.size >= 0 && f.Size != said.size:
		return 0, fmt.Errorf("the server says it has %d bytes, but %d are published; the file there is another one", said.size, f.Size)
	case f.Size > 0:
		return f.Size, nil
	case said.size < 0:
		return 0, fmt.Errorf("%s does not say how many bytes it has, and the catalogue does not know", f.URL)
	}
	return said.size, nil
}

// agreeDigest is the hash to verify against: the one published, which the
// server must not contradict, else the server's.
func agreeDigest(f File, said facts) (digest, error) {
	published := digest{hex: strings.ToLower(f.SHA256)}
	switch {
	case published.hex == "" && said.digest.hex == "":
		return digest{}, fmt.Errorf("neither %s nor the catalogue says what its SHA-256 is, so it could not be verified; nothing was fetched", f.URL)
	case published.hex == "":
		return said.digest, nil
	case !said.digest.git && said.digest.hex != "" && said.digest != published:
		return digest{}, fmt.Errorf("the server says its %s, but %s is published; the file there is another one", said.digest, published)
	}
	return published, nil
}
