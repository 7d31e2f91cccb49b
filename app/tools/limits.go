package tools

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits bound what calls may cost. A zero field means its default.
type Limits struct {
	Time         time.Duration // of one run; 60 s
	Rounds       int           // answers with calls to one question; 10
	Calls        int           // of one answer; 16
	Text         int           // bytes of text of one answer's results together; 64 KiB, less where the context is small
	Pictures     int           // of one answer's results together; 8
	PictureBytes int           // of one picture's file; 20 MB
}

// smallest is the text that a result may always have.
const smallest = 1 << 10

func (l Limits) withDefaults(context int) Limits {
	text := 64 << 10
	if context > 0 { // about a quarter of the context at three bytes a token
		text = min(text, max(smallest, context*3/4))
	}
	return Limits{
		Time:         or(l.Time, time.Minute),
		Rounds:       or(l.Rounds, 10),
		Calls:        or(l.Calls, 16),
		Text:         or(l.Text, text),
		Pictures:     or(l.Pictures, 8),
		PictureBytes: or(l.PictureBytes, 20<<20),
	}
}

func or[T int | time.Duration](value, otherwise T) T {
	if value > 0 {
		return value
	}
	return otherwise
}

// cut shortens a text to about limit bytes, keeping its beginning and a little of
// its end, where errors stand, and says what is left out.
func cut(text string, limit int) (short, note string) {
	if len(text) <= limit {
		return text, ""
	}
	head := runeStart(text, limit*7/8)
	tail := runeStart(text, len(text)-limit/8)
	note = fmt.Sprintf("the result has %s; %s of its middle are left out", size(len(text)), size(tail-head))
	return text[:head] + "\n[… " + note + " …]\n" + text[tail:], note
}

// runeStart is the last place at or before i where a character begins.
func runeStart(text string, i int) int {
	for i > 0 && i < len(text) && !utf8.RuneStart(text[i]) {
		i--
	}
	return i
}

// valid replaces what is not UTF-8 and says so.
func valid(text string) (clean, note string) {
	if utf8.ValidString(text) {
		return text, ""
	}
	return strings.ToValidUTF8(text, "\uFFFD"), "the result is not all UTF-8 text; the rest is shown as \uFFFD"
}

// size is a number of bytes as people write it.
func size(n int) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 10e3:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d bytes", n)
}
