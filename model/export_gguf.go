package model

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"sirocco/model/chat"
	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/ggml"
	"sirocco/model/checkpoint/gguf"
	"sirocco/model/tokenizer"
	"sirocco/model/upload"
)

// ExportOptions say what Keep writes.
type ExportOptions struct {
	Quantize string // "q4" or "q8"
	MMProj   string // the vision file of a GGUF model; "" is the one beside it
	Progress func(chat.Load)
}

// ExportGGUF packs a checkpoint as Open would with the same Quantize, and writes the
// result to a folder: NAME-q4.gguf with the vocabulary in it, mmproj-NAME.gguf
// where it has a tower, and tekken.json and system prompt beside them where there
// are such; a chat template that came with the checkpoint goes into the text file,
// for other programs. What is opened from there later needs no packing. It returns
// the path to open. An error or a cancel leaves no half-written file.
func ExportGGUF(ctx context.Context, path, folder string, o ExportOptions) (string, error) {
	c, err := checkpoint.OpenWith(path, checkpoint.Options{MMProj: o.MMProj})
	if err != nil {
		return "", err
	}
	defer c.Close()
	if o.Quantize != "q4" && o.Quantize != "q8" {
		return "", fmt.Errorf("keeping a quantised model: q4 and q8 are possible, not %q", o.Quantize)
	}
	tokenizer, err := c.Tokenizer()
	if err != nil {
		return "", fmt.Errorf("keeping a quantised model: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("keeping a quantised model: %w", err)
	}
	template, err := c.ChatTemplate()
	if err != nil {
		return "", fmt.Errorf("keeping a quantised model: %w", err)
	}
	k := ggufExporter{ctx: ctx, from: c, tokenizer: tokenizer, template: template, quantise: upload.Quantise(o.Quantize), progress: o.Progress}
	text := filepath.Join(folder, c.Config().Name+"-"+o.Quantize+".gguf")
	if err := k.all(folder, text); err != nil {
		return "", fmt.Errorf("keeping a quantised model in %s: %w", folder, err)
	}
	return text, nil
}

type ggufExporter struct {
	ctx       context.Context
	from      *checkpoint.Checkpoint
	tokenizer *tokenizer.Tokenizer
	template  string // for other programs, "" where the checkpoint has none
	quantise  upload.Quantise
	progress  func(chat.Load)
	done      int64
}

// all writes the files, the text last: a folder without it is no model.
func (k *ggufExporter) all(folder, text string) error {
	c := k.from.Config()
	for _, file := range []string{k.from.Info().Tokenizer, k.from.Info().SystemPrompt} {
		if file != "" {
			if err := copyFile(file, filepath.Join(folder, filepath.Base(file))); err != nil {
				return err
			}
		}
	}
	if c.Vision != nil {
		path := filepath.Join(folder, "mmproj-"+c.Name+".gguf")
		if err := k.write(path, visionPairs(c), func(name string) bool { return !isText(name) }); err != nil {
			return err
		}
	}
	pairs := append(textPairs(c), gguf.Pair{Key: "general.file_type", Value: fileTypes[string(k.quantise)]})
	pairs = append(pairs, vocabularyPairs(k.tokenizer)...)
	if k.template != "" {
		pairs = append(pairs, gguf.Pair{Key: "tokenizer.chat_template", Value: k.template})
	}
	return k.write(text, pairs, isText)
}

// write makes one file of the tensors that belong into it, under another name
// until it is whole.
func (k *ggufExporter) write(path string, pairs []gguf.Pair, belongs func(string) bool) (err error) {
	var tensors []checkpoint.Tensor
	var entries []gguf.Entry
	for _, name := range k.from.Names() {
		if t, _ := k.from.Tensor(name); belongs(name) {
			tensors = append(tensors, t)
			entries = append(entries, gguf.Entry{Name: checkpoint.LlamaName(name), Type: k.typeOf(t), Shape: t.Shape})
		}
	}
	header, err := gguf.Header(pairs, entries)
	if err != nil {
		return err
	}
	part := path + ".part"
	file, err := os.Create(part)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<20)
	_, err = out.Write(header)
	for i := 0; i < len(tensors) && err == nil; i++ {
		err = k.tensor(out, tensors[i], entries[i])
	}
	if err == nil {
		err = out.Flush()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, path)
}

// typeOf is how a tensor is kept: vectors in F32, matrices as they would be on
// the device.
func (k *ggufExporter) typeOf(t checkpoint.Tensor) ggml.Type {
	if len(t.Shape) == 1 {
		return ggml.F32
	}
	return k.quantise.Type(t)
}

// tensor writes the data of one tensor, rows in canonical order.
func (k *ggufExporter) tensor(out io.Writer, t checkpoint.Tensor, e gguf.Entry) error {
	const band = 4 << 20
	packer := upload.NewPacker(t, e.Type)
	rows := max(band/max(packer.RowBytes(), 1), 1)
	if len(t.Shape) == 1 {
		rows = t.Shape[0]
	}
	var data []byte
	for first := 0; first < t.Shape[0]; first += rows {
		if err := k.ctx.Err(); err != nil {
			return err
		}
		count := min(rows, t.Shape[0]-first)
		data = data[:0]
		err := k.from.Guard(func() (err error) {
			data, err = k.rows(data, packer, t, e, first, count)
			return err
		})
		if err == nil {
			_, err = out.Write(data)
		}
		if err != nil {
			return fmt.Errorf("writing %s: %w", t.Name, err)
		}
	}
	k.done += int64(len(t.Data))
	if k.progress != nil {
		k.progress(chat.Load{Done: k.done, Total: k.from.Info().Bytes})
	}
	_, err := out.Write(make([]byte, gguf.Padding(e.Bytes())))
	return err
}

// rows appends rows of a tensor in their new type.
func (k *ggufExporter) rows(data []byte, packer *upload.Packer, t checkpoint.Tensor, e gguf.Entry, first, count int) ([]byte, error) {
	switch {
	case len(t.Shape) == 1:
		values, err := upload.Float32(t)
		return appendFloats(data, values), err
	case e.Type.String() == string(t.Type):
		for row := range count {
			data = append(data, t.Row(first+row)...)
		}
		return data, nil
	}
	packed := make([]byte, count*packer.RowBytes())
	err := packer.Pack(k.from.Guard, first, count, packed)
	return append(data, packed...), err
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

func appendFloats(data []byte, values []float32) []byte {
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return data
}
