package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"sirocco/model/chat"
)

// maxRead bounds one reading of a file, in bytes.
const maxRead = 1 << 20

// ReadFiles is a tool that reads the files a user chose, and no others: the model
// names them by what they are called, never by a path. Choosing was allowing.
func ReadFiles(paths ...string) Tool {
	byName := map[string]string{}
	names := []string{}
	for _, path := range paths {
		name := unique(filepath.Base(path), taken(byName))
		byName[name] = path
		names = append(names, name)
	}
	list, _ := json.Marshal(names)
	return Tool{
		Tool: chat.Tool{
			Name:        "read_file",
			Description: "Reads one of the files that the user chose: text, or a picture, which is then shown.",
			Parameters: json.RawMessage(`{"type": "object", "properties": {"file": {"enum": ` + string(list) + `}, ` +
				`"offset": {"type": "integer", "minimum": 0, "description": "Where to begin, in bytes; for files that were cut."}}, ` +
				`"required": ["file"], "additionalProperties": false}`),
		},
		Source: "built in", ReadOnly: true, Unasked: true,
		Run: func(_ context.Context, c Call) (Output, error) {
			var given struct {
				File   string
				Offset float64
			}
			if err := json.Unmarshal([]byte(c.Arguments), &given); err != nil {
				return Output{}, err
			}
			return readFile(byName[given.File], given.File, int64(given.Offset))
		},
	}
}

func taken(names map[string]string) map[string]bool {
	set := map[string]bool{}
	for name := range names {
		set[name] = true
	}
	return set
}

// readFile reads a picture, or up to maxRead bytes of a text.
func readFile(path, name string, offset int64) (Output, error) {
	f, err := os.Open(path)
	if err != nil {
		return Output{}, fmt.Errorf("reading the file %s: it cannot be opened any more", name)
	}
	defer f.Close()
	start := make([]byte, 512)
	n, _ := io.ReadFull(f, start)
	if offset == 0 && isPicture(start[:n]) {
		data, err := os.ReadFile(path)
		return Output{Pictures: []chat.Image{{Name: name, Data: data}}}, err
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return Output{}, fmt.Errorf("reading the file %s from byte %d: %w", name, offset, err)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxRead))
	if err != nil {
		return Output{}, fmt.Errorf("reading the file %s: %w", name, err)
	}
	out := Output{Text: string(data)}
	if info, err := f.Stat(); err == nil && info.Size() > offset+maxRead {
		out.note("the file has %d bytes; those from %d to %d were read", info.Size(), offset, offset+maxRead)
	}
	return out, nil
}

// isPicture reports whether a file that begins so is a picture that can be shown.
func isPicture(data []byte) bool {
	return strings.HasPrefix(http.DetectContentType(data), "image/")
}
