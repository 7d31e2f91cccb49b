package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// readResults reads what an earlier run kept, by key. A last line that was cut
// off, by a full disk say, is left out of it, and ended, so that the next one
// stands on its own.
func readResults(path string) (map[string]*Result, error) {
	kept := map[string]*Result{}
	if path == "" {
		return kept, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return kept, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the results so far: %w", err)
	}
	lines := bytes.Split(data, []byte("\n"))
	for i, line := range lines {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		result := new(Result)
		err := json.Unmarshal(line, result)
		last := i == len(lines)-1
		switch {
		case err != nil && last:
			return kept, os.Truncate(path, int64(len(data)-len(line)))
		case err != nil || result.Hash == "":
			return nil, fmt.Errorf("reading the results so far: line %d of %s is no result; name another file with --out", i+1, path)
		}
		kept[result.key()] = result
		if last {
			return kept, appendTo(path, "\n")
		}
	}
	return kept, nil
}

func appendTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text)
	return errors.Join(err, file.Close())
}

// writeResult adds one line.
func writeResult(out io.Writer, result *Result) error {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(result); err != nil {
		return fmt.Errorf("writing a result: %w", err)
	}
	if _, err := out.Write(line.Bytes()); err != nil {
		return fmt.Errorf("writing a result: %w", err)
	}
	return nil
}
