package checkpoint_test

import (
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"sirocco/model/checkpoint"
	"sirocco/model/checkpoint/weightstest"
	"sirocco/model/config"
)

// Each case lies about one field of a header over eight bytes of data and names
// words that the complaint must hold.
var lies = []struct{ header, want string }{
	{`{"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}`, "breaks off"},
	{`[1]`, "not a JSON object"},
	{``, "not a JSON object"},
	{`{"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}} x`, "goes on"},
	{`{"a":7}`, `tensor "a": its description is 7`},
	{`{"a":{"shape":[4],"data_offsets":[0,8]}}`, `tensor "a": it has no proper dtype`},
	{`{"a":{"dtype":null,"shape":[4],"data_offsets":[0,8]}}`, "no proper dtype"},
	{`{"a":{"dtype":"BF17","shape":[4],"data_offsets":[0,8]}}`, `dtype "BF17" is unknown`},
	{`{"a":{"dtype":16,"shape":[4],"data_offsets":[0,8]}}`, "its dtype is 16"},
	{`{"a":{"dtype":"BF16","data_offsets":[0,8]}}`, "no proper shape"},
	{`{"a":{"dtype":"BF16","shape":[null],"data_offsets":[0,8]}}`, "no proper shape"},
	{`{"a":{"dtype":"BF16","shape":[5],"data_offsets":[0,8]}}`, "shape [5] needs more bytes than the file has"},
	{`{"a":{"dtype":"BF16","shape":[3],"data_offsets":[0,8]}}`, "needs 6 bytes but its data_offsets [0 8] span 8"},
	{`{"a":{"dtype":"BF16","shape":[-4],"data_offsets":[0,8]}}`, "its shape is [-4]"},
	{`{"a":{"dtype":"BF16","shape":[4.0],"data_offsets":[0,8]}}`, "its shape is [4.0]"},
	{`{"a":{"dtype":"BF16","shape":[4294967296,4294967296,4],"data_offsets":[0,8]}}`, "needs more bytes"},
	{`{"a":{"dtype":"BF16","shape":[18446744073709551615],"data_offsets":[0,8]}}`, "needs more bytes"},
	{`{"a":{"dtype":"BF16","shape":[9223372036854775808,0],"data_offsets":[0,0]}}`, "needs more bytes"},
	{`{"a":{"dtype":"BF16","shape":[18446744073709551616],"data_offsets":[0,8]}}`, "its shape is"},
	{`{"a":{"dtype":"BF16","shape":[1,1,1,1,1,1,1,1,4],"data_offsets":[0,8]}}`, "9 dimensions"},
	{`{"a":{"dtype":"BF16","shape":[4]}}`, "no proper data_offsets"},
	{`{"a":{"dtype":"BF16","shape":[4],"data_offsets":[0]}}`, "not a begin and an end"},
	{`{"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8,9]}}`, "not a begin and an end"},
	{`{"a":{"dtype":"BF16","shape":[4],"data_offsets":[8,0]}}`, "not a begin and an end"},
	{`{"a":{"dtype":"BF16","shape":[5],"data_offsets":[0,10]}}`, "beyond the 8 bytes"},
	{`{"a":{"dtype":"BF16","shape":[4],"data_offsets":[-8,0]}}`, "its data_offsets is [-8,0]"},
	{`{"a":{"dtype":"BF16","shape":[4],"data_offsets":[18446744073709551608,18446744073709551615]}}`, "beyond the 8 bytes"},
	{`{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}`, "describes 4 bytes of data but the file holds 8"},
	{`{"a":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]}}`, `4 bytes before tensor "a"`},
	{`{"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, `tensor "b" overlaps that of "a"`},
	{`{"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]},"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}}`, `"a" is listed twice`},
	{`{"a":{"dtype":"F4","shape":[15],"data_offsets":[0,8]}}`, "needs 8 bytes"},
	{`{` + strings.Repeat(`"`+strings.Repeat("n", 5000)+`":0,`, 1) + `}`, "nnn…"},
	{`{"a":` + strings.Repeat("[", 20000), "not JSON"},
}

func TestLyingHeaders(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "params.json", string(weightstest.ParamsJSON(weightstest.Small())))
	for _, lie := range lies {
		refused(t, dir, weightstest.File(lie.header, make([]byte, 8)), lie.want)
	}
}

func TestLyingLengths(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "params.json", string(weightstest.ParamsJSON(weightstest.Small())))
	length := func(n uint64) []byte { return append(binary.LittleEndian.AppendUint64(nil, n), "{}      "...) }
	refused(t, dir, nil, "too short")
	refused(t, dir, []byte("{}"), "too short")
	refused(t, dir, length(9), "the download is incomplete")
	refused(t, dir, length(100<<20), "the download is incomplete")
	refused(t, dir, length(100<<20+1), "more than the 104857600")
	refused(t, dir, length(1<<63), "more than the 104857600")
	refused(t, dir, length(1<<64-1), "more than the 104857600")
	refused(t, dir, length(8), "lacks") // an empty but proper file
	refused(t, dir, []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0"), "git lfs pull")
	refused(t, dir, []byte("<!DOCTYPE html><html>"), "web page")
	refused(t, dir, []byte("GGUF\x03\x00\x00\x00\x00\x00"), "GGUF")
	refused(t, dir, []byte("PK\x03\x04aaaaaaaaaa"), "zip archive")
}

// refused writes a file in place of the weights and wants a sentence that names
// it and holds the given words.
func refused(t *testing.T, dir string, file []byte, want string) {
	t.Helper()
	put(t, dir, "consolidated.safetensors", string(file))
	c, err := openFrugally(t, dir, want, len(file))
	if err == nil {
		c.Close()
		t.Errorf("accepted, want a sentence with %q", want)
	} else if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), dir) || len(err.Error()) > 2000 {
		t.Errorf("got %v\nwant a sentence with %q", err, want)
	}
}

// openFrugally opens a model and complains where that takes more memory than a few times what the files really hold: what a header says
// must not be set aside before it is known to be true.
func openFrugally(t *testing.T, path, what string, size int) (*checkpoint.Checkpoint, error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c, err := checkpoint.Open(path)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > uint64(1<<20+50*size) {
		t.Errorf("%s: %d bytes were allocated for a file of %d", what, took, size)
	}
	return c, err
}

// A download that stopped anywhere is refused, never misread.
func TestTruncatedAnywhere(t *testing.T) {
	dir := write(t, weightstest.Small(), weightstest.Options{})
	path := filepath.Join(dir, "consolidated.safetensors")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	places := []int{0, 7, 8, 100, 5000, len(whole) / 2, len(whole) - 1}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		places = append(places, random.IntN(len(whole)))
	}
	for _, keep := range places {
		refused(t, dir, whole[:keep], "again")
	}
	refused(t, dir, append(whole, 0), "again")
}

// Model-level faults: each changes the tensors or the files of a good folder.
func TestBrokenModels(t *testing.T) {
	for name, c := range map[string]struct {
		change func([]weightstest.Tensor) []weightstest.Tensor
		want   []string
	}{
		"missing": {func(ts []weightstest.Tensor) []weightstest.Tensor { return ts[1:] },
			[]string{"lacks 1 tensor that config.json asks for: vision_tower.patch_conv.weight"}},
		"most missing": {func(ts []weightstest.Tensor) []weightstest.Tensor { return ts[:3] },
			[]string{"lacks", "vision_tower.transformer.layers.0.attention.v_proj.weight", "and 3"}},
		"wrong shape": {func(ts []weightstest.Tensor) []weightstest.Tensor { ts[0].Shape = []int{16, 4, 3, 4}; return ts },
			[]string{"patch_conv.weight", "[16 4 3 4]", "[16 3 4 4]"}},
		"wrong type": {func(ts []weightstest.Tensor) []weightstest.Tensor { ts[0].Type = "I16"; return ts },
			[]string{"patch_conv.weight", "I16", "BF16, F16 and F32"}},
		"two spellings": {func(ts []weightstest.Tensor) []weightstest.Tensor {
			twin := ts[0]
			twin.Name = "model." + twin.Name
			return append(ts, twin)
		}, []string{`"vision_tower.patch_conv.weight"`, `"model.vision_tower.patch_conv.weight"`}},
		"a bias": {func(ts []weightstest.Tensor) []weightstest.Tensor {
			return append(ts, weightstest.Tensor{Name: "vision_tower.patch_conv.bias", Type: "BF16", Shape: []int{1}, Data: make([]byte, 2)})
		}, []string{"vision_tower.patch_conv.bias", "not supported"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cfg := weightstest.Small()
			put(t, dir, "config.json", string(weightstest.ConfigJSON(cfg)))
			tensors := c.change(weightstest.Tensors(cfg, weightstest.Options{Style: weightstest.HFOld}))
			put(t, dir, "model.safetensors", string(weightstest.Encode(tensors)))
			failsWith(t, dir, append(c.want, dir)...)
		})
	}
}

func TestBrokenShards(t *testing.T) {
	const index, first, second = "model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
	fresh := func() string {
		return write(t, weightstest.Small(), weightstest.Options{Style: weightstest.HFNew, Shards: 2})
	}
	dir := fresh()
	remove(t, dir, second)
	failsWith(t, dir, index, "1 file", second)
	remove(t, dir, index) // without the index, the shards' own names tell
	failsWith(t, dir, first, second)

	dir = fresh()
	remove(t, dir, index)
	open(t, dir)

	dir = fresh()
	editIndex(t, dir, func(m map[string]string) { m["model.language_model.norm.weight"] = first })
	failsWith(t, dir, "index lists 1 tensor", "model.language_model.norm.weight", first)

	dir = fresh()
	editIndex(t, dir, func(m map[string]string) { m["model.language_model.norm.weight"] = "../elsewhere.safetensors" })
	failsWith(t, dir, index, "../elsewhere.safetensors", "in this folder")

	dir = fresh()
	put(t, dir, index, `{"weight_map": {}}`)
	failsWith(t, dir, index, "weight_map")
	put(t, dir, index, `{"weight_map": 7}`)
	failsWith(t, dir, index, "weight_map")

	dir = fresh() // the same tensors twice, and nothing to say which counts
	remove(t, dir, index)
	copyFile(t, filepath.Join(dir, first), filepath.Join(dir, second))
	failsWith(t, dir, "is in both", first, second)
}

// A name that speaks of very many shards is not believed, and costs nothing.
func TestVeryManyShards(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "config.json", string(weightstest.ConfigJSON(weightstest.Small())))
	put(t, dir, "model-00001-of-99999.safetensors", "")
	if _, err := openFrugally(t, dir, "one of 99999", 0); err == nil || !strings.Contains(err.Error(), "one of 99999 files") {
		t.Errorf("got %v", err)
	}
}

func TestWrongFolders(t *testing.T) {
	dir := t.TempDir()
	failsWith(t, dir, dir, "is empty", "params.json")
	failsWith(t, filepath.Join(dir, "absent"), "absent", "give the folder")
	put(t, dir, "notes.txt", "hello")
	failsWith(t, dir, "holds no model")
	failsWith(t, filepath.Join(dir, "notes.txt"), "is no GGUF file")
	put(t, dir, "pytorch_model.bin", "PK")
	failsWith(t, dir, "PyTorch")
	put(t, dir, "model.gguf", "<html>")
	failsWith(t, dir, "do not begin with GGUF")
	put(t, dir, "model.gguf", "GGUF")
	failsWith(t, dir, "model.gguf", "too short for a GGUF header")
	remove(t, dir, "model.gguf")
	put(t, dir, "consolidated.safetensors", "")
	failsWith(t, dir, "no params.json")
	put(t, dir, "params.json", `{"dim": "wide"}`)
	failsWith(t, dir, filepath.Join(dir, "params.json"), `dim is "wide"`)
	put(t, dir, "params.json", strings.Repeat(" ", 1<<20+1))
	failsWith(t, dir, "params.json", "1048577 bytes")
}

// However a configuration lies about sizes, opening answers with a sentence.
func TestConfigAgainstWeights(t *testing.T) {
	for _, lie := range []func(*config.Config){
		func(c *config.Config) { c.Text.Layers = 1024 },
		func(c *config.Config) { c.Text.Dim *= 2 },
		func(c *config.Config) { c.Text.Heads = 1024; c.Text.HeadDim = 1024; c.Text.FFN = 1 << 20 },
		func(c *config.Config) { c.Text.Vocab = 1 << 21 },
		func(c *config.Config) { c.Vision.Layers = 1024 },
		func(c *config.Config) { c.Vision.PatchSize = 8 },
		func(c *config.Config) { c.Vision.ProjectorBias = true },
	} {
		dir := write(t, weightstest.Small(), weightstest.Options{})
		cfg := weightstest.Small()
		lie(&cfg)
		put(t, dir, "params.json", string(weightstest.ParamsJSON(cfg)))
		failsWith(t, dir, dir, "params.json")
	}
}

// Fewer layers than stored is a smaller model: it opens, and the rest is named.
func TestFewerLayersThanStored(t *testing.T) {
	dir := write(t, weightstest.Small(), weightstest.Options{})
	cfg := weightstest.Small()
	cfg.Text.Layers = 1
	put(t, dir, "params.json", string(weightstest.ParamsJSON(cfg)))
	if got := open(t, dir).Info().Notices; len(got) != 1 || !strings.Contains(got[0], "9 tensors not used") {
		t.Errorf("got %q", got)
	}
}

func failsWith(t *testing.T, dir string, want ...string) {
	t.Helper()
	c, err := checkpoint.Open(dir)
	if err == nil {
		c.Close()
		t.Errorf("accepted, want a sentence with %q", want)
		return
	}
	for _, words := range want {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("got %v\nwant a sentence with %q", err, words)
		}
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func editIndex(t *testing.T, dir string, edit func(map[string]string)) {
	t.Helper()
	path := filepath.Join(dir, "model.safetensors.index.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		t.Fatal(err)
	}
	edit(index.Map)
	if data, err = json.Marshal(index); err != nil {
		t.Fatal(err)
	}
	put(t, dir, filepath.Base(path), string(data))
}
