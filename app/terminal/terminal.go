// Package terminal stands between everything this program prints and a terminal.
// Models, servers, files and tools supply text that may hold control sequences: they
// could rewrite the screen, set the title or fill the clipboard. Here each such
// character is shown as a symbol. What goes to a file or a pipe is not touched.
// In: any bytes. Out: text that a terminal only shows. Open this file first.
package terminal

import (
	"io"
	"os"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"
)

// Writer writes text to a terminal.
type Writer struct {
	out  io.Writer
	file *os.File // nil in tests

	mu   sync.Mutex
	rest []byte // the beginning of a character whose end has not come yet
}

// Wrap stands before a stream that is a terminal; any other stays as it is.
func Wrap(stream io.Writer) io.Writer {
	if file, ok := stream.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return &Writer{out: file, file: file}
	}
	return stream
}

// Is reports whether a stream is a terminal, wrapped or not.
func Is(stream any) bool {
	switch s := stream.(type) {
	case *Writer:
		return true
	case *os.File:
		return term.IsTerminal(int(s.Fd()))
	}
	return false
}

// Write shows text. A character may come in two pieces.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := append(w.rest, p...)
	end := wholeCharacters(text)
	w.rest = append([]byte(nil), text[end:]...)
	if _, err := io.WriteString(w.out, Visible(string(text[:end]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Control sends a control sequence of our own, such as the one that clears a line. The
// text must not come from outside.
func Control(stream io.Writer, sequence string) {
	w, wrapped := stream.(*Writer)
	if !wrapped {
		io.WriteString(stream, sequence) //nolint:errcheck // a status line may be lost
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	io.WriteString(w.out, sequence) //nolint:errcheck
}

// Trusted is the stream itself, for a progress bar that draws with control sequences
// and prints no text from outside.
func Trusted(stream io.Writer) io.Writer {
	if w, wrapped := stream.(*Writer); wrapped {
		return w.out
	}
	return stream
}

// Flush shows what is left of a character that never came whole.
func Flush(stream io.Writer) {
	w, wrapped := stream.(*Writer)
	if !wrapped {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.rest) > 0 {
		io.WriteString(w.out, Visible(string(w.rest))) //nolint:errcheck
		w.rest = nil
	}
}

// wholeCharacters is how many bytes of a text end with a whole character.
func wholeCharacters(text []byte) int {
	for back := 1; back <= min(utf8.UTFMax, len(text)); back++ {
		at := len(text) - back
		if utf8.RuneStart(text[at]) {
			if !utf8.FullRune(text[at:]) {
				return at
			}
			break
		}
	}
	return len(text)
}

// Visible shows characters that would steer a terminal, or turn the direction of text,
// as symbols: C0 but for line feed and tab, DEL, C1, and the marks that override or
// isolate a direction. U+200C to U+200F stay, which Persian, Hindi and Arabic need.
func Visible(text string) string {
	if !strings.ContainsFunc(text, steers) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for _, r := range text { // bytes that are no UTF-8 come out as U+FFFD
		switch {
		case !steers(r):
			b.WriteRune(r)
		case r < ' ':
			b.WriteRune(0x2400 + r) // control pictures: ␛ for ESC
		case r == 0x7F:
			b.WriteRune(0x2421)
		default:
			b.WriteString("<U+" + strings.ToUpper(hex4(r)) + ">")
		}
	}
	return b.String()
}

// steers reports whether a character does something to a terminal other than being
// shown there.
func steers(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < ' ', r >= 0x7F && r <= 0x9F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

func hex4(r rune) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15]})
}
