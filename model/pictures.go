package model

import (
	"context"

	"sirocco/model/chat"
	"sirocco/model/imageproc"
	"sirocco/model/vision"
)

// picturesLimit bounds the memory that encoded pictures may keep on the device:
// about twenty full-size ones of the real model.
const picturesLimit = 1 << 30

// pictures keeps the rows of pictures already encoded, so that the second
// question about a picture does not encode it again. The least recently used
// go first.
type pictures struct {
	cachedBytes map[imageproc.Key]*vision.Rows
	order       []imageproc.Key // least recently used first
	bytes       int64
	inUse       map[imageproc.Key]int // by answers that are reading their prompt
}

// rows returns the rows of the picture with this key and whether they were
// already there.
func (p *pictures) rows(ctx context.Context, key imageproc.Key, image *chat.Image, encode func(context.Context, *chat.Image) (*vision.Rows, error)) (*vision.Rows, bool, error) {
	if rows := p.cachedBytes[key]; rows != nil {
		p.touch(key)
		return rows, true, nil
	}
	rows, err := encode(ctx, image)
	if err != nil {
		return nil, false, err
	}
	if p.cachedBytes == nil {
		p.cachedBytes = map[imageproc.Key]*vision.Rows{}
	}
	p.cachedBytes[key] = rows
	p.order = append(p.order, key)
	p.bytes += rows.Bytes()
	return rows, false, nil
}

// use keeps a picture until done.
func (p *pictures) use(key imageproc.Key) {
	if p.inUse == nil {
		p.inUse = map[imageproc.Key]int{}
	}
	p.inUse[key]++
}

func (p *pictures) done(key imageproc.Key) {
	if p.inUse[key]--; p.inUse[key] == 0 {
		delete(p.inUse, key)
	}
}

// trim forgets the oldest pictures while they hold too much, but none that is in
// use.
func (p *pictures) trim(limit int64) {
	kept := p.order[:0]
	for _, key := range p.order {
		if p.bytes <= limit || p.inUse[key] > 0 {
			kept = append(kept, key)
			continue
		}
		p.bytes -= p.cachedBytes[key].Bytes()
		p.cachedBytes[key].Release()
		delete(p.cachedBytes, key)
	}
	p.order = kept
}

func (p *pictures) touch(key imageproc.Key) {
	for i, k := range p.order {
		if k == key {
			p.order = append(append(p.order[:i:i], p.order[i+1:]...), key)
			return
		}
	}
}

// encodePicture decodes a picture's file and runs it through the tower.
func (m *Model) encodePicture(ctx context.Context, image *chat.Image) (*vision.Rows, error) {
	picture, err := imageproc.Decode(image.Data)
	if err != nil {
		return nil, err
	}
	patches, err := m.rule.Patches(picture)
	if err != nil {
		return nil, err
	}
	return m.vision.Encode(ctx, patches)
}
