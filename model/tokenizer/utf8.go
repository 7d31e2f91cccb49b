package tokenizer

import "unicode/utf8"

// replacement is what Python's decode(errors="replace") writes for every maximal invalid subpart: a byte that can
// start nothing, or as many bytes of a character as were right before a wrong one. (Go's own loops write one
// per byte or one per run.)
const replacement = "\uFFFD"

// appendReplaced appends s with its invalid parts replaced.
func appendReplaced(dst, s []byte) []byte {
	dst, rest := appendWhole(dst, s)
	if len(rest) > 0 {
		dst = append(dst, replacement...)
	}
	return dst
}

// appendWhole is appendReplaced for a text that may go on: bytes at the end that could be the beginning of a
// character are not appended but returned. There are at most three.
func appendWhole(dst, s []byte) (whole, rest []byte) {
	for len(s) > 0 {
		n, complete := leading(s)
		switch {
		case complete:
			dst = append(dst, s[:n]...)
		case n == len(s) && n > 0:
			return dst, s
		default:
			n = max(n, 1)
			dst = append(dst, replacement...)
		}
		s = s[n:]
	}
	return dst, nil
}

// leading says how many bytes of s are a character or the beginning of one, and whether it is complete.
// Source: table 3-7 of the Unicode standard, "Well-Formed UTF-8 Byte Sequences".
func leading(s []byte) (n int, complete bool) {
	want, low, high := 0, byte(0x80), byte(0xBF) // continuation bytes; range of the first of them
	switch c := s[0]; {
	case c < utf8.RuneSelf:
		return 1, true
	case c >= 0xC2 && c <= 0xDF:
		want = 1
	case c >= 0xE0 && c <= 0xEF:
		want = 2
		if c == 0xE0 {
			low = 0xA0 // shorter spellings of smaller characters
		} else if c == 0xED {
			high = 0x9F // surrogates
		}
	case c >= 0xF0 && c <= 0xF4:
		want = 3
		if c == 0xF0 {
			low = 0x90
		} else if c == 0xF4 {
			high = 0x8F // beyond U+10FFFF
		}
	default:
		return 0, false
	}
	for n = 1; n <= want; n++ {
		if n == len(s) || s[n] < low || s[n] > high {
			return n, false
		}
		low, high = 0x80, 0xBF
	}
	return n, true
}
