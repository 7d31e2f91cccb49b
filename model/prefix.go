package model

import (
	"sirocco/model/chattemplate"
	"sirocco/model/imageproc"
)

// prefix remembers what the key and value cache holds, so that the next turn of
// a conversation reads only what is new.
type prefix struct {
	ids      []int32
	pictures []imagePosition
}

// imagePosition is a picture at a place of the sequence.
type imagePosition struct {
	start int
	key   imageproc.Key
}

// of describes a prompt as the cache will hold it.
func prefixOf(p *chattemplate.Prompt) prefix {
	out := prefix{ids: p.IDs}
	for _, image := range p.Images {
		out.pictures = append(out.pictures, imagePosition{image.Start, imageproc.KeyOf(image.Image.Data)})
	}
	return out
}

// common is how many leading tokens of next are the same, pictures included.
// [IMG] ids are the same for every picture, so a prefix ends at the first
// picture that differs.
func (p prefix) common(next prefix) int {
	n := 0
	for n < len(p.ids) && n < len(next.ids) && p.ids[n] == next.ids[n] {
		n++
	}
	for i, picture := range next.pictures {
		if picture.start >= n {
			break
		}
		if i >= len(p.pictures) || p.pictures[i] != picture {
			return picture.start
		}
	}
	return n
}

// first is the prefix of the first n tokens.
func (p prefix) first(n int) prefix {
	out := prefix{ids: p.ids[:n]}
	for _, picture := range p.pictures {
		if picture.start < n {
			out.pictures = append(out.pictures, picture)
		}
	}
	return out
}
