package imageproc

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// testdata is written by tools/goldens/patch.py from mistral-common.
type golden struct {
	Grids    [][7]int // patch, longest, merge, width, height, columns, rows
	Pictures []struct {
		File      string
		Upright   [2]int
		Resized   [2]int
		Tokens    int
		MeanError float64 `json:"mean_error"` // > 0: only the mean is bounded
		Exact     bool
		Step      int       // distance of samples in [3, height, width]
		Samples   []float32 // normalised
	}
}

var pixtral = Rule{PatchSize: 14, MaxSize: 1540, Merge: 2}

func readGolden(t testing.TB) (g golden) {
	t.Helper()
	data, err := os.ReadFile("testdata/goldens.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func readPicture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGridsAreTheReferences(t *testing.T) {
	for _, g := range readGolden(t).Grids {
		rule := Rule{PatchSize: g[0], MaxSize: g[1], Merge: g[2]}
		unit := rule.PatchSize * rule.Merge
		want := Grid{Width: g[5] * unit, Height: g[6] * unit, Columns: g[5], Rows: g[6]}
		if got := rule.Grid(g[3], g[4]); got != want {
			t.Errorf("%+v of %d × %d: %+v, want %+v", rule, g[3], g[4], got, want)
		}
	}
}

// The worked examples of docs/model.md, 4.2.
func TestTokensOfWorkedExamples(t *testing.T) {
	for _, c := range [][3]int{{1, 1, 2}, {100, 50, 10}, {640, 480, 432}, {1540, 1540, 3080}, {4032, 3024, 2352}, {1541, 533, 1120}} {
		if got := pixtral.Grid(c[0], c[1]).Tokens(); got != c[2] {
			t.Errorf("%d × %d: %d tokens, want %d", c[0], c[1], got, c[2])
		}
	}
}

func TestPicturesAreTheReferences(t *testing.T) {
	worst, worstMean := 0.0, 0.0
	for _, g := range readGolden(t).Pictures {
		data := readPicture(t, g.File)
		info, err := Probe(data)
		if err != nil {
			t.Errorf("%s: %v", g.File, err)
			continue
		}
		p, err := Decode(data)
		if err != nil {
			t.Errorf("%s: %v", g.File, err)
			continue
		}
		if size := [2]int{p.Width, p.Height}; size != g.Upright || size != [2]int{info.Width, info.Height} {
			t.Errorf("%s: decoded %v, probed %d × %d, want %v", g.File, size, info.Width, info.Height, g.Upright)
			continue
		}
		patches, err := pixtral.Patches(p)
		if err != nil {
			t.Fatal(err)
		}
		if size := [2]int{patches.Width, patches.Height}; size != g.Resized || patches.Tokens() != g.Tokens {
			t.Errorf("%s: %v, %d tokens; want %v, %d", g.File, size, patches.Tokens(), g.Resized, g.Tokens)
			continue
		}
		largest, mean, at := distance(patches, g.Samples, g.Step)
		switch {
		case g.Exact && largest != 0:
			t.Errorf("%s: differs by %g at %d, want every bit equal", g.File, largest, at)
		case g.MeanError > 0 && mean > g.MeanError:
			t.Errorf("%s: mean error %.4f, want at most %.4f", g.File, mean, g.MeanError)
		case g.MeanError == 0 && largest > 2e-3:
			t.Errorf("%s: differs by %.5f at %d, want at most 0.002", g.File, largest, at)
		}
		if g.MeanError == 0 {
			worst = max(worst, largest)
		} else {
			worstMean = max(worstMean, mean)
		}
	}
	t.Logf("largest difference of the lossless %.6f; largest mean difference of the lossy %.5f", worst, worstMean)
}

// distance compares samples, every step-th value of [3, height, width].
func distance(p *Patches, want []float32, step int) (largest, mean float64, at int) {
	for i, w := range want {
		d := math.Abs(float64(value(p, i*step) - w))
		mean += d / float64(len(want))
		if d > largest {
			largest, at = d, i*step
		}
	}
	return largest, mean, at
}

// value finds element i of [3, height, width] among the patches.
func value(p *Patches, i int) float32 {
	side := pixtral.PatchSize
	c, y, x := i/(p.Width*p.Height), i/p.Width%p.Height, i%p.Width
	patch := y/side*(p.Width/side) + x/side
	return p.Data[((patch*3+c)*side+y%side)*side+x%side]
}
