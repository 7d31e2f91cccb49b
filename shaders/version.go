package shaders

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"sync"
)

// Version is a short hash over the text of all kernels: what was measured with others says nothing.
var Version = sync.OnceValue(func() string {
	sum := sha256.New()
	_ = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := files.ReadFile(path)
		sum.Write(text)
		return err
	}) // the files are inside the program: reading them cannot fail
	return hex.EncodeToString(sum.Sum(nil))[:12]
})
