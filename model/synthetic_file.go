package model

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/ggml"
	"sirocco/model/checkpoint/gguf"
)

// WriteSynthetic writes the text half of a made-up model as a GGUF file, so that
// other engines can be measured with the same weights. vocabulary are the keys of
// its tokenizer.
func WriteSynthetic(path string, s Synthetic, vocabulary []gguf.Pair) error {
	m, err := newSynthetic(s)
	if err != nil {
		return err
	}
	return m.write(path, append(textPairs(m.config), vocabulary...), isText)
}

// WriteSyntheticVision writes the other half, as a vision file, with what other
// engines want to find in it besides.
func WriteSyntheticVision(path string, s Synthetic) error {
	m, err := newSynthetic(s)
	if err != nil {
		return err
	}
	const imageBreak = "v.token_embd.img_break" // is the text's embedding here
	m.add(checkpoint.Need{Name: imageBreak, Shape: []int{m.config.Text.Dim}}, ggml.F32)
	pairs := append(visionPairs(m.config),
		gguf.Pair{Key: "clip.vision.image_mean", Value: []float32{0.48145466, 0.4578275, 0.40821073}},
		gguf.Pair{Key: "clip.vision.image_std", Value: []float32{0.26862954, 0.26130258, 0.27577711}})
	return m.write(path, pairs, func(name string) bool { return !isText(name) }, imageBreak)
}

// write makes a file of the tensors that belong into it, and of some more.
func (m *synthetic) write(path string, pairs []gguf.Pair, belongs func(string) bool, more ...string) error {
	var names []string
	for _, need := range checkpoint.Required(m.config) {
		if belongs(need.Name) {
			names = append(names, need.Name)
		}
	}
	var tensors []checkpoint.Tensor
	var entries []gguf.Entry
	for i, name := range append(names, more...) {
		t := m.tensors[name]
		kind, _ := ggml.Named(string(t.Type))
		tensors = append(tensors, t)
		entry := gguf.Entry{Name: name, Type: kind, Shape: t.Shape}
		if i < len(names) {
			entry.Name = checkpoint.LlamaName(name)
		}
		entries = append(entries, entry)
	}
	header, err := gguf.Header(pairs, entries)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<20)
	_, err = out.Write(header)
	for i := 0; i < len(tensors) && err == nil; i++ {
		err = writeRepeated(out, tensors[i].Data, entries[i].Bytes())
	}
	if err = errors.Join(err, out.Flush(), file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// writeRepeated writes data again and again until there are so many bytes, and
// the padding behind them.
func writeRepeated(out io.Writer, data []byte, bytes int64) error {
	for left := bytes; left > 0; left -= int64(len(data)) {
		if _, err := out.Write(data[:min(left, int64(len(data)))]); err != nil {
			return err
		}
	}
	_, err := out.Write(make([]byte, gguf.Padding(bytes)))
	return err
}
