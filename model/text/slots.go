package text

import "sirocco/gpu/op"

// pooled is how many conversations find room in one pool: keys, or values, of a
// layer for all of them are one binding.
func (d *Decoder) pooled(o Options) int {
	size := op.CacheBytes(d.heads, o.Context, op.CacheType(o.KV))
	return int(max(d.device.Limits().MaxBinding/max(size, 1), 1))
}

// newPools sets keys and values aside for all conversations.
func (d *Decoder) newPools(o Options) error {
	for left := max(o.Slots, 1); left > 0; left -= o.pooled {
		pool, err := newCache(d.device, d.config, d.heads, o, min(left, o.pooled))
		if err != nil {
			return err
		}
		d.pools = append(d.pools, pool)
	}
	d.cache = d.pools[0]
	return nil
}

// Others are the decoders of the further conversations that [Options] asks for.
// Each has its own keys, values and logits; weights, scratch and programs are those
// of all. Of a decoder and its others only one may compute at a time, or several in
// one pass (see [DecodeBatch]). Closing the first closes all.
func (d *Decoder) Others() (all []*Decoder) {
	slots := 0
	for _, pool := range d.pools {
		slots += pool.slots
	}
	for i := 1; i < slots; i++ {
		all = append(all, d.other(i))
	}
	return all
}

func (d *Decoder) other(i int) *Decoder {
	o := *d
	o.cache, o.slot = d.pools[i/d.pools[0].slots], i%d.pools[0].slots
	o.length, o.logits = 0, make([]float32, len(d.logits))
	if d.next != nil {
		o.next = d.next.other(i)
	}
	return &o
}
