package remote

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"strings"
	"testing"

	"sirocco/app/openai"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/imageproc"
)

// tekkenTokens is a /tokenize that does what vLLM's does for Mistral Small 3.2.
func tekkenTokens(t *testing.T) func(map[string]any) []int32 {
	t.Helper()
	tok, err := Tekken()
	if err != nil {
		t.Fatal(err)
	}
	return func(body map[string]any) []int32 {
		if text, ok := body["prompt"].(string); ok {
			return tok.Encode(text)
		}
		data, _ := json.Marshal(body)
		request, err := openai.ParseChat(data)
		if err != nil {
			t.Error(err)
			return nil
		}
		built, err := chattemplate.Build(request.Chat, tok, ruleOf(tok))
		if err != nil {
			t.Error(err)
			return nil
		}
		return built.IDs
	}
}

// The prompt is known to be the server's when its /tokenize says so; a server
// with another template is told of.
func TestPromptIsChecked(t *testing.T) {
	ours := tekkenTokens(t)
	another := func(body map[string]any) []int32 {
		if body["messages"] != nil {
			return []int32{1, 2, 3}
		}
		return ours(body)
	}
	for _, c := range []struct {
		tokenize func(map[string]any) []int32
		check    string
		ids      int // 0: those of the template
	}{{nil, chat.PromptUnchecked, 0}, {ours, chat.PromptChecked, 0}, {another, chat.PromptDiffers, 3}} {
		f := &fake{tokenize: c.tokenize, chat: streams(says("Hi."), ends("stop"))}
		o := must(t, answered(t.Context(), f.open(t), hello()))
		p := o.events[0].Prompt
		if p == nil || p.Check != c.check || c.ids > 0 && len(p.IDs) != c.ids || p.Spans[len(p.Spans)-1].End != len(p.IDs) {
			t.Errorf("want %s: %+v", c.check, p)
		}
		if told := strings.Contains(strings.Join(o.notices, ""), "--tokenizer-mode mistral"); told != (c.check == chat.PromptDiffers) {
			t.Errorf("%s: the notices are %q", c.check, o.notices)
		}
	}
}

// Each picture crosses the network once, and its tokens are ours until the
// server's count says otherwise.
func TestPicturesAreSentOnce(t *testing.T) {
	tokenize := tekkenTokens(t)
	pixels := 0
	f := &fake{tokenize: func(body map[string]any) []int32 {
		data, _ := json.Marshal(body)
		pixels += len(data)
		return tokenize(body)
	}}
	f.chat = streams(says("A red circle."), ends("stop"), `{"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}`)
	e := f.open(t)
	pixels = 0
	o := must(t, answered(t.Context(), e, hello(func(r *chat.Request) {
		r.Messages[0].Parts = append(r.Messages[0].Parts, chat.Part{Image: &chat.Image{Name: "noise", Data: noise(t, 600, 400)}})
	})))
	if p := o.events[0].Prompt; p.Check != chat.PromptChecked || len(p.Images) != 1 || o.done.Usage.ImageTokens != p.Images[0].Tokens || p.Images[0].Width != 616 {
		t.Errorf("%+v, %d image tokens", p.Images, o.done.Usage.ImageTokens)
	}
	if pixels == 0 || pixels > 4000 {
		t.Errorf("/tokenize was sent %d bytes", pixels)
	}
	mentions(t, strings.Join(o.notices, ""), "counts 7 prompt tokens")
}

// A conversation beyond the context is refused here, with what to do.
func TestContextTooSmall(t *testing.T) {
	f := &fake{models: strings.Replace(oneModel, "4096", "16", 1), tokenize: tekkenTokens(t)}
	o := answered(t.Context(), f.open(t), hello(func(r *chat.Request) {
		r.Messages[0] = chat.Text(chat.User, strings.Repeat("long ", 100))
	}))
	if o.err == nil || len(f.bodies) != 0 {
		t.Fatalf("%v, %d requests", o.err, len(f.bodies))
	}
	mentions(t, o.err.Error(), "holds 16", "--max-model-len")
}

// noise is a PNG that does not compress.
func noise(t *testing.T, width, height int) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	x := uint32(1)
	for i := range picture.Pix {
		x = x*1664525 + 1013904223
		picture.Pix[i] = byte(x >> 24)
		if i%4 == 3 {
			picture.Pix[i] = 255
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// PNG and JPEG within the model's size go as they are, larger ones at its size,
// rarer ones as PNG.
func TestPicturesGoAtTheModelsSize(t *testing.T) {
	e := (&fake{}).open(t)
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 2000, 500)), nil); err != nil {
		t.Fatal(err)
	}
	gif, err := os.ReadFile("testdata/dot.gif")
	if err != nil {
		t.Fatal(err)
	}
	small := noise(t, 30, 20)
	for _, c := range []struct {
		name          string
		data          []byte
		width, height int
		same          bool
	}{
		{"small PNG", small, 30, 20, true},
		{"large JPEG", photo.Bytes(), 1540, 392, false},
		{"GIF", gif, 3, 2, false},
	} {
		url, err := e.dataURL(&chat.Image{Name: c.name, Data: c.data})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		sent := decodeURL(t, url)
		info, err := imageproc.Probe(sent)
		if err != nil || info.Width != c.width || info.Height != c.height || info.Format != imageproc.PNG || bytes.Equal(sent, c.data) != c.same {
			t.Errorf("%s: sent as %+v, %v", c.name, info, err)
		}
		before, _ := imageproc.Probe(c.data)
		if e.rule.Grid(before.Width, before.Height) != e.rule.Grid(info.Width, info.Height) {
			t.Errorf("%s: another grid than that of the picture itself", c.name)
		}
	}
	if _, err := e.dataURL(&chat.Image{Name: "notes.txt", Data: []byte("words")}); err == nil {
		t.Error("a text went as a picture")
	}
}
