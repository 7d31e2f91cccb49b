package history

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Hash names a picture by its content: the SHA-256 of the file, in hex.
func Hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Picture reads the picture of a hash.
func (s *Store) Picture(hash string) ([]byte, error) {
	if !goodHash(hash) {
		return nil, fmt.Errorf("reading a picture of the history: %q is no SHA-256", hash)
	}
	data, err := os.ReadFile(s.picturePath(hash))
	if err != nil {
		return nil, fmt.Errorf("reading a picture of the history: %w", err)
	}
	return data, nil
}

func goodHash(hash string) bool {
	raw, err := hex.DecodeString(hash)
	return err == nil && len(raw) == sha256.Size && hex.EncodeToString(raw) == hash
}

func (s *Store) picturePath(hash string) string {
	return filepath.Join(s.dir, "pictures", hash[:2], hash)
}

// keepPicture writes a picture's file unless it is there. It is written under
// another name first, so that a crash leaves no half picture under its hash.
func (s *Store) keepPicture(data []byte) (string, error) {
	hash := Hash(data)
	path := s.picturePath(hash)
	if info, err := os.Stat(path); err == nil && info.Size() == int64(len(data)) {
		return hash, nil
	}
	err := writeWhole(path, data)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EFBIG) {
		return "", fmt.Errorf("saving a picture: %w (%s); free some space and go on", ErrFull, s.dir)
	}
	if err != nil {
		return "", fmt.Errorf("saving a picture: %w", err)
	}
	return hash, nil
}

func writeWhole(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "new-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // gone already when all went well
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// dropPictures removes the files that no message shows.
func (s *Store) dropPictures() error {
	used := map[string]bool{}
	rows, err := s.db.Query("SELECT DISTINCT hash FROM message_pictures")
	if err != nil {
		return s.fault("clearing unused pictures", err)
	}
	defer rows.Close()
	for rows.Next() {
		var hash string
		if err := rows.Scan(&hash); err != nil {
			return s.fault("clearing unused pictures", err)
		}
		used[hash] = true
	}
	if err := rows.Err(); err != nil {
		return s.fault("clearing unused pictures", err)
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "pictures", "??", "*"))
	for _, file := range files {
		if !used[filepath.Base(file)] {
			err = errors.Join(err, os.Remove(file))
		}
	}
	return err
}
