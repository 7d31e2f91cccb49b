// Package checkpoint turns a model folder into named tensors over memory-mapped
// files: Hugging Face safetensors (one file, or shards with an index), Mistral's
// consolidated.safetensors with params.json, and GGUF files. It checks every
// number a file states before anything uses it and copies no weights.
//
// Open this file first: Open, Checkpoint and Tensor are the whole interface.
// folder.go chooses among the files in a folder, header.go reads safetensors,
// quantised.go refuses what they cannot hold here, ggufopen.go reads GGUF files
// and ggufchoose.go chooses among them, table.go lists the tensors a model must
// have, bind.go matches them with those there are, tokenizer.go finds the
// vocabulary, and mapped.go keeps a file that shrinks under us from ending the
// process.
package checkpoint

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"sirocco/model/checkpoint/gguf"
	"sirocco/model/config"
)

// Type is the storage type of a tensor, in the word safetensors or GGUF uses
// for it. Quantised types, such as Q4_K, are those of package ggml.
type Type string

// The plain types; everything that is neither here nor in ggml is refused.
const (
	BF16 Type = "BF16"
	F16  Type = "F16"
	F32  Type = "F32"
)

// Size is the number of bytes of one element, 0 for all but the plain types.
func (t Type) Size() int {
	switch t {
	case BF16, F16:
		return 2
	case F32:
		return 4
	}
	return 0
}

// RowOrder says in which order the rows of a tensor are stored.
type RowOrder int

const (
	// Canonical rows need nothing. For query and key matrices this is
	// Mistral's order: the pair that a rotation turns is rows 2j and 2j+1.
	Canonical RowOrder = iota
	// HalfSplit rows are Hugging Face's order of query and key matrices: the
	// pair is rows j and j+HeadDim/2 of each head (docs/model.md, 2.3).
	HalfSplit
)

// Tensor is one tensor of a checkpoint. Data lies in the mapped file: it is
// read-only, ends with Checkpoint.Close, and is to be read inside
// Checkpoint.Guard.
type Tensor struct {
	Name    string // canonical: the name in Mistral's own files (docs/model.md, 2.2)
	Type    Type
	Shape   []int  // [out, in] for matrices, row-major
	Data    []byte // little-endian, in stored row order; whole blocks as in the file where the type is quantised
	Rows    RowOrder
	HeadDim int // rows of one head in query and key matrices, 0 elsewhere
}

// Elements is the number of values in the tensor.
func (t Tensor) Elements() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// RowBytes is the number of bytes of one step along the first dimension.
func (t Tensor) RowBytes() int { return len(t.Data) / t.Shape[0] }

// Row is the n-th row in canonical order, wherever the file keeps it.
func (t Tensor) Row(n int) []byte {
	size := t.RowBytes()
	stored := t.StoredRow(n)
	return t.Data[stored*size : (stored+1)*size]
}

// StoredRow is where the file keeps the n-th row of the canonical order.
func (t Tensor) StoredRow(n int) int {
	if t.Rows != HalfSplit {
		return n
	}
	head, within := n-n%t.HeadDim, n%t.HeadDim
	return head + within%2*(t.HeadDim/2) + within/2
}

// Info is what a checkpoint says about itself, for people and for checks.
type Info struct {
	Folder       string
	Format       string   // "safetensors" or "GGUF"
	Layout       string   // "Mistral", "Hugging Face", "llama.cpp" or "Ollama"
	Files        []string // full paths of the weight files, in order
	Bytes        int64    // length of those files together
	Parameters   int64    // values in the tensors the model uses
	Tokenizer    string   // full path of tekken.json, "" when there is none
	SystemPrompt string   // full path of SYSTEM_PROMPT.txt, "" when there is none
	Notices      []string // sentences a person may want to read
}

// Checkpoint is an open model folder. Its methods may be called from several
// goroutines; Close must come after the last use of any Tensor's Data.
type Checkpoint struct {
	cfg     config.Config
	info    Info
	files   []*mapped
	gguf    *gguf.File // of the text model; nil for safetensors
	names   []string
	tensors map[string]Tensor
}

// Options say how to open a checkpoint. The zero value is fine.
type Options struct {
	// MMProj is the file that holds the vision tower of a GGUF model; "" is the
	// one beside the text model, if there is one that fits.
	MMProj string
}

// Open opens the checkpoint at path, a folder or a GGUF file.
func Open(path string) (*Checkpoint, error) { return OpenWith(path, Options{}) }

// OpenWith reads the configuration in the folder at path, maps the weight files
// beside it and checks that they hold exactly the model that the configuration
// describes. The folder's name means nothing; its contents decide. A GGUF file
// is its own configuration; path names it or the folder it lies in. Errors are
// sentences that name the file and the tensor or field.
func OpenWith(path string, o Options) (*Checkpoint, error) {
	c, err := openAny(path, o)
	if err != nil {
		return nil, fmt.Errorf("open model: %w", err)
	}
	return c, nil
}

func openAny(path string, o Options) (*Checkpoint, error) {
	path, o, err := descend(path, o)
	if err != nil {
		return nil, err
	}
	chosen, err := chooseGGUF(path, o)
	if err != nil {
		return nil, err
	}
	if chosen != nil {
		return chosen.open()
	}
	if o.MMProj != "" && o.MMProj != NoVision {
		return nil, fmt.Errorf("%s is no GGUF model, so the vision file %s has no place in it", path, o.MMProj)
	}
	found, err := find(path)
	if err != nil {
		return nil, err
	}
	cfg, err := found.readConfig()
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{cfg: cfg, info: found.info()}
	if err := c.load(found); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Checkpoint) load(found *folder) error {
	for _, name := range found.files {
		if err := c.mapFile(filepath.Join(found.dir, name), readHeader); err != nil {
			return err
		}
	}
	stored, err := found.collect(c.files)
	if err != nil {
		return err
	}
	if err := refuseQuantised(stored); err != nil {
		return fmt.Errorf("%s: %w", found.dir, err)
	}
	if c.cfg.Vision == nil {
		c.notice("%s describes a text model without a vision tower, so pictures are not possible", found.config)
	}
	return c.bind(found.origin(), stored)
}

// mapFile maps one more file, whose header read understands.
func (c *Checkpoint) mapFile(path string, read headerReader) error {
	m, err := mapFile(path, read)
	if err != nil {
		return err
	}
	c.files = append(c.files, m)
	c.info.Files = append(c.info.Files, m.path)
	c.info.Bytes += m.size
	return nil
}

// Config is the model's shape. TiedEmbeddings says what the files hold.
func (c *Checkpoint) Config() config.Config { return c.cfg }

// Info describes the folder and its files.
func (c *Checkpoint) Info() Info { return c.info }

// Names lists the tensors of the model in a fixed order: vision tower,
// projector, embeddings, layers, final norm, output.
func (c *Checkpoint) Names() []string { return slices.Clone(c.names) }

// Tensor finds a tensor by its canonical name. There is no output.weight when
// the embeddings are tied.
func (c *Checkpoint) Tensor(name string) (Tensor, bool) {
	t, ok := c.tensors[name]
	return t, ok
}

// Close unmaps the files. No Data of any Tensor may be touched afterwards.
func (c *Checkpoint) Close() error {
	var errs []error
	for _, m := range c.files {
		errs = append(errs, m.close())
	}
	c.files, c.tensors = nil, nil
	return errors.Join(errs...)
}
