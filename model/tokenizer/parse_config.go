package tokenizer

import (
	"errors"
	"fmt"
)

// maxSpecials and maxEntries bound what a file may ask for before anything is allocated. Real files have 1000
// special ids and 131,072 in all.
const (
	maxSpecials = 1 << 16
	maxEntries  = 1 << 24
)

// generation is the number of a version this package knows, else 0.
func generation(version string) int {
	return map[string]int{"v3": 3, "v7": 7, "v11": 11, "v13": 13}[version]
}

func (f *file) readConfig() error {
	c := fileConfig{vocab: -1, specials: -1}
	pattern := ""
	err := f.object(func(key []byte) (err error) {
		switch name := string(key); name {
		case "pattern":
			pattern, err = f.word()
		case "version":
			c.version, err = f.word()
		case "default_vocab_size":
			c.vocab, err = f.count(maxEntries)
		case "default_num_special_tokens":
			c.specials, err = f.count(maxSpecials)
		default:
			return f.skip()
		}
		return at(string(key), err)
	})
	if err != nil {
		return at("config", err)
	}
	f.config = &c
	return c.check(pattern)
}

func (c *fileConfig) check(pattern string) error {
	switch {
	case generation(c.version) == 0:
		return fmt.Errorf("config.version is %.40q; this program knows v3, v7, v11 and v13", c.version)
	case pattern != Pattern:
		return fmt.Errorf("config.pattern is not the split pattern this program knows (it begins %.40q)", pattern)
	case c.vocab < 0:
		return errors.New("config.default_vocab_size is missing")
	case c.specials < 0:
		return errors.New("config.default_num_special_tokens is missing")
	case c.entries() < 256:
		return fmt.Errorf("config.default_vocab_size is %d with %d special tokens, which leaves no room for the 256 single bytes", c.vocab, c.specials)
	}
	return nil
}

// readImage reads the block that says how pictures are cut. null and {} mean that there is none.
func (f *file) readImage(name string) error {
	if f.null() {
		return nil
	}
	image, empty := ImageConfig{Merge: 1}, true
	err := f.object(func(key []byte) (err error) {
		empty = false
		switch string(key) {
		case "image_patch_size":
			image.PatchSize, err = f.count(maxSpecials)
		case "max_image_size":
			image.MaxSize, err = f.count(maxSpecials)
		case "spatial_merge_size":
			image.Merge, err = f.count(maxSpecials)
		default:
			return f.skip()
		}
		return at(string(key), err)
	})
	if err != nil || empty {
		return at(name, err)
	}
	if image.PatchSize < 1 || image.MaxSize < 1 || image.Merge < 1 {
		return fmt.Errorf("%s needs image_patch_size, max_image_size and spatial_merge_size of 1 or more, has %d, %d and %d",
			name, image.PatchSize, image.MaxSize, image.Merge)
	}
	if !f.multimodal { // the reference lets multimodal win
		f.image, f.multimodal = &image, name == "multimodal"
	}
	return nil
}

// word reads a string.
func (r *reader) word() (string, error) {
	s, err := r.content()
	return string(s), err
}

// count reads a whole number of at most limit.
func (r *reader) count(limit int64) (int, error) {
	n, err := r.integer()
	if err == nil && n > limit {
		err = fmt.Errorf("%d is more than the %d this program allows", n, limit)
	}
	return int(n), err
}
