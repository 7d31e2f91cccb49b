package gpu

import (
	"strings"
	"testing"
)

// The defaults of every kind of adapter are allowed, also where a workgroup has no more than WebGPU promises.
func TestDefaultKnobs(t *testing.T) {
	for kind := Discrete; kind <= Software; kind++ {
		for _, memory := range []int{16 << 10, 32 << 10, 48 << 10} {
			a := Adapter{Kind: kind, Limits: Limits{WorkgroupInvocations: 256, WorkgroupMemory: memory}}
			k := DefaultKnobs(a)
			if err := k.Check(a.Limits); err != nil {
				t.Errorf("%s, %d bytes: %v", kind, memory, err)
			}
			if tiles := k.Of(Q4_K).Tile.From > 0; tiles != (kind != Software) {
				t.Errorf("%s: tiles %t", kind, tiles)
			}
		}
	}
}

// What a person wrote and no kernel has is named.
func TestWrongKnobs(t *testing.T) {
	a := Adapter{Limits: Limits{WorkgroupInvocations: 256, WorkgroupMemory: 16 << 10}}
	for says, change := range map[string]func(*Knobs){
		"quantised.vector": func(k *Knobs) { k.Quantised.Vector.Lanes = 12 },
		"plain.tile":       func(k *Knobs) { k.Plain.Tile.Depth = 24 },
		"takes more than":  func(k *Knobs) { k.Plain.Tile = Tile{Rows: 8, Tokens: 8, Depth: 32, From: 9} },
		"attend":           func(k *Knobs) { k.Attend.Group = 0 },
		"split":            func(k *Knobs) { k.Split = 1 },
	} {
		k := DefaultKnobs(a)
		change(&k)
		if err := k.Check(a.Limits); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
