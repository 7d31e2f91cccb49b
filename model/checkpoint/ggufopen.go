package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"sirocco/model/checkpoint/gguf"
	"sirocco/model/config"
)

// open maps the files and checks that they hold the model that their metadata describes.
func (g *ggufModel) open() (*Checkpoint, error) {
	c := &Checkpoint{info: Info{Folder: filepath.Dir(g.path), Format: "GGUF", Layout: "llama.cpp", Notices: g.notices}}
	if err := c.loadGGUF(g); err != nil {
		if closing := c.Close(); closing != nil {
			err = fmt.Errorf("%w; %w", err, closing)
		}
		return nil, err
	}
	beside := folder{dir: c.info.Folder}
	c.info.Tokenizer, c.info.SystemPrompt = beside.beside("tekken.json"), beside.beside("SYSTEM_PROMPT.txt")
	return c, nil
}

func (c *Checkpoint) loadGGUF(g *ggufModel) (err error) {
	if c.gguf, err = c.mapGGUF(g.path); err != nil {
		return err
	}
	if c.cfg, err = config.FromGGUF(c.gguf); err != nil {
		return fmt.Errorf("%s: %w", g.path, err)
	}
	c.cfg.Name = c.ggufTitle(g.path)
	if err := c.mapParts(g); err != nil {
		return err
	}
	from := origin{g.path, "its metadata", llamaNames}
	if c.cfg.Vision == nil {
		err = c.mapVision(g)
	} else if from.names, c.info.Layout = ollamaNames, "Ollama"; g.mmproj != "" {
		err = fmt.Errorf("%s holds its own vision tower; leave --mmproj out", g.path)
	}
	if err != nil {
		return err
	}
	stored, err := new(folder).collect(c.files)
	if err != nil {
		return err
	}
	// Vision files repeat the embedding of [IMG_BREAK]. Row 12 of the embedding table is the same and is used in every layout.
	delete(stored, "v.token_embd.img_break")
	if _, scaled := stored["rope_freqs.weight"]; scaled {
		return fmt.Errorf("%s: tensor rope_freqs.weight scales the rotary positions; only unscaled ones are supported", g.path)
	}
	return c.bind(from, stored)
}

// mapGGUF maps a file and returns its header.
func (c *Checkpoint) mapGGUF(path string) (header *gguf.File, err error) {
	err = c.mapFile(path, func(r io.ReaderAt, size int64) ([]entry, error) {
		var err error
		if header, err = gguf.Read(r, size); err != nil {
			return nil, err
		}
		entries := make([]entry, len(header.Tensors))
		for i, t := range header.Tensors {
			entries[i] = entry{name: t.Name, dtype: Type(t.Type.String()), shape: t.Shape, begin: t.Begin, end: t.End}
		}
		return entries, nil
	})
	return header, err
}

// mapParts maps the other parts of a split model and checks that they are the ones they should be.
func (c *Checkpoint) mapParts(g *ggufModel) error {
	paths, err := g.parts(c.gguf)
	if err != nil {
		return err
	}
	tensors := len(c.gguf.Tensors)
	for n, path := range paths {
		part := c.gguf
		if n > 0 {
			if part, err = c.mapGGUF(path); err != nil {
				return err
			}
			tensors += len(part.Tensors)
		}
		if err := isPart(part, n, len(paths)); err != nil {
			return fmt.Errorf("%s: %w; the parts are of different models or have been renamed", path, err)
		}
	}
	if value, ok := c.gguf.Get("split.tensors.count"); ok && len(paths) > 1 {
		if n, ok := value.Int(); !ok || n != int64(tensors) {
			return fmt.Errorf("%s: split.tensors.count is %s but the %d parts hold %d tensors; fetch them again", g.path, value, len(paths), tensors)
		}
	}
	return nil
}

// isPart checks what a part says of itself: split.no counts from 0.
func isPart(part *gguf.File, n, count int) error {
	for _, field := range []struct {
		key       string
		want, not int64 // not: what an absent key means
	}{{"split.no", int64(n), 0}, {"split.count", int64(count), 1}} {
		got := field.not
		if value, ok := part.Get(field.key); ok {
			if got, ok = value.Int(); !ok {
				return fmt.Errorf("%s is %s, not a whole number", field.key, value)
			}
		}
		if got != field.want && !(field.key == "split.count" && count == 1) {
			return fmt.Errorf("%s is %d where %d is expected", field.key, got, field.want)
		}
	}
	return nil
}

// NoVision, in place of a vision file's path, leaves the one beside a model out.
const NoVision = "none"

// mapVision maps the file with the vision tower: the one asked for, else the only one beside the model that fits it.
func (c *Checkpoint) mapVision(g *ggufModel) error {
	path := g.mmproj
	if path == NoVision {
		c.notice("the vision file is left out as asked, so pictures are not possible")
		return nil
	}
	if path == "" {
		fitting := c.fitting(g.visions)
		switch len(fitting) {
		case 0:
			c.notice("%s holds the text model alone, so pictures are not possible; put its vision file (mmproj) beside it or name one with --mmproj", filepath.Base(g.path))
			return nil
		case 1:
			path = fitting[0]
		default:
			return fmt.Errorf("%s has %d vision files beside it that fit: %s; name one with --mmproj", g.path, len(fitting), list(bases(fitting)))
		}
	}
	header, err := c.mapGGUF(path)
	if err != nil {
		return err
	}
	if c.cfg.Vision, err = config.FromMMProj(header, c.cfg.Text); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if c.cfg.Vision.Activation == config.GELU {
		c.notice("%s asks for GELU in the vision tower, which is followed; Mistral's own models use SiLU, and some early conversions have it wrong: if pictures are misread, fetch a newer one", filepath.Base(path))
	}
	return nil
}

// fitting are the vision files that belong to a text model of this width.
func (c *Checkpoint) fitting(paths []string) (fitting []string) {
	for _, path := range paths {
		m, err := mapFile(path, func(r io.ReaderAt, size int64) ([]entry, error) {
			header, err := gguf.Read(r, size)
			if err == nil {
				_, err = config.FromMMProj(header, c.cfg.Text)
			}
			if err == nil && !hasMerger(header) {
				err = errors.New("it is the vision file of a model without a patch merger, as Pixtral 12B")
			}
			return nil, err
		})
		if err != nil {
			c.notice("%s is left alone: %v", filepath.Base(path), err)
			continue
		}
		fitting = append(fitting, path)
		if err := m.close(); err != nil {
			c.notice("closing %s: %v", path, err)
		}
	}
	return fitting
}

// hasMerger reports whether a vision file has what joins the patches of Mistral Small's
// pictures. A file of another model may have the same widths.
func hasMerger(header *gguf.File) bool {
	for _, t := range header.Tensors {
		if strings.HasPrefix(t.Name, "mm.patch_merger.") {
			return true
		}
	}
	return false
}

// ggufTitle is what people call the model: the name in the file, else that of the file.
func (c *Checkpoint) ggufTitle(path string) string {
	if name := c.gguf.Text("general.name"); name != "" && utf8.ValidString(name) {
		return clip(name)
	}
	return strings.TrimSuffix(filepath.Base(path), ".gguf")
}
