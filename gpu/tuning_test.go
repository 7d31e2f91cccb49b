package gpu

import (
	"strings"
	"testing"
)

// The defaults of every kind of adapter are allowed, also where a workgroup has no more than WebGPU promises.
func TestDefaultTuning(t *testing.T) {
	for kind := Discrete; kind <= Software; kind++ {
		for _, memory := range []int{16 << 10, 32 << 10, 48 << 10} {
			a := Adapter{Kind: kind, Limits: Limits{WorkgroupInvocations: 256, WorkgroupMemory: memory}}
			k := DefaultTuning(a)
			if err := k.Check(a.Limits); err != nil {
				t.Errorf("%s, %d bytes: %v", kind, memory, err)
			}
			if tiles := k.For(Q4_K).Tile.From > 0; tiles != (kind != Software) {
				t.Errorf("%s: tiles %t", kind, tiles)
			}
		}
	}
}

// What a person wrote and no kernel has is named.
func TestWrongTuning(t *testing.T) {
	a := Adapter{Limits: Limits{WorkgroupInvocations: 256, WorkgroupMemory: 16 << 10}}
	for says, change := range map[string]func(*TuningParams){
		"quantised.vector": func(k *TuningParams) { k.Quantised.Vector.Lanes = 12 },
		"plain.tile":       func(k *TuningParams) { k.Plain.Tile.Depth = 24 },
		"takes more than":  func(k *TuningParams) { k.Plain.Tile = Tile{Rows: 8, Tokens: 8, Depth: 32, From: 9} },
		"attend":           func(k *TuningParams) { k.Attend.Group = 0 },
		"split":            func(k *TuningParams) { k.Split = 1 },
	} {
		k := DefaultTuning(a)
		change(&k)
		if err := k.Check(a.Limits); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
