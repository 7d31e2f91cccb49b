package text

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// The table equals transformers' float32 values, also at the last position the
// real model knows, where a table of double angles would be 5.5e-3 off.
func TestRopeTableEqualsTransformers(t *testing.T) {
	data, err := os.ReadFile("testdata/rope.json") // made by tools/goldens/rope.py
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Theta   float64 `json:"theta"`
		HeadDim int     `json:"head_dim"`
		Rows    []struct {
			Position int       `json:"position"`
			Cos      []float64 `json:"cos"`
			Sin      []float64 `json:"sin"`
		} `json:"rows"`
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	half := golden.HeadDim / 2
	for _, row := range golden.Rows {
		table := appendRotations(nil, row.Position, inverseFrequencies(golden.HeadDim, golden.Theta))
		worst := 0.0
		for i := range half {
			worst = max(worst, math.Abs(float64(table[2*i])-row.Cos[i]), math.Abs(float64(table[2*i+1])-row.Sin[i]))
		}
		if worst > 1e-6 {
			t.Errorf("position %d: off by %.2g", row.Position, worst)
		}
	}
}
