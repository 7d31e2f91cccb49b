package pull

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

// complete makes the file whole and right, and returns its SHA-256.
func (t *target) complete(ctx context.Context) (string, error) {
	if info, err := os.Stat(t.path); err == nil && info.Mode().IsRegular() {
		sum, err := t.save(ctx, info.Size())
		if err != nil || sum != "" {
			return sum, err
		}
	}
	file, err := os.OpenFile(t.partial(), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if err := file.Truncate(t.size); err != nil {
		return "", &diskError{err}
	}
	sum, err := t.fill(ctx, file)
	if err != nil {
		return "", err
	}
	// The bytes must be on the disk before the name says that they are.
	if err := file.Sync(); err != nil {
		return "", &diskError{err}
	}
	if err := file.Close(); err != nil {
		return "", &diskError{err}
	}
	return sum, os.Rename(t.partial(), t.path)
}

// save looks whether the file that is there is the right one. One that is not
// becomes the unfinished file, to be repaired; "" says so.
func (t *target) save(ctx context.Context, size int64) (string, error) {
	if size == t.size {
		file, err := os.Open(t.path)
		if err != nil {
			return "", err
		}
		sum, whole, err := t.check(ctx, file)
		file.Close()
		if err != nil || whole {
			return sum, err
		}
	}
	t.meter.note(fmt.Sprintf("%s is here but is not the published file; its broken parts are fetched again", t.file.Name))
	t.meter.add(t.inParts() - t.have())
	return "", os.Rename(t.path, t.partial())
}

// fill fetches, checks and repairs until the file is the published one.
func (t *target) fill(ctx context.Context, file *os.File) (string, error) {
	const rounds = 4
	for range rounds {
		if err := t.fetchParts(ctx, file); err != nil {
			return "", err
		}
		sum, whole, err := t.check(ctx, file)
		if err != nil || whole {
			return sum, err
		}
		changed, err := t.changed(ctx, file)
		if err != nil {
			return "", err
		}
		if len(changed) == 0 {
			if sum, err := t.suspect(ctx, file); err != nil || sum != "" {
				return sum, err
			}
			continue
		}
		for _, n := range changed {
			if err := t.drop(n); err != nil {
				return "", err
			}
		}
		t.meter.note(fmt.Sprintf("%s changed on the disk; %d of its %d parts are fetched again", t.file.Name, len(changed), t.rec.count()))
	}
	return "", fmt.Errorf("after %d repairs it still is not the published file (%s); the disk may be failing", rounds, t.want)
}

// drop takes a part back out.
func (t *target) drop(n int) error {
	begin, end := t.rec.span(n)
	t.meter.add(begin - end)
	return t.rec.note(n, "")
}

// check hashes the file and says whether it is the published one.
func (t *target) check(ctx context.Context, file io.ReaderAt) (sum string, whole bool, err error) {
	t.meter.phase(Checking, t.file.Name, t.size)
	plain, published := sha256.New(), t.want.start(t.size)
	if err := t.read(ctx, file, 0, t.size, io.MultiWriter(plain, published)); err != nil {
		return "", false, err
	}
	return hex.EncodeToString(plain.Sum(nil)), t.want.matches(published), nil
}

// changed are the parts that are not what came from the network.
func (t *target) changed(ctx context.Context, file io.ReaderAt) (list []int, err error) {
	t.meter.phase(Checking, t.file.Name, t.size)
	for n := range t.rec.count() {
		begin, end := t.rec.span(n)
		sum := sha256.New()
		if err := t.read(ctx, file, begin, end, sum); err != nil {
			return nil, err
		}
		if t.rec.sum(n) != hex.EncodeToString(sum.Sum(nil)) {
			list = append(list, n)
		}
	}
	return list, nil
}

// read moves a span of the file on the disk into hashes.
func (t *target) read(ctx context.Context, file io.ReaderAt, begin, end int64, into io.Writer) error {
	buffer := make([]byte, 1<<20)
	for at := begin; at < end; at += int64(len(buffer)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		piece := buffer[:min(int64(len(buffer)), end-at)]
		if _, err := file.ReadAt(piece, at); err != nil {
			return fmt.Errorf("reading it back: %w", err)
		}
		if _, err := into.Write(piece); err != nil {
			return err
		}
		t.meter.hashed(int64(len(piece)))
	}
	return nil
}

// have is how much of the file is there, before anything is checked.
func (t *target) have() int64 {
	if info, err := os.Stat(t.path); err == nil && info.Size() == t.size {
		return t.size
	}
	return t.inParts()
}

// inParts is how many bytes the parts that are in have.
func (t *target) inParts() (bytes int64) {
	for n := range t.rec.count() {
		if t.rec.sum(n) != "" {
			begin, end := t.rec.span(n)
			bytes += end - begin
		}
	}
	return bytes
}
