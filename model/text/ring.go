package text

import "sirocco/gpu"

// A card that has no room for all layers keeps the first ones; the others stay in
// memory of the host and come to the device on every pass, into the slots of a
// ring. That is part of the recorded program: nothing is left for the processor to
// do, and the kernels know nothing of it.

// ringSlots is how many layers of the host are on the device at once: one being
// computed with, one on its way.
const ringSlots = 2

// Ring says which of the layers of the host share a slot, in their order.
func Ring(hosted int) (slots [][]int) {
	slots = make([][]int, min(ringSlots, hosted))
	for i := range hosted {
		slots[i%ringSlots] = append(slots[i%ringSlots], i)
	}
	return slots
}

// takeTurns gives the layers from the first hosted one on their slots.
func (t *tables) takeTurns(device *gpu.Device, first int) error {
	layers := t.layers[first:]
	for i := range layers {
		for _, m := range layers[i].matrices() {
			layers[i].hosted = append(layers[i].hosted, *m)
			*m = nil
		}
	}
	for _, sharing := range Ring(len(layers)) {
		for which := range Stacks(0) {
			var hosted []*gpu.Matrix
			for _, i := range sharing {
				hosted = append(hosted, layers[i].hosted[which])
			}
			slots, err := gpu.NewSlots(device, "layer of the host", hosted)
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

// bring records what layer i needs to be on the device, and the layer behind it,
// which a device that can do both brings while it computes.
func (t *tables) bring(r *gpu.Recorder, i int) {
	if t.layers[i].hosted == nil {
		return
	}
	if i == 0 || t.layers[i-1].hosted == nil {
		t.layers[i].bring(r)
	}
	if i+1 < len(t.layers) {
		t.layers[i+1].bring(r)
	}
}

func (b *layer) bring(r *gpu.Recorder) {
	for which, slot := range b.matrices() {
		r.CopyMatrix(*slot, b.hosted[which])
	}
}
