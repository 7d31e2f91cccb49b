package model

import (
	"encoding/hex"
	"fmt"
	"io"

	"sirocco/model/chat"
)

// restoreKV fills the slot's cache from the request's file where that holds more of
// the prompt than the slot does. What cannot be read is said and read anew.
func (g *generation) restoreKV() error {
	if g.request.Resume == "" {
		return nil
	}
	file, err := g.openSnapshot()
	if err != nil {
		return err
	}
	defer file.file.Close()
	here := min(g.slot.cached.common(g.next), g.decoder.Len())
	there := min(file.prefix.common(g.next), len(g.next.ids)-1)
	if there <= here {
		return nil
	}
	if err := g.restore(file, there); err != nil {
		return g.emit(chat.Event{Kind: chat.KindNotice, Text: fmt.Sprintf("%s: %v; the rest is read anew", g.request.Resume, err)})
	}
	return nil
}

// restore puts the blocks into the cache that the first tokens need.
func (g *generation) restore(file *snapshotFile, tokens int) error {
	g.deviceLock.Lock()
	defer g.deviceLock.Unlock()
	g.decoder.Truncate(0)
	g.slot.cached = prefix{}
	for _, b := range file.blocks {
		if b.From >= tokens || b.To > g.decoder.Context() {
			break
		}
		if err := file.read(b, func(r io.Reader) error { return g.decoder.Restore(r, b.From, b.To) }); err != nil {
			return err
		}
		g.slot.cached = file.prefix.first(b.To)
	}
	return nil
}

func (g *generation) openSnapshot() (*snapshotFile, error) {
	return openSnapshotFile(g.request.Resume, g.fingerprint, g.decoder.SnapshotBytes)
}

// saveKV writes to the request's file what the cache holds beyond it. A disk that is
// full costs the file and not the answer.
func (g *generation) saveKV() error {
	if g.request.Resume == "" || g.slot == nil {
		return nil
	}
	file, err := g.openSnapshot()
	if err == nil {
		defer file.file.Close()
		err = g.append(file)
	}
	if err == nil {
		return nil
	}
	return g.emit(chat.Event{Kind: chat.KindNotice, Text: fmt.Sprintf("what was read could not be kept in %s: %v", g.request.Resume, err)})
}

// append adds a block of what the file lacks.
func (g *generation) append(file *snapshotFile) error {
	held := g.slot.cached
	from, err := file.truncate(file.prefix.common(held))
	to := min(len(held.ids), g.decoder.Len())
	if err != nil || from >= to {
		return err
	}
	head := snapshotHeader{Model: g.fingerprint, From: from, To: to, IDs: held.ids[from:to], Bytes: g.decoder.SnapshotBytes(to - from)}
	for _, picture := range held.pictures {
		if picture.start >= from && picture.start < to {
			head.Pictures = append(head.Pictures, snapshotImage{picture.start, hex.EncodeToString(picture.key[:])})
		}
	}
	g.deviceLock.Lock()
	defer g.deviceLock.Unlock()
	return file.add(head, func(w io.Writer) error { return g.decoder.Save(w, from, to) })
}
