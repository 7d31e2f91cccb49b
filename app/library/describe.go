package library

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"

	"sirocco/model/chattemplate"
	"sirocco/model/checkpoint"
	"sirocco/model/config"
)

// Description is what a model's files are, from their headers alone.
type Description struct {
	Path       string      `json:"path"`
	Title      string      `json:"title"`  // what the files call themselves
	Format     string      `json:"format"` // "safetensors" or "GGUF"
	Layout     string      `json:"layout"` // "Mistral", "Hugging Face", "llama.cpp" or "Ollama"
	Files      []string    `json:"files"`
	Bytes      int64       `json:"bytes"`
	Parameters int64       `json:"parameters"`
	Types      []TypeShare `json:"types"` // the largest share first
	Text       Decoder     `json:"text"`
	Vision     *Tower      `json:"vision"` // null: pictures are not possible
	Tokenizer  Tokenizer   `json:"tokenizer"`
	Notices    []string    `json:"notices,omitempty"`
}

// Decoder is the shape of the text model.
type Decoder struct {
	Layers      int  `json:"layers"`
	Width       int  `json:"width"`
	Heads       int  `json:"heads"`
	KVHeads     int  `json:"kv_heads"`
	HeadSize    int  `json:"head_size"`
	FeedForward int  `json:"feed_forward"`
	Vocabulary  int  `json:"vocabulary"`
	Context     int  `json:"context"`         // tokens, at most
	Tied        bool `json:"tied_embeddings"` // one matrix at both ends
}

// Tower is the shape of the vision tower.
type Tower struct {
	Layers    int `json:"layers"`
	Width     int `json:"width"`
	Heads     int `json:"heads"`
	ImageSize int `json:"image_size"` // longest side in pixels
	PatchSize int `json:"patch_size"`
	Merge     int `json:"merge"` // patches per side that become one token
}

func shapeOf(c config.Config) (text Decoder, vision *Tower) {
	t := c.Text
	text = Decoder{t.Layers, t.Dim, t.Heads, t.KVHeads, t.HeadDim, t.FFN, t.Vocab, t.MaxPositions, t.TiedEmbeddings}
	if v := c.Vision; v != nil {
		vision = &Tower{v.Layers, v.Hidden, v.Heads, v.ImageSize, v.PatchSize, v.Merge}
	}
	return text, vision
}

// TypeShare says how much of a model is stored in one type.
type TypeShare struct {
	Type    string `json:"type"`
	Tensors int    `json:"tensors"`
	Bytes   int64  `json:"bytes"`
}

// Tokenizer says where a model's vocabulary comes from.
type Tokenizer struct {
	From    string `json:"from,omitempty"` // a file's name
	Version string `json:"version,omitempty"`
	Tokens  int    `json:"tokens,omitempty"`
	Problem string `json:"problem,omitempty"` // why there is none
}

// Describe reads the headers of a model's files.
func Describe(path, mmproj string) (*Description, error) {
	c, err := checkpoint.OpenWith(path, checkpoint.Options{MMProj: mmproj})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	info, cfg := c.Info(), c.Config()
	text, vision := shapeOf(cfg)
	return &Description{
		Path: path, Title: cfg.Name, Format: info.Format, Layout: info.Layout,
		Files: info.Files, Bytes: info.Bytes, Parameters: info.Parameters,
		Types: shares(c), Text: text, Vision: vision,
		Tokenizer: vocabulary(c), Notices: info.Notices,
	}, nil
}

func shares(c *checkpoint.Checkpoint) []TypeShare {
	sums := map[string]TypeShare{}
	for _, name := range c.Names() {
		tensor, _ := c.Tensor(name)
		s := sums[string(tensor.Type)]
		s.Type, s.Tensors, s.Bytes = string(tensor.Type), s.Tensors+1, s.Bytes+int64(len(tensor.Data))
		sums[s.Type] = s
	}
	var list []TypeShare
	for _, s := range sums {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b TypeShare) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Type, b.Type))
	})
	return list
}

func vocabulary(c *checkpoint.Checkpoint) Tokenizer {
	tok, err := c.Tokenizer()
	if err != nil {
		return Tokenizer{Problem: err.Error()}
	}
	if err := chattemplate.Check(tok); err != nil {
		return Tokenizer{Problem: err.Error()}
	}
	info := c.Info()
	from := "tokenizer.json"
	if info.Tokenizer != "" {
		from = filepath.Base(info.Tokenizer)
	} else if info.Format == "GGUF" {
		from = filepath.Base(info.Files[0])
	}
	return Tokenizer{From: from, Version: tok.Version(), Tokens: tok.VocabSize()}
}

// filesOf lists a model's files by their paths from its folder: those the
// register knows, else those its headers name, else all that lie there.
func filesOf(e Entry) (folder string, names []string, err error) {
	folder = e.Path
	if stat, err := os.Stat(e.Path); err != nil {
		return "", nil, err
	} else if !stat.IsDir() {
		folder = filepath.Dir(e.Path)
	}
	for name := range e.Files {
		names = append(names, name)
	}
	if len(names) == 0 {
		if names, err = named(e, folder); err != nil {
			return "", nil, err
		}
	}
	slices.Sort(names)
	return folder, names, nil
}

// named are the files that belong to a model by its headers, or where these
// cannot be read, all files of the folder.
func named(e Entry, folder string) (names []string, err error) {
	c, err := checkpoint.OpenWith(e.Path, checkpoint.Options{MMProj: e.MMProj})
	if err != nil {
		return all(e.Path, folder)
	}
	defer c.Close()
	info := c.Info()
	paths := append(info.Files, info.Tokenizer, info.SystemPrompt)
	if info.Format == "safetensors" {
		for _, beside := range []string{"config.json", "params.json", "model.safetensors.index.json", "tokenizer.json"} {
			paths = append(paths, filepath.Join(folder, beside))
		}
	}
	for _, path := range paths {
		if stat, err := os.Stat(path); path == "" || err != nil || !stat.Mode().IsRegular() {
			continue
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return nil, err
		}
		names = append(names, filepath.ToSlash(name))
	}
	return names, nil
}

func all(path, folder string) (names []string, err error) {
	if path != folder {
		return []string{filepath.Base(path)}, nil
	}
	list, err := os.ReadDir(folder)
	for _, item := range list {
		if item.Type().IsRegular() && item.Name()[0] != '.' {
			names = append(names, item.Name())
		}
	}
	return names, err
}
