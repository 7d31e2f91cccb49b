package serve

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"strings"
	"testing"
)

// damaged are pictures whose header can be read and whose pixels cannot.
func damaged(t *testing.T) map[string][]byte {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, 64, 48), color.Palette{color.Black, color.White})
	for i := range img.Pix {
		img.Pix[i] = byte(i*i>>3) & 1
	}
	var p, j, g bytes.Buffer
	for _, err := range []error{png.Encode(&p, img), jpeg.Encode(&j, img, nil), gif.Encode(&g, img, nil)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	wrongSum := bytes.Clone(p.Bytes())
	wrongSum[len(wrongSum)-20] ^= 0xFF // in the pixels or their checksum
	return map[string][]byte{
		"PNG cut in half":      p.Bytes()[:p.Len()/2],
		"PNG with a wrong sum": wrongSum,
		"PNG with bad zlib":    badZlib(t, p.Bytes()),
		"JPEG cut after start": j.Bytes()[:j.Len()/3],
		"GIF cut in half":      g.Bytes()[:g.Len()/2],
	}
}

// badZlib breaks the packed pixels and makes the checksum right again.
func badZlib(t *testing.T, data []byte) []byte {
	t.Helper()
	at := bytes.Index(data, []byte("IDAT"))
	size := int(data[at-4])<<24 | int(data[at-3])<<16 | int(data[at-2])<<8 | int(data[at-1])
	out := bytes.Clone(data)
	for i := at + 6; i < at+4+size; i++ {
		out[i] = 0xFF
	}
	sum := crc32.ChecksumIEEE(out[at : at+4+size])
	copy(out[at+4+size:], []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
	return out
}

// A damaged picture is the client's error on every route, before an answer is begun.
func TestDamagedPicturesAreTheClientsError(t *testing.T) {
	for kind, data := range damaged(t) {
		encoded := base64.StdEncoding.EncodeToString(data)
		openAI := `{"type": "image_url", "image_url": {"url": "data:image/png;base64,` + encoded + `"}}`
		responses := `{"type": "input_image", "image_url": "data:image/png;base64,` + encoded + `"}`
		anthropic := `{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "` + encoded + `"}}`
		ordinary := func(part string) string { return `"messages": [{"role": "user", "content": [` + part + `]}]` }
		for url, body := range map[string]string{
			"/v1/chat/completions":       ordinary(openAI),
			"/v1/responses":              `"input": [{"role": "user", "content": [` + responses + `]}]`,
			"/v1/messages":               `"max_tokens": 5, ` + ordinary(anthropic),
			"/v1/messages/count_tokens":  ordinary(anthropic),
			"/tokenize":                  ordinary(openAI),
			"/v1/chat/completions?again": `"stream": true, ` + ordinary(openAI),
			"/v1/messages?again":         `"stream": true, "max_tokens": 5, ` + ordinary(anthropic),
		} {
			t.Run(kind+" "+url, func(t *testing.T) {
				engine := &fake{}
				w := ask(newServer(t, engine, Options{}), "POST", url, `{`+body+`}`)
				if w.Code != http.StatusBadRequest || len(engine.heard) != 0 {
					t.Errorf("status %d, the engine was asked %d times: %.300s", w.Code, len(engine.heard), w.Body)
				}
				if param := fmt.Sprint(look(t, w.Body.Bytes(), "error.param")); url[:4] == "/v1/" && url[4] != 'm' && param == "<nil>" {
					t.Errorf("param is missing: %s", w.Body)
				}
			})
		}
	}
}

// A page that names no origin is known by what its browser says of it.
func TestCrossSiteRequestsWithoutOrigin(t *testing.T) {
	s := newServer(t, &fake{}, Options{})
	for site, want := range map[string]int{"cross-site": 403, "same-site": 403, "same-origin": 200, "none": 200, "": 200} {
		for _, path := range []string{"/v1/models", "/metrics", "/health"} {
			var headers []string
			if site != "" {
				headers = []string{"Sec-Fetch-Site", site}
			}
			if w := ask(s, "GET", path, "", headers...); w.Code != want {
				t.Errorf("%q at %s: status %d, want %d", site, path, w.Code, want)
			}
		}
	}
}

// What can be counted is bounded, and a conversation that cannot fit is refused by a
// bound on its tokens.
func TestTextsThatCannotFit(t *testing.T) {
	words := strings.Repeat("word ", 60_000)
	for _, c := range []struct{ url, body, code string }{
		{"/tokenize", `{"prompt": "` + strings.Repeat("a", maxText+1) + `"}`, "<nil>"},
		{"/v1/chat/completions", `{"messages": [{"role": "user", "content": "` + words + `"}]}`, "context_length_exceeded"},
		{"/v1/responses", `{"input": "` + words + `"}`, "context_length_exceeded"},
	} {
		engine := &fake{}
		w := ask(newServer(t, engine, Options{}), "POST", c.url, c.body)
		if code := fmt.Sprint(look(t, w.Body.Bytes(), "error.code")); w.Code != http.StatusBadRequest || code != c.code || len(engine.heard) != 0 {
			t.Errorf("%s: status %d, code %s: %.200s", c.url, w.Code, code, w.Body)
		}
	}
}
