package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"sirocco/app/openai"
)

// answerLines answers every line of in by one line of JSON on out, in order: by
// what answer makes of it, or by what refuse makes of answer's error. The error
// is of reading in or writing out.
func answerLines(in io.Reader, out io.Writer, answer func(line []byte) (any, error), refuse func(error) any) error {
	lines := lineReader{bufio.NewReaderSize(in, 1<<16)}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := lines.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, errLongLine):
			return fmt.Errorf("reading the input: %w", err)
		}
		var said any
		if err == nil {
			said, err = answer(line)
		}
		if err != nil {
			said = refuse(err)
		}
		if err := encoder.Encode(said); err != nil {
			return fmt.Errorf("writing the answers: %w", err)
		}
	}
}

// errLongLine says that a line was too long to be kept; it was read to its end.
var errLongLine = fmt.Errorf("the line is longer than %d MB", openai.MaxSize>>20)

type lineReader struct{ *bufio.Reader }

// next returns a line without its end, or io.EOF after the last one.
func (r lineReader) next() ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if !long {
			line = append(line, part...)
		}
		if len(line) > openai.MaxSize+len("\r\n") {
			long, line = true, nil
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) == 0 && !long:
			return nil, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		case long:
			return nil, errLongLine
		}
		return bytes.TrimRight(line, "\r\n"), nil
	}
}
