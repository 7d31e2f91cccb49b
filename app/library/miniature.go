package library

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sirocco/assets"
)

// miniatureDir is where the miniature lies inside the binary.
const miniatureDir = "breeze"

// Miniature returns a folder on disk that holds the embedded miniature, writing
// it there first when it is not. The weights are memory-mapped like any other
// checkpoint's, so they need a real file. The folder's name carries a hash of
// the content: a new version of the program never finds an old miniature.
func Miniature() (string, error) {
	files, err := fs.Sub(assets.Breeze, miniatureDir)
	if err != nil {
		return "", fmt.Errorf("finding the embedded miniature: %w", err)
	}
	hash, err := contentHash(files)
	if err != nil {
		return "", fmt.Errorf("reading the embedded miniature: %w", err)
	}
	dir, err := unpackInto(cacheRoot(), files, hash)
	if err != nil {
		// A read-only home must not keep the miniature from answering.
		var fallback error
		if dir, fallback = unpackInto(os.TempDir(), files, hash); fallback != nil {
			return "", fmt.Errorf("writing the embedded miniature to disk: %w; neither the cache folder nor the temporary folder can be written", err)
		}
	}
	return dir, nil
}

// cacheRoot is the user's cache folder, or the temporary one without a home.
func cacheRoot() string {
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "sirocco")
	}
	return os.TempDir()
}

// contentHash is a short hash over the names and bytes of all files.
func contentHash(files fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", path, len(data))
		sum.Write(data)
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil))[:12], err
}

// unpackInto writes the files to root/breeze-HASH in one atomic step: into a
// scratch folder first, renamed when complete, so that two programs starting at
// once or one killed half-way never leave a broken model.
func unpackInto(root string, files fs.FS, hash string) (string, error) {
	target := filepath.Join(root, "breeze-"+hash)
	if complete(target, files) {
		return target, nil
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", err
	}
	scratch, err := os.MkdirTemp(root, "breeze-*.part")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(scratch)
	if err := os.CopyFS(scratch, files); err != nil {
		return "", err
	}
	return target, moveIntoPlace(scratch, target, files)
}

// moveIntoPlace gives a scratch folder its name. A whole folder that is there already
// stays: another program may have it mapped. A broken one is moved out of the
// way, never removed in place, and when what was moved turns out to be whole,
// because another program was quicker, it goes back.
func moveIntoPlace(scratch, target string, files fs.FS) error {
	for try := 0; ; try++ {
		err := os.Rename(scratch, target)
		if err == nil || complete(target, files) {
			return nil
		}
		if try == 10 {
			return err
		}
		broken := fmt.Sprintf("%s.%d.broken", scratch, try)
		if os.Rename(target, broken) == nil && complete(broken, files) {
			_ = os.Rename(broken, target) // fails where a third program was quicker still
		}
		defer os.RemoveAll(broken)
	}
}

// complete reports whether dir holds every file at its full size.
func complete(dir string, files fs.FS) bool {
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		want, err := d.Info()
		if err != nil {
			return err
		}
		have, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			return err
		}
		if have.Size() != want.Size() {
			return errors.New("a file has another size")
		}
		return nil
	})
	return err == nil
}
