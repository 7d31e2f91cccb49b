package serve

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ReadKeys reads a file of API keys, one on each line. An error names the file.
func ReadKeys(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the API keys: %w", err)
	}
	keys := strings.Fields(string(data))
	if len(keys) == 0 {
		return nil, fmt.Errorf("reading the API keys: %s holds none; write one on a line", path)
	}
	return keys, nil
}

// StoredKey returns the key that lies in a file, which is made with a new key and
// for its owner alone when it is not there yet; fresh says that.
func StoredKey(path string) (key string, fresh bool, err error) {
	if keys, err := ReadKeys(path); err == nil {
		return keys[0], false, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", false, err
	}
	key = "sk-" + rand.Text()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", false, fmt.Errorf("storing a new API key: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", false, fmt.Errorf("storing a new API key: %w", err)
	}
	if err := writeKey(file, key); err != nil {
		os.Remove(path) // half a key, or none, must not be taken for one
		return "", false, fmt.Errorf("storing a new API key in %s: %w", path, err)
	}
	return key, true, nil
}

// writeKey makes sure that the key is on the disk before anybody is told it.
func writeKey(file *os.File, key string) error {
	_, err := fmt.Fprintln(file, key)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}
