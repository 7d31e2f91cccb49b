package text

// Another is a decoder of the same weights for another conversation. It has keys
// and values, logits and programs of its own and borrows the rest: of a decoder and
// its others only one may compute at a time, and the first one is closed last. Others
// end with Leave, not with Close.
func (d *Decoder) Another() (*Decoder, error) {
	other := empty(d.device, d.config)
	other.weights, other.scratch = d.weights, d.scratch
	other.follows, other.crossing = d.follows, d.crossing
	other.width, other.ids, other.places = d.width, d.ids, d.places
	o := Options{Context: d.cache.context, KV: "f32"}
	if d.cache.layers[0].Half {
		o.KV = "f16"
	}
	var err error
	if other.cache, err = newCache(d.device, d.config, d.heads, o); err == nil && d.next != nil {
		other.next, err = d.next.Another()
	}
	if err != nil {
		other.Leave()
		return nil, err
	}
	return other, nil
}

// Leave gives back what an other decoder has of its own.
func (d *Decoder) Leave() {
	for ; d != nil; d = d.next {
		for _, program := range d.step {
			program.Release()
		}
		if d.cache != nil {
			d.cache.release()
		}
	}
}
