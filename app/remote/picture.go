package remote

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image/png"

	"sirocco/model/chat"
	"sirocco/model/imageproc"
)

// dataURL is a picture on its way to the server. PNG and JPEG files that the
// model sees whole go as they are. The others are sent as the pixels the model
// sees: larger ones at its size, so that nobody carries pixels that are thrown
// away, and lying or rarer files (EXIF, animations, TIFF …) upright, still and
// as PNG, so that every server sees the same picture.
func (e *Engine) dataURL(picture *chat.Image) (string, error) {
	info, err := imageproc.Probe(picture.Data)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", picture.Name, err)
	}
	plain := info.Format == imageproc.PNG || info.Format == imageproc.JPEG
	if plain && info.Orientation <= 1 && max(info.Width, info.Height) <= e.rule.MaxSize {
		kind := map[imageproc.Format]string{imageproc.PNG: "image/png", imageproc.JPEG: "image/jpeg"}[info.Format]
		return encodeURL(kind, picture.Data), nil
	}
	decoded, err := imageproc.Decode(picture.Data)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", picture.Name, err)
	}
	var data bytes.Buffer
	pixels := decoded.Preview(max(info.Width, info.Height)) // its own size
	if max(info.Width, info.Height) > e.rule.MaxSize {
		pixels = e.rule.Seen(decoded)
	}
	if err := png.Encode(&data, pixels); err != nil {
		return "", fmt.Errorf("writing %s as PNG: %w", picture.Name, err)
	}
	return encodeURL("image/png", data.Bytes()), nil
}

func encodeURL(kind string, data []byte) string {
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data)
}
