package serve

import (
	"fmt"
	"io/fs"
	"os"
	"runtime"
)

// Exposed warns of a file with a key that other people on this machine can read or
// change; "" means that there is nothing to warn of. Windows says it in other ways,
// and its files are private to their owner's folder.
func Exposed(path string) string {
	info, err := os.Stat(path)
	if path == "" || err != nil || !info.Mode().IsRegular() || runtime.GOOS == "windows" {
		return ""
	}
	return exposed(path, info.Mode().Perm())
}

func exposed(path string, mode fs.FileMode) string {
	can := ""
	switch {
	case mode&0o022 != 0:
		can = "change"
	case mode&0o044 != 0:
		can = "read"
	default:
		return ""
	}
	return fmt.Sprintf("other users of this machine can %s %s, which holds a key (its mode is %04o); chmod 600 makes it yours alone", can, path, mode)
}
