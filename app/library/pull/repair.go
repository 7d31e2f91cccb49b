package pull

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
)

// suspect is for a file whose parts are all as they came from the network and
// that still is not the published one: the server sent something wrong. Only
// the hash of the whole file is published, so parts are held against a second
// sending. First a few bytes of each, which finds a part that is something else
// altogether; then, if need be, whole parts one by one until the file is right.
// It returns the file's SHA-256 once it is, or "" when it may be so now.
func (t *target) suspect(ctx context.Context, file *os.File) (string, error) {
	t.meter.note(fmt.Sprintf("%s is not the published file although every part came whole; looking for the wrong one", t.file.Name))
	t.meter.phase(Fetching, t.file.Name, 0)
	found := false
	for n := range t.rec.count() {
		same, err := t.probe(ctx, file, n)
		if err != nil {
			return "", err
		}
		if !same {
			found = true
			if err := t.drop(n); err != nil {
				return "", err
			}
		}
	}
	if found {
		return "", nil
	}
	return t.compare(ctx, file)
}

const probeBytes = 64

// probe fetches the beginning, the middle and the end of a part again and says
// whether they are the bytes that are on the disk.
func (t *target) probe(ctx context.Context, file *os.File, n int) (bool, error) {
	begin, end := t.rec.span(n)
	for _, at := range []int64{begin, (begin + end) / 2, max(begin, end-probeBytes)} {
		size := min(probeBytes, end-at)
		have := make([]byte, size)
		if _, err := file.ReadAt(have, at); err != nil {
			return false, err
		}
		fresh := &memory{begin: at, data: make([]byte, size)}
		if err := t.refetch(ctx, fresh, at, at+size); err != nil {
			return false, err
		}
		if !bytes.Equal(have, fresh.data) {
			return false, nil
		}
	}
	return true, nil
}

// refetch brings a span into memory, trying as often as for a part.
func (t *target) refetch(ctx context.Context, into *memory, begin, end int64) error {
	at := begin
	for failures := 0; at < end; {
		got, err := t.span(ctx, into, sha256.New(), at, end)
		t.meter.add(-got) // nothing new
		at += got
		if err == nil {
			continue
		}
		if failures++; failures > t.Tries || ctx.Err() != nil || permanent(err) {
			return err
		}
		if err := t.again(ctx, failures-1, err); err != nil {
			return err
		}
	}
	return nil
}

// compare fetches whole parts again, in order. One that differs is put in
// place, and if that makes the file right no more are fetched.
func (t *target) compare(ctx context.Context, file *os.File) (string, error) {
	for n := range t.rec.count() {
		begin, end := t.rec.span(n)
		fresh := &memory{begin: begin, data: make([]byte, end-begin)}
		if err := t.refetch(ctx, fresh, begin, end); err != nil {
			return "", err
		}
		sum := sha256.Sum256(fresh.data)
		if hex.EncodeToString(sum[:]) == t.rec.sum(n) {
			continue
		}
		if _, err := file.WriteAt(fresh.data, begin); err != nil {
			return "", &diskError{err}
		}
		if err := t.rec.note(n, hex.EncodeToString(sum[:])); err != nil {
			return "", err
		}
		if whole, right, err := t.check(ctx, file); err != nil || right {
			return whole, err
		}
	}
	return "", fmt.Errorf("the server sends the same bytes twice, and they are not the published file (%s); it has another one", t.want)
}

// memory is a span of a file in memory.
type memory struct {
	begin int64
	data  []byte
}

func (m *memory) WriteAt(piece []byte, at int64) (int, error) {
	return copy(m.data[at-m.begin:], piece), nil
}
