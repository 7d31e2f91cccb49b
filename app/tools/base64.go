package tools

import (
	"encoding/base64"
	"strings"
)

// decodeLoosely reads base64 as servers write it: as a data URL, with blanks and line
// feeds, without padding, in the alphabet of addresses.
func decodeLoosely(text string) ([]byte, error) {
	if strings.HasPrefix(text, "data:") {
		if _, payload, found := strings.Cut(text, ","); found {
			text = payload
		}
	}
	text = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '\n', '=':
			return -1
		case '-':
			return '+'
		case '_':
			return '/'
		}
		return r
	}, text)
	return base64.RawStdEncoding.DecodeString(text)
}
