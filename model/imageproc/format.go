package imageproc

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Format names a kind of picture file, as a person writes it.
type Format string

// The formats that Decode reads.
const (
	PNG  Format = "PNG"
	JPEG Format = "JPEG"
	WebP Format = "WebP"
	GIF  Format = "GIF"
	BMP  Format = "BMP"
	TIFF Format = "TIFF"
)

const readable = "PNG, JPEG, WebP, GIF, BMP or TIFF"

// sniff tells the format from the first bytes; a file's name is never asked.
// Its error says what the file is instead and what to do about it.
func sniff(data []byte) (Format, error) {
	starts := func(s string) bool { return bytes.HasPrefix(data, []byte(s)) }
	switch {
	case len(data) == 0:
		return "", errors.New("the file is empty; choose a " + readable + " picture")
	case starts("\x89PNG\r\n\x1a\n"):
		return PNG, nil
	case starts("\xff\xd8"):
		return JPEG, nil
	case starts("RIFF") && len(data) >= 12 && string(data[8:12]) == "WEBP":
		return WebP, nil
	case starts("GIF87a"), starts("GIF89a"):
		return GIF, nil
	case starts("BM") && len(data) >= 10 && string(data[6:10]) == "\x00\x00\x00\x00":
		return BMP, nil
	case starts("II*\x00"), starts("MM\x00*"):
		return TIFF, nil
	}
	return "", refuse(data)
}

// foreign are the kinds of file people try that are not read here.
var foreign = []struct{ is, advice string }{
	{"HEIC", "open it in a photo app and export it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)"},
	{"AVIF", "open it in a browser or picture viewer and save it as PNG or JPEG"},
	{"SVG", "it is a drawing made of lines, not pixels: export it as PNG at the size you want"},
	{"PDF", "export the page you mean as PNG or JPEG, or take a screenshot of it"},
	{"JPEG XL", "save it as PNG or JPEG"},
	{"JPEG 2000", "save it as PNG or JPEG"},
	{"icon (ICO)", "save it as PNG"},
	{"Photoshop (PSD)", "export it as PNG or JPEG"},
	{"video", "take a screenshot of the moment you mean"},
	{"web page", "save the picture on it, or take a screenshot"},
	{"ZIP or office document", "take the picture out of it first"},
}

func refuse(data []byte) error {
	is := foreignKind(data)
	for _, f := range foreign {
		if f.is == is {
			return fmt.Errorf("the file is a %s file, which cannot be read here; %s", f.is, f.advice)
		}
	}
	if looksLikeText(data) {
		return errors.New("the file holds text, not a picture; choose a " + readable + " picture")
	}
	return errors.New("the file is not a picture of a known kind; choose a " + readable + " picture")
}

// foreignKind recognises by content the files named in foreign, or says "".
func foreignKind(data []byte) string {
	head := string(data[:min(len(data), 1024)])
	low := strings.ToLower(head)
	switch {
	case len(head) >= 12 && head[4:8] == "ftyp":
		return boxKind(head)
	case strings.Contains(head, "%PDF-"):
		return "PDF"
	case strings.Contains(low, "<svg"):
		return "SVG"
	case strings.Contains(low, "<!doctype html"), strings.Contains(low, "<html"):
		return "web page"
	case strings.HasPrefix(head, "\xff\x0a"), strings.HasPrefix(head, "\x00\x00\x00\x0cJXL "):
		return "JPEG XL"
	case strings.HasPrefix(head, "\xff\x4f\xff\x51"), strings.HasPrefix(head, "\x00\x00\x00\x0cjP  "):
		return "JPEG 2000"
	case strings.HasPrefix(head, "\x00\x00\x01\x00"):
		return "icon (ICO)"
	case strings.HasPrefix(head, "8BPS"):
		return "Photoshop (PSD)"
	case strings.HasPrefix(head, "PK\x03\x04"):
		return "ZIP or office document"
	}
	return ""
}

// boxKind reads the brands of an ISO media file: "ftyp", the main brand, a
// version, then the brands it is compatible with.
func boxKind(head string) string {
	size := int(head[0])<<24 | int(head[1])<<16 | int(head[2])<<8 | int(head[3])
	brands := head[8:min(len(head), max(size, 12))]
	switch {
	case strings.Contains(brands, "avif"), strings.Contains(brands, "avis"):
		return "AVIF"
	case strings.Contains(brands, "hei"), strings.Contains(brands, "hev"), strings.Contains(brands, "mif1"):
		return "HEIC"
	}
	return "video"
}

// looksLikeText is true for UTF-8 without control characters; the last
// character of the part looked at may be cut.
func looksLikeText(data []byte) bool {
	head := data[:min(len(data), 512)]
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 {
			return len(head) < utf8.UTFMax && !utf8.FullRune(head)
		}
		if r < ' ' && !strings.ContainsRune("\t\n\r\f", r) {
			return false
		}
		head = head[n:]
	}
	return true
}
