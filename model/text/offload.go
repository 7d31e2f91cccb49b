package text

import "sirocco/gpu"

// A card that has no room for all layers keeps the first ones; the others stay in
// memory of the host and come to the device on every pass, into the slots of a
// ring. That is part of the recorded program: nothing is left for the processor to
// do, and the kernels know nothing of it.

// ringBuffers is how many layers of the host are on the device at once: one being
// computed with, one on its way.
const ringBuffers = 2

// OffloadRing says which of the layers of the host share a slot, in their order.
func OffloadRing(hosted int) (slots [][]int) {
	slots = make([][]int, min(ringBuffers, hosted))
	for i := range hosted {
		slots[i%ringBuffers] = append(slots[i%ringBuffers], i)
	}
	return slots
}

// shareBuffers gives the layers from the first hosted one on their slots.
func (t *tables) shareBuffers(device *gpu.Device, first int) error {
	layers := t.layers[first:]
	for i := range layers {
		for _, m := range layers[i].matrices() {
			layers[i].offloaded = append(layers[i].offloaded, *m)
			*m = nil
		}
	}
	for _, sharing := range OffloadRing(len(layers)) {
		for which := range Stacks(0) {
			var hosted []*gpu.Matrix
			for _, i := range sharing {
				hosted = append(hosted, layers[i].offloaded[which])
			}
			slots, err := gpu.NewOffloadBuffers(device, "layer of the host", hosted)
			if err != nil {
				return err
			}
			for j, i := range sharing {
				*layers[i].matrices()[which] = slots[j]
			}
		}
	}
	return nil
}

// upload records what layer i needs to be on the device, and the layer behind it,
// which a device that can do both brings while it computes.
func (t *tables) upload(r *gpu.Recorder, i int) {
	if t.layers[i].offloaded == nil {
		return
	}
	if i == 0 || t.layers[i-1].offloaded == nil {
		t.layers[i].upload(r)
	}
	if i+1 < len(t.layers) {
		t.layers[i+1].upload(r)
	}
}

func (b *layer) upload(r *gpu.Recorder) {
	for which, slot := range b.matrices() {
		r.CopyMatrix(*slot, b.offloaded[which])
	}
}
