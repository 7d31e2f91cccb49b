package pull

import "golang.org/x/sys/windows"

// freeBytes is how much this user may still write to a folder's disk. A
// variable, so that tests can fill a disk.
var freeBytes = func(folder string) (int64, error) {
	path, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return 0, err
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(path, &free, nil, nil)
	return int64(free), err
}
