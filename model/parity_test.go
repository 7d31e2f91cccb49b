package model

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sirocco/gpu/gputest"
	"sirocco/model/chat"
	"sirocco/model/chattemplate"
	"sirocco/model/checkpoint"
	"sirocco/model/text"
	"sirocco/model/upload"
	"sirocco/model/vision"
)

// The goldens under testdata/tiny are transformers' own numbers, in float32, for
// random tiny checkpoints; tools/goldens/README.md describes every field.
type golden struct {
	System      string   `json:"system"`
	Texts       []string `json:"texts"`
	Pictures    []string `json:"pictures"`
	Prompt      []int32  `json:"prompt"`
	Answer      []int32  `json:"answer"`
	LeastMargin float64  `json:"least_margin"`
	FixedIDs    []int32  `json:"fixed_ids"`
	Projector   []row    `json:"projector"`
	Positions   []place  `json:"positions"`
	Noise       float64  `json:"float32_noise"`
}

type row struct {
	Row    int       `json:"row"`
	Values []float64 `json:"values"`
}

type place struct {
	Next        int32     `json:"next"`
	Logprob     float64   `json:"logprob"`
	Top         []int32   `json:"top"`
	TopLogprobs []float64 `json:"top_logprobs"`
	Fixed       []float64 `json:"fixed"`
}

var tinyCheckpoints = []string{"hf-one-file", "hf-tied", "mistral", "hf-shards", "gguf-f16", "gguf-ollama", "gguf-mixed"}

// At every position of a prompt with two pictures, and of the answer, the
// log-probabilities are transformers' within 2e-3 (f32 cache) or 3e-2 (f16).
func TestLogprobsEqualTransformers(t *testing.T) {
	for _, name := range tinyCheckpoints {
		for _, c := range []struct {
			kv     string
			bound  float64
			stride int
		}{{"f32", 2e-3, 1}, {"f16", 3e-2, 5}} {
			t.Run(name+"/"+c.kv, func(t *testing.T) {
				m, g := openTiny(t, name, c.kv)
				p := g.build(t, m)
				if !slices.Equal(p.IDs, g.Prompt) {
					t.Fatalf("the prompt is %v, the reference's %v", p.IDs, g.Prompt)
				}
				worst, where := g.distance(t, m, p, c.stride)
				t.Logf("PARITY | %s | %s cache | log-probabilities, %d positions | %.1e |", name, c.kv, len(g.Positions), worst)
				if worst > c.bound {
					t.Errorf("%s: off by %.2e at %s, more than %.0e", name, worst, where, c.bound)
				}
			})
		}
	}
}

// Greedy continuations are the reference's, token for token.
func TestGreedyEqualsTransformers(t *testing.T) {
	for _, name := range tinyCheckpoints {
		t.Run(name, func(t *testing.T) {
			m, g := openTiny(t, name, "f32")
			request := g.request(t)
			request.MaxTokens = len(g.Answer)
			request.NoGuard = true
			done, _ := answer(t, m, request)
			var ids []int32
			for _, token := range done.Tokens {
				ids = append(ids, token.ID)
			}
			if !slices.Equal(ids, g.Answer) {
				t.Errorf("the answer is %v, the reference's %v", ids, g.Answer)
			}
		})
	}
}

// Projector rows of both pictures are the reference's.
func TestPictureRowsEqualTransformers(t *testing.T) {
	for _, name := range tinyCheckpoints {
		t.Run(name, func(t *testing.T) {
			m, g := openTiny(t, name, "f32")
			p := g.build(t, m)
			var all [][]float32
			for _, image := range p.Images {
				rows, err := m.encodePicture(context.Background(), image.Image)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, readRows(t, rows)...)
				rows.Release()
			}
			worst := rowDistance(t, all, g.Projector)
			t.Logf("PARITY | %s | - | projector rows, %d sampled | %.1e |", name, len(g.Projector), worst)
			if worst > 2e-3 {
				t.Errorf("%s: a projector row is off by %.2e", name, worst)
			}
		})
	}
}

// A 1540 × 1540 picture, 12,100 patches that all see each other, goes through
// the tower inside the limits of software Vulkan and comes out right.
func TestLargestPictureEqualsTransformers(t *testing.T) {
	m, _ := openTiny(t, "hf-one-file", "f32")
	var large struct {
		Projector []row `json:"projector"`
	}
	readJSON(t, filepath.Join("testdata", "tiny", "hf-one-file", "large.json"), &large)
	rows, err := m.encodePicture(context.Background(), &chat.Image{Name: "formula", Data: formulaPicture(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Release()
	worst := rowDistance(t, readRows(t, rows), large.Projector)
	t.Logf("PARITY | hf-one-file | - | projector rows of a 1540 × 1540 picture, %d sampled | %.1e |", len(large.Projector), worst)
	if worst > 2e-3 {
		t.Errorf("a row is off by %.2e", worst)
	}
}

// formulaPicture is the picture that tiny_large.py describes.
func formulaPicture(t *testing.T) []byte {
	picture := image.NewNRGBA(image.Rect(0, 0, 1540, 1540))
	for y := range 1540 {
		for x := range 1540 {
			at := picture.PixOffset(x, y)
			picture.Pix[at] = byte(3*x + 5*y + x*y/128)
			picture.Pix[at+1] = byte(5 * ((x / 8) ^ (y / 8)))
			picture.Pix[at+2] = byte((x*x + y*y) / 512)
			picture.Pix[at+3] = 255
		}
	}
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// openTiny loads a tiny checkpoint and its golden.
func openTiny(t *testing.T, name, kv string) (*Model, *golden) {
	t.Helper()
	gputest.Device(t)
	dir := filepath.Join("testdata", "tiny", name)
	m, err := Open(context.Background(), dir, Options{KV: kv, Context: 512})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	g := &golden{}
	readJSON(t, filepath.Join(dir, "golden.json"), g)
	for i, picture := range g.Pictures {
		g.Pictures[i] = filepath.Join(dir, picture)
	}
	return m, g
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// request is what the reference was asked: a system message, then text and
// pictures in turn.
func (g *golden) request(t *testing.T) *chat.Request {
	user := chat.Message{Role: chat.User, PartList: true}
	for i, words := range g.Texts {
		user.Parts = append(user.Parts, chat.Part{Text: words})
		if i < len(g.Pictures) {
			data, err := os.ReadFile(g.Pictures[i])
			if err != nil {
				t.Fatal(err)
			}
			user.Parts = append(user.Parts, chat.Part{Image: &chat.Image{Name: g.Pictures[i], Data: data}})
		}
	}
	return &chat.Request{Messages: []chat.Message{chat.Text(chat.System, g.System), user}}
}

func (g *golden) build(t *testing.T, m *Model) *chattemplate.Prompt {
	t.Helper()
	p, err := chattemplate.Build(*g.request(t), m.tok, m.rule)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// distance reads the prompt up to every position (every stride-th) in one prefill
// each, then the answer token by token, and returns the largest distance of any
// log-probability.
func (g *golden) distance(t *testing.T, m *Model, p *chattemplate.Prompt, stride int) (worst float64, where string) {
	t.Helper()
	ctx := context.Background()
	gen := &generation{Model: m, ctx: ctx, prompt: p, next: prefixOf(p), yield: func(chat.Event, error) bool { return true }}
	pictures, err := gen.encodeImages(0)
	if err != nil {
		t.Fatal(err)
	}
	quiet := func(int) error { return nil }
	for i, want := range g.Positions {
		if i < len(p.IDs) {
			if i%stride != 0 && i != len(p.IDs)-1 {
				continue
			}
			m.text.Truncate(0)
			err = m.text.Prefill(ctx, p.IDs[:i+1], pictures, quiet)
		} else {
			err = m.text.Step(ctx, g.Answer[i-len(p.IDs)])
		}
		if err != nil {
			t.Fatal(err)
		}
		if d := want.distance(m.text, g.FixedIDs); d > worst {
			worst, where = d, fmt.Sprintf("position %d", i)
		}
	}
	return worst, where
}

// distance compares one position's log-probabilities.
func (want place) distance(d *text.Decoder, fixed []int32) float64 {
	logits := d.Logits()
	sum := 0.0
	for _, v := range logits {
		sum += math.Exp(float64(v))
	}
	norm := math.Log(sum)
	worst := math.Abs(float64(logits[want.Next]) - norm - want.Logprob)
	for i, id := range want.Top {
		worst = max(worst, math.Abs(float64(logits[id])-norm-want.TopLogprobs[i]))
	}
	for i, id := range fixed {
		worst = max(worst, math.Abs(float64(logits[id])-norm-want.Fixed[i]))
	}
	if math.IsNaN(worst) {
		return math.Inf(1)
	}
	return worst
}

// readRows brings a picture's rows back from the device.
func readRows(t *testing.T, rows *vision.Rows) [][]float32 {
	t.Helper()
	data := make([]byte, rows.Bytes())
	if err := rows.Tensor.Buffer.Read(data, 0); err != nil {
		t.Fatal(err)
	}
	values, err := upload.Float32(checkpoint.Tensor{Type: checkpoint.F32, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(slices.Chunk(values, rows.Tensor.Shape[1]))
}

func rowDistance(t *testing.T, got [][]float32, want []row) (worst float64) {
	t.Helper()
	for _, w := range want {
		if w.Row >= len(got) || len(w.Values) > len(got[w.Row]) {
			t.Fatalf("row %d of %d values is not among %d rows", w.Row, len(w.Values), len(got))
		}
		for i, v := range w.Values {
			d := math.Abs(float64(got[w.Row][i]) - v)
			if math.IsNaN(d) {
				d = math.Inf(1)
			}
			worst = max(worst, d)
		}
	}
	return worst
}
