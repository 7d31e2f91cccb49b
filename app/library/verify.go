package library

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
)

// Verdict is what verify finds of one file.
type Verdict struct {
	File   string `json:"file"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	OK     bool   `json:"ok"`
	Why    string `json:"why"` // what the hash was held against, or what is wrong
}

// Progress says how far verify is with one file.
type Progress struct {
	File        string
	Done, Total int64 // bytes of all files
}

// Verify hashes a model's files and holds them against what they were when they
// were fetched or first verified, and against what is published of files of
// their name and length. What it sees for the first time it writes down.
func (l Library) Verify(ctx context.Context, e Entry, c Catalogue, progress func(Progress)) ([]Verdict, error) {
	folder, names, err := filesOf(e)
	if err != nil {
		return nil, fmt.Errorf("verifying %s: %w", e.Name, err)
	}
	v := &verifier{ctx: ctx, progress: progress}
	for _, name := range names {
		if stat, err := os.Stat(filepath.Join(folder, filepath.FromSlash(name))); err == nil {
			v.total += stat.Size()
		}
	}
	var verdicts []Verdict
	for _, name := range names {
		verdict, err := v.verifyFile(folder, name, e.Files[name])
		if err != nil {
			return verdicts, err
		}
		verdicts = append(verdicts, verdict)
	}
	compare(verdicts, c)
	return verdicts, l.remember(e, verdicts)
}

type verifier struct {
	ctx         context.Context
	progress    func(Progress)
	done, total int64
}

// verifyFile hashes one file and holds it against its record. Why stays empty where
// there is none.
func (v *verifier) verifyFile(folder, name string, known Record) (Verdict, error) {
	verdict := Verdict{File: name}
	file, err := os.Open(filepath.Join(folder, filepath.FromSlash(name)))
	if err != nil {
		verdict.Why = "it cannot be read: " + err.Error()
		return verdict, nil
	}
	defer file.Close()
	sum := sha256.New()
	verdict.Size, err = io.Copy(sum, &counted{v, name, file})
	if v.ctx.Err() != nil {
		return verdict, v.ctx.Err()
	}
	if err != nil {
		verdict.Why = "it cannot be read: " + err.Error()
		return verdict, nil
	}
	verdict.SHA256 = hex.EncodeToString(sum.Sum(nil))
	switch {
	case known.SHA256 == "":
	case known.SHA256 == verdict.SHA256:
		verdict.OK, verdict.Why = true, "as when it was "+known.From
	default:
		verdict.Why = fmt.Sprintf("it is not what it was when it was %s (SHA-256 %s then); fetch it again", known.From, known.SHA256)
	}
	return verdict, nil
}

// counted reads a file, tells how far it is, and stops when it is told to.
type counted struct {
	*verifier
	name string
	from io.Reader
}

func (c *counted) Read(into []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.from.Read(into)
	c.done += int64(n)
	c.progress(Progress{c.name, c.done, c.total})
	return n, err
}

// compare holds files without a record against what is published. A file of the
// right name and length with another hash is damaged if others of the model are
// the published ones; if none is, the model is another version or a fine-tune.
func compare(verdicts []Verdict, c Catalogue) {
	same := 0
	for i := range verdicts {
		v := &verdicts[i]
		if _, published, ok := c.published(path.Base(v.File), v.Size); ok && published.SHA256 == v.SHA256 {
			v.OK, v.Why = true, "as published"
			same++
		}
	}
	for i := range verdicts {
		v := &verdicts[i]
		if v.Why != "" {
			continue
		}
		product, published, ok := c.published(path.Base(v.File), v.Size)
		if ok && same > 0 {
			v.Why = fmt.Sprintf("it is not the published file of %s (SHA-256 %s); fetch it again", product.Title, published.SHA256)
			continue
		}
		v.OK, v.Why = true, "nothing is published of it; its hash is noted for the next time"
	}
}

// remember writes down the hashes of files that are right.
func (l Library) remember(e Entry, verdicts []Verdict) error {
	files := map[string]Record{}
	for name, known := range e.Files {
		files[name] = known
	}
	for _, v := range verdicts {
		if _, known := files[v.File]; v.OK && !known {
			files[v.File] = Record{v.Size, v.SHA256, "verified"}
		}
	}
	return l.Note(e.Name, files)
}
