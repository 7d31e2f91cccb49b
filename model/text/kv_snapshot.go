package text

import (
	"fmt"
	"io"

	"sirocco/gpu"
	"sirocco/gpu/op"
)

// SnapshotBytes is what Save writes for n positions.
func (d *Decoder) SnapshotBytes(n int) (bytes int64) {
	for ; d != nil; d = d.next {
		bytes += 2 * int64(len(d.cache.layers)*d.heads.KV*n) * d.row()
	}
	return bytes
}

// Save writes the keys and values of positions from up to to, as the cache holds
// them: layer by layer, keys then values, head by head.
func (d *Decoder) Save(w io.Writer, from, to int) error {
	if from < 0 || to > d.length || from > to {
		return fmt.Errorf("keeping positions %d to %d of a conversation of %d tokens: they are not all there", from, to, d.length)
	}
	return d.rows(from, to, func(part stretch, row []byte) error {
		if err := part.tensor.Buffer.Read(row, part.offset); err != nil {
			return err
		}
		_, err := w.Write(row)
		return err
	})
}

// Restore reads what Save wrote for positions from up to to, which follow what the
// conversation holds; it then has to tokens.
func (d *Decoder) Restore(r io.Reader, from, to int) error {
	if from != d.length || to > d.cache.context || from > to {
		return fmt.Errorf("taking up positions %d to %d behind %d tokens in a context of %d: they do not fit", from, to, d.length, d.cache.context)
	}
	err := d.rows(from, to, func(part stretch, row []byte) error {
		if _, err := io.ReadFull(r, row); err != nil {
			return err
		}
		return part.tensor.Buffer.Write(part.offset, row)
	})
	if err != nil {
		return err
	}
	for ; d != nil; d = d.next {
		d.length = to
	}
	return nil
}

// row is what a position of one head takes, in bytes.
func (d *Decoder) row() int64 {
	return op.CacheBytes(d.heads, 1, d.cache.layers[0].Type) / int64(d.heads.KV)
}

// rows calls visit for each run of rows, of all stages; row has their length.
func (d *Decoder) rows(from, to int, visit func(part stretch, row []byte) error) error {
	row := make([]byte, int64(to-from)*d.row())
	for ; d != nil; d = d.next {
		for _, layer := range d.cache.layers {
			for _, run := range d.runs(layer, from) {
				if err := visit(run, row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// runs are where this conversation's keys and values of a layer begin that stand at
// a position: keys head by head, then values.
func (d *Decoder) runs(layer op.Cache, position int) []stretch {
	var keys, values []stretch
	for _, part := range layer.Parts {
		for head := range part.Heads {
			at := int64((d.slot*part.Heads+head)*layer.Context+position) * d.row()
			keys = append(keys, stretch{part.K, part.K.Offset + at})
			values = append(values, stretch{part.V, part.V.Offset + at})
		}
	}
	return append(keys, values...)
}

// stretch is where a run of rows lies.
type stretch struct {
	tensor gpu.Tensor
	offset int64
}
