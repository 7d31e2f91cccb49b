package openai

import (
	"errors"
	"fmt"
	"strings"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// picture reads an image_url part: {"image_url": {"url": U}} or {"image_url": U}.
func (r *messageReader) picture(o object) (*chat.Image, error) {
	const want = "an object with \"url\""
	v, given := o.get("image_url")
	if !given {
		return nil, o.missing("image_url", want)
	}
	at := o
	name := "image_url"
	if v.Kind == pyjson.Object {
		at, name = o.child(name, v), "url"
		if v, given = at.get(name); !given {
			return nil, at.missing(name, "a data URL")
		}
	}
	if v.Kind != pyjson.String {
		return nil, at.wrong(name, v, "a string with a data URL")
	}
	return r.image(at, name, v.Text)
}

// image is the picture behind an address that stands in a field.
func (r *messageReader) image(at object, name, url string) (*chat.Image, error) {
	data, err := r.load(url)
	if err != nil {
		return nil, at.fault(name, "%v", err)
	}
	r.pictures++
	return &chat.Image{Name: fmt.Sprintf("picture %d", r.pictures), Data: data}, nil
}

// load gets a picture's bytes. Its errors continue a sentence that begins with
// the field's name. Files of this machine are never read for a request.
func (r *messageReader) load(url string) ([]byte, error) {
	switch {
	case strings.HasPrefix(url, "data:"):
		header, payload, found := strings.Cut(url, ",")
		if !found || payload == "" || !strings.HasSuffix(header, ";base64") {
			return nil, errors.New("is not a data URL of the form data:image/png;base64,…")
		}
		return decodeBase64(payload)
	case strings.HasPrefix(url, "http://"), strings.HasPrefix(url, "https://"):
		if r.opts.Fetch == nil {
			return nil, errors.New("is a web address; pictures are not fetched here, send the picture itself as a data URL (data:image/png;base64,…)")
		}
		data, err := r.opts.Fetch(url)
		if err != nil {
			return nil, fmt.Errorf("could not be fetched: %w", err)
		}
		return data, nil
	}
	return nil, errors.New("is no data URL; send the picture as data:image/png;base64,…")
}

// decodeBase64 is as patient as Python's base64.b64decode: characters outside of
// the alphabet (line breaks, say) are skipped, and what follows the padding is
// ignored. Only a last group that is cut short is an error.
func decodeBase64(s string) ([]byte, error) {
	out := make([]byte, 0, len(s)/4*3+3)
	var group uint32
	filled, pads := 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '=' {
			if pads++; filled >= 2 && filled+pads >= 4 {
				filled = 0
				break
			}
			continue
		}
		if c >= 0x80 {
			return nil, errors.New("has a data URL with characters that are not ASCII in its base64 text")
		}
		six := base64Value[c]
		if six < 0 {
			continue
		}
		pads = 0
		group = group<<6 | uint32(six)
		if filled++; filled > 1 {
			out = append(out, byte(group>>uint(8-2*filled)))
		}
		if filled == 4 {
			filled = 0
		}
	}
	if filled != 0 {
		return nil, errors.New("has a data URL whose base64 text is cut short")
	}
	return out, nil
}

// base64Value is the value of each character, -1 outside of the alphabet.
var base64Value = func() (table [128]int8) {
	for i := range table {
		table[i] = -1
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		table[c] = int8(i)
	}
	return table
}()
