package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"sirocco/model/config"
)

// The published index of Mistral Small 3.2, rebuilt from the table of required
// tensors, has the published hash (docs/model.md, 1.4): every name, the order in which
// the ten shards were filled and the total size are right.
func TestPublishedIndex(t *testing.T) {
	const published = "664a049408e8694e5867312145b74b1971ad5472061a1f176e0806dec9b3d21c"
	shards := []int{246, 37, 43, 37, 37, 43, 37, 37, 43, 25}
	names, total := map[string]string{}, 0
	for i, need := range Required(small32(t)) {
		shard := 0
		for i >= shards[shard] {
			i -= shards[shard]
			shard++
		}
		names[need.spellings(hfNames)[0]] = fmt.Sprintf("model-%05d-of-%05d.safetensors", shard+1, len(shards))
		total += Tensor{Shape: need.Shape}.Elements() * BF16.Size()
	}
	text, err := json.MarshalIndent(map[string]any{
		"metadata": map[string]int{"total_size": total}, "weight_map": names,
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256(append(text, '\n'))
	if got := hex.EncodeToString(hash[:]); got != published {
		t.Errorf("hash %s of %d names and %d bytes, want %s of 585 and 48022722560", got, len(names), total, published)
	}
}

func small32(t *testing.T) config.Config {
	t.Helper()
	data, err := os.ReadFile("../config/testdata/mistral-small-3.2.params.json")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.ParseParams(data)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}
