package model

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"sirocco/model/weights"
	"sirocco/model/weights/ggml"
	"sirocco/model/weights/gguf"
)

// WriteSynthetic writes the text half of a made-up model as a GGUF file, so that
// other engines can be measured with the same weights. vocabulary are the keys of
// its tokenizer.
func WriteSynthetic(path string, s Synthetic, vocabulary []gguf.Pair) error {
	m, err := newSynthetic(s)
	if err != nil {
		return err
	}
	var tensors []weights.Tensor
	var entries []gguf.Entry
	for _, need := range weights.Required(m.config) {
		if !isText(need.Name) {
			continue
		}
		t := m.tensors[need.Name]
		kind, _ := ggml.Named(string(t.Type))
		tensors = append(tensors, t)
		entries = append(entries, gguf.Entry{Name: weights.LlamaName(t.Name), Type: kind, Shape: t.Shape})
	}
	header, err := gguf.Header(append(textPairs(m.config), vocabulary...), entries)
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
