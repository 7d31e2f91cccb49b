//go:build unix

package pull

import "golang.org/x/sys/unix"

// freeBytes is how much an ordinary user may still write to a folder's disk. A
// variable, so that tests can fill a disk.
var freeBytes = func(folder string) (int64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		return 0, err
	}
	return int64(disk.Bavail) * int64(disk.Bsize), nil
}
