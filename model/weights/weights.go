// Package weights turns a model folder into named tensors over memory-mapped
// files: Hugging Face safetensors (one file, or shards with an index) and
// Mistral's consolidated.safetensors with params.json. It checks every number a
// file states before anything uses it and copies no weights.
//
// Open this file first: Open, Checkpoint and Tensor are the whole interface.
// folder.go chooses among the files in a folder, header.go reads safetensors,
// table.go lists the tensors a model must have, bind.go matches the two, and
// mapped.go keeps a file that shrinks under us from ending the process.
package weights

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"sirocco/model/config"
)

// Type is the storage type of a tensor, in the word safetensors uses for it.
type Type string

// The types the engine computes with; everything else is refused by name.
const (
	BF16 Type = "BF16"
	F16  Type = "F16"
	F32  Type = "F32"
)

// Size is the number of bytes of one element, 0 for types the engine does not
// compute with.
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
	// pair is rows j and j+HeadDim/2 of each head (spec 2.3).
	HalfSplit
)

// Tensor is one tensor of a checkpoint. Data lies in the mapped file: it is
// read-only, ends with Checkpoint.Close, and is to be read inside
// Checkpoint.Guard.
type Tensor struct {
	Name    string // canonical: the name in Mistral's own files (spec 2.2)
	Type    Type
	Shape   []int  // [out, in] for matrices, row-major
	Data    []byte // little-endian, in stored row order
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
	Format       string   // "safetensors"
	Layout       string   // "Mistral" or "Hugging Face"
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
	names   []string
	tensors map[string]Tensor
}

// Open reads the configuration in the folder at path, maps the weight files
// beside it and checks that they hold exactly the model that the configuration
// describes. The folder's name means nothing; its contents decide. Errors are
// sentences that name the file and the tensor or field.
func Open(path string) (*Checkpoint, error) {
	found, err := find(path)
	if err != nil {
		return nil, fmt.Errorf("open model: %w", err)
	}
	cfg, err := found.readConfig()
	if err != nil {
		return nil, fmt.Errorf("open model: %w", err)
	}
	c := &Checkpoint{cfg: cfg, info: found.info()}
	if err := c.load(found); err != nil {
		return nil, fmt.Errorf("open model: %w", errors.Join(err, c.Close()))
	}
	return c, nil
}

func (c *Checkpoint) load(found *folder) error {
	for _, name := range found.files {
		m, err := mapFile(filepath.Join(found.dir, name))
		if err != nil {
			return err
		}
		c.files = append(c.files, m)
		c.info.Files = append(c.info.Files, m.path)
		c.info.Bytes += m.size
	}
	stored, err := found.collect(c.files)
	if err != nil {
		return err
	}
	return c.bind(found, stored)
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
