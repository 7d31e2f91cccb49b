package model

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// forget takes files out of the system's memory, so that the next to read them
// reads the disk. What somebody else has mapped stays.
func forget(files []string) error {
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		err = unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED)
		if err = errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	return nil
}
