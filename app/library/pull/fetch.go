package pull

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"sirocco/app/origin"
)

// fetchParts brings in every part that is missing.
func (t *target) fetchParts(ctx context.Context, file *os.File) error {
	missing := t.rec.missing()
	if len(missing) == 0 {
		return nil
	}
	t.meter.phase(Fetching, t.file.Name, 0)
	err := t.inParallel(ctx, file, missing)
	if errors.Is(err, errNoRanges) {
		t.meter.note(err.Error())
		return t.stream(ctx, file)
	}
	return err
}

func (t *target) inParallel(ctx context.Context, file *os.File, parts []int) error {
	// The first one alone: it tells whether the server does ranges at all.
	if err := t.part(ctx, file, parts[0]); err != nil {
		return err
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(t.Parallel)
	for _, n := range parts[1:] {
		if inner.Err() != nil {
			break
		}
		group.Go(func() error { return t.part(inner, file, n) })
	}
	return group.Wait()
}

// part fetches one part, over as many connections as it takes: what has come
// before one breaks is kept, and the next goes on behind it.
func (t *target) part(ctx context.Context, file *os.File, n int) error {
	begin, end := t.rec.span(n)
	at, sum := begin, sha256.New()
	for failures := 0; at < end; {
		got, err := t.span(ctx, file, sum, at, end)
		at += got
		switch {
		case err == nil:
		case ctx.Err() != nil:
			t.meter.add(begin - at) // a paused part begins anew
			return ctx.Err()
		case permanent(err) || errors.Is(err, errNoRanges) || errors.As(err, new(*diskError)):
			t.meter.add(begin - at)
			return err
		default:
			if got*8 >= t.rec.head.Part {
				failures = 0 // slow, but moving
			}
			if failures++; failures > t.Tries {
				return fmt.Errorf("%w; what is here is kept: pull again to go on", err)
			}
			if err := t.again(ctx, failures-1, err); err != nil {
				return err
			}
		}
	}
	return t.rec.note(n, hex.EncodeToString(sum.Sum(nil)))
}

// again waits, and asks the hub anew where the bytes are: addresses of storage
// are signed and expire.
func (t *target) again(ctx context.Context, failures int, cause error) error {
	if err := t.pause(ctx, failures, cause); err != nil {
		return err
	}
	if facts, err := t.client.head(ctx, t.file.URL); err == nil {
		t.where.Store(&facts.url)
	}
	return nil
}

var errNoRanges = errors.New("the server sends whole files only: they come in one stream, and one that breaks begins anew")

// diskError is a write that failed: asking the server again will not help.
type diskError struct{ error }

func (d *diskError) Error() string {
	return fmt.Sprintf("writing it to disk: %v; make room and pull again to go on", d.error)
}

func (d *diskError) Unwrap() error { return d.error }

// span asks for the bytes from at to end and writes what comes.
func (t *target) span(ctx context.Context, file io.WriterAt, sum hash.Hash, at, end int64) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	answer, err := t.client.get(ctx, t.place(), t.file.URL, fmt.Sprintf("bytes=%d-%d", at, end-1))
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK && !(at == 0 && end == t.size && answer.ContentLength == t.size) {
		return 0, errNoRanges
	}
	if err := t.isRange(answer, at, end); err != nil {
		return 0, err
	}
	return t.copy(ctx, cancel, answer, io.NewOffsetWriter(file, at), sum, end-at)
}

// place is where the bytes are as far as is known.
func (t *target) place() facts {
	f := t.facts
	if at := t.where.Load(); at != nil {
		f.url = *at
	}
	return f
}

// isRange checks that an answer holds the bytes asked for, of the file asked
// for, as they are.
func (t *target) isRange(answer *http.Response, at, end int64) error {
	host := answer.Request.URL.Host
	if code := answer.Header.Get("Content-Encoding"); code != "" && code != "identity" {
		return fmt.Errorf("%s sends it packed (%s), which was not asked for", host, clip(code))
	}
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	said := answer.Header.Get("Content-Range")
	first, last, total, ok := parseRange(said)
	switch {
	case !ok:
		return fmt.Errorf("%s answers a range with Content-Range %q, which names none", host, clip(said))
	case first != at || last >= end:
		return fmt.Errorf("%s sends bytes %d to %d where %d to %d were asked for", host, first, last, at, end-1)
	case total >= 0 && total != t.size:
		return fmt.Errorf("%s has a file of %d bytes where %d are expected; the file there is another one", host, total, t.size)
	case answer.ContentLength >= 0 && answer.ContentLength != last-first+1:
		return fmt.Errorf("%s announces %d bytes for a range of %d", host, answer.ContentLength, last-first+1)
	}
	return nil
}

// parseRange reads "bytes 0-99/1000"; a total of * is -1.
func parseRange(text string) (first, last, total int64, ok bool) {
	text, ok = strings.CutPrefix(strings.TrimSpace(text), "bytes ")
	span, of, slash := strings.Cut(text, "/")
	from, to, dash := strings.Cut(span, "-")
	first, err1 := strconv.ParseInt(from, 10, 64)
	last, err2 := strconv.ParseInt(to, 10, 64)
	total, err3 := strconv.ParseInt(of, 10, 64)
	if of == "*" {
		total, err3 = -1, nil
	}
	ok = ok && slash && dash && err1 == nil && err2 == nil && err3 == nil && first >= 0 && last >= first
	return first, last, total, ok
}

func clip(text string) string { return text[:min(len(text), 80)] }

// copy moves at most so many bytes to the disk and into a hash. It tells how
// many are on the disk for good, whatever broke.
func (t *target) copy(ctx context.Context, cancel context.CancelCauseFunc, answer *http.Response, to io.Writer, sum io.Writer, most int64) (int64, error) {
	quiet := fmt.Errorf("%s has sent nothing for %s", answer.Request.URL.Host, t.Stall)
	timer := time.AfterFunc(t.Stall, func() { cancel(quiet) })
	defer timer.Stop()
	from := &patient{io.LimitReader(answer.Body, most), timer, t.Stall}
	var done int64
	buffer := make([]byte, 256<<10)
	for done < most {
		n, err := from.Read(buffer)
		if n > 0 {
			if _, failed := to.Write(buffer[:n]); failed != nil {
				return done, &diskError{failed}
			}
			sum.Write(buffer[:n])
			done += int64(n)
			t.meter.add(int64(n))
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			if context.Cause(ctx) == quiet {
				err = quiet
			}
			return done, fmt.Errorf("the connection to %s broke after %d bytes: %w", answer.Request.URL.Host, done, origin.Plain(err))
		}
	}
	if done == 0 && most > 0 {
		return 0, fmt.Errorf("%s sends nothing", answer.Request.URL.Host)
	}
	return done, nil
}

// stream fetches from a server without ranges: the whole file in one go, in
// which parts that are in already are passed over.
func (t *target) stream(ctx context.Context, file *os.File) error {
	for failures := 0; ; failures++ {
		err := t.streamOnce(ctx, file)
		if err == nil || ctx.Err() != nil || permanent(err) || errors.As(err, new(*diskError)) {
			return err
		}
		if failures == t.Tries {
			return fmt.Errorf("%w; what is here is kept: pull again to go on", err)
		}
		if err := t.again(ctx, failures, err); err != nil {
			return err
		}
	}
}

func (t *target) streamOnce(ctx context.Context, file *os.File) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	answer, err := t.client.get(ctx, t.place(), t.file.URL, "")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if err := t.isRange(answer, 0, t.size); err != nil {
		return err
	}
	if answer.ContentLength >= 0 && answer.ContentLength != t.size {
		return fmt.Errorf("%s announces %d bytes where %d are expected", answer.Request.URL.Host, answer.ContentLength, t.size)
	}
	for n := range t.rec.count() {
		if err := t.streamPart(ctx, cancel, answer, file, n); err != nil {
			return err
		}
	}
	return nil
}

// streamPart takes one part from the stream; io.Discard takes those that are in.
func (t *target) streamPart(ctx context.Context, cancel context.CancelCauseFunc, answer *http.Response, file *os.File, n int) error {
	begin, end := t.rec.span(n)
	var to io.Writer = io.NewOffsetWriter(file, begin)
	in := t.rec.sum(n) != ""
	if in {
		to = io.Discard
	}
	sum := sha256.New()
	for at := begin; at < end; {
		got, err := t.copy(ctx, cancel, answer, to, sum, end-at)
		at += got
		if err != nil {
			t.meter.add(begin - at)
			return err
		}
	}
	if in {
		t.meter.add(begin - end) // it was counted when it came
		return nil
	}
	return t.rec.note(n, hex.EncodeToString(sum.Sum(nil)))
}
