package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"sirocco/model/schema"
	"sirocco/model/tokenizer"
)

// Schema answers JSON lines with what a schema's token mask allows. It needs a
// vocabulary, but neither weights nor a GPU.
type Schema struct {
	VocabularyFlags
	Each bool `help:"Add the time of every single mask (mask_us) to an answer about a text; all times are then the processor's, where the system tells it."`
}

// Run reads stdin to its end.
func (c *Schema) Run(_ context.Context, s *Streams) error {
	tok, err := c.open()
	if err != nil {
		return err
	}
	return RunSchema(tok, c.Each, s.In, s.Out)
}

// RunSchema answers every line of in by one line of out, in order: {"schema", "text"}
// by whether the mask lets the text through, {"schema", "sample"} by texts drawn from
// it, a schema that cannot be enforced exactly by {"compiled": false, "error"}. The
// error is of reading in or writing out.
func RunSchema(tok *tokenizer.Tokenizer, each bool, in io.Reader, out io.Writer) error {
	now := wallTime
	if each { // what others on the machine do at the time must not count
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		now = threadTime
	}
	end, ok := tok.Special("</s>")
	if !ok {
		end = -1
	}
	service := &schemaService{tok: tok, vocab: schema.NewVocabulary(tok, end), each: each, now: now}
	service.mask = make([]uint32, service.vocab.Words())
	return answerLines(in, out, service.answer, func(err error) any { return schemaRefused{Error: err.Error()} })
}

// schemaService answers lines; a schema that comes again is not compiled again.
type schemaService struct {
	tok   *tokenizer.Tokenizer
	vocab *schema.Vocabulary
	mask  []uint32
	each  bool
	now   func() time.Duration

	raw      json.RawMessage
	compiled *schema.Schema
	err      error
	took     time.Duration
}

type schemaRefused struct {
	Compiled bool   `json:"compiled"`
	Error    string `json:"error"`
}

type schemaVerdict struct {
	Compiled  bool      `json:"compiled"`
	Accepted  bool      `json:"accepted"`
	CompileMS float64   `json:"compile_ms"`
	MaskP50   float64   `json:"mask_us_p50"`
	MaskMax   float64   `json:"mask_us_max"`
	Masks     []float64 `json:"mask_us,omitempty"`
}

type schemaSamples struct {
	Compiled bool     `json:"compiled"`
	Samples  []string `json:"samples"`
}

// schemaLine is a question.
type schemaLine struct {
	Schema json.RawMessage `json:"schema"`
	Text   *string         `json:"text"`
	Sample *int            `json:"sample"`
	Seed   uint64          `json:"seed"`
}

func (d *schemaService) answer(line []byte) (any, error) {
	var q schemaLine
	if err := json.Unmarshal(line, &q); err != nil {
		return nil, fmt.Errorf("the line is no JSON object with \"schema\" and \"text\" or \"sample\": %w", err)
	}
	if q.Schema == nil || (q.Text == nil) == (q.Sample == nil) {
		return nil, errors.New("the line needs \"schema\" and either \"text\" or \"sample\"")
	}
	d.compile(q.Schema)
	switch {
	case q.Text != nil && errors.Is(d.err, schema.ErrEmpty): // enforced exactly: nothing passes
		return schemaVerdict{Compiled: true, CompileMS: milliseconds(d.took)}, nil
	case d.err != nil:
		return nil, d.err
	case q.Text != nil:
		return d.verdict(*q.Text), nil
	case *q.Sample < 0 || *q.Sample > 10000:
		return nil, fmt.Errorf("sample is %d; between 0 and 10000 texts can be drawn", *q.Sample)
	}
	return d.samples(*q.Sample, q.Seed)
}

func (d *schemaService) compile(raw json.RawMessage) {
	if d.raw != nil && bytes.Equal(raw, d.raw) {
		return
	}
	start := d.now()
	d.compiled, d.err = schema.Compile(raw, schema.Options{})
	d.took, d.raw = d.now()-start, bytes.Clone(raw)
}

// verdict feeds the text token by token.
func (d *schemaService) verdict(text string) schemaVerdict {
	m := d.compiled.Start(d.vocab)
	defer m.Release()
	ids := d.tok.Encode(text)
	times := make([]float64, 0, len(ids)+1)
	accepted := d.walk(m, ids, &times) && m.CanEnd()
	out := schemaVerdict{Compiled: true, Accepted: accepted, CompileMS: milliseconds(d.took)}
	if d.each {
		out.Masks = slices.Clone(times)
	}
	if len(times) > 0 {
		slices.Sort(times)
		out.MaskP50, out.MaskMax = times[len(times)/2], times[len(times)-1]
	}
	return out
}

// masker is the part of a schema.Matcher that decides: the one that generation uses.
type masker interface {
	Mask(dst []uint32)
	Accept(id int32) error
}

// walk says whether each id is allowed by the mask before it, and notes the
// microseconds that each mask took.
func (d *schemaService) walk(m masker, ids []int32, times *[]float64) bool {
	mask := d.mask
	for _, id := range ids {
		start := d.now()
		m.Mask(mask)
		*times = append(*times, float64((d.now()-start).Nanoseconds())/1e3)
		if mask[id>>5]>>(id&31)&1 == 0 || m.Accept(id) != nil {
			return false
		}
	}
	return true
}

// freeTokens is how long a sample goes its own way before it turns to an end.
const freeTokens = 120

func (d *schemaService) samples(n int, seed uint64) (any, error) {
	out := schemaSamples{Compiled: true, Samples: []string{}}
	for i := range n {
		m := d.compiled.Start(d.vocab)
		_, err := m.Random(rand.New(rand.NewPCG(seed, uint64(i))), freeTokens)
		out.Samples = append(out.Samples, string(m.Text()))
		m.Release()
		if err != nil {
			return nil, fmt.Errorf("drawing a sample: %w", err)
		}
	}
	return out, nil
}

var begun = time.Now()

func wallTime() time.Duration { return time.Since(begun) }

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
