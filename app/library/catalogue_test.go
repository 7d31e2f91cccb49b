package library

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The embedded catalogue: its default, and the official files, whose lengths add
// up to what is published.
func TestEmbeddedCatalogue(t *testing.T) {
	c, err := OpenCatalogue("")
	if err != nil {
		t.Fatal(err)
	}
	first, err := c.Product("")
	if err != nil || len(first.Files) != 2 || !strings.HasSuffix(first.Files[0].Path, "Q4_K_M.gguf") || first.Files[1].Path != "mmproj-F16.gguf" {
		t.Errorf("the default is %+v (%v)", first, err)
	}
	official, err := c.Product("mistral-small-3.2-bf16")
	if err != nil {
		t.Fatal(err)
	}
	var weights int64
	for _, f := range official.Files {
		if f.SHA256 != "" && len(f.SHA256) != 64 || f.SHA256 == "" && !f.Optional {
			t.Errorf("%s has the hash %q", f.Path, f.SHA256)
		}
		if strings.HasSuffix(f.Path, ".safetensors") {
			weights += f.Size
		}
	}
	// 48,022,722,560 bytes of data behind ten headers.
	if headers := weights - 48_022_722_560; headers < 0 || headers > 100_000 {
		t.Errorf("the shards have %d bytes", weights)
	}
	address, err := official.address(c.Hub, "tekken.json")
	if err != nil || !strings.HasSuffix(address, "/mistralai/Mistral-Small-3.2-24B-Instruct-2506/resolve/95a6d26c4bfb886c58daf9d3f7332c857cb27b43/tekken.json") || !strings.HasPrefix(address, "https://") {
		t.Errorf("the address is %s (%v)", address, err)
	}
}

// A catalogue and a hub of one's own come from the environment.
func TestCatalogueFromEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "catalog.json")
	const text = `{"hub": "https://one.test", "models": [{"name": "m", "repository": "r", "revision": "v", "files": [{"path": "f"}]}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SIROCCO_CATALOG", file)
	if c, err := OpenCatalogue(""); err != nil || c.Hub != "https://one.test" || c.Models[0].Name != "m" {
		t.Errorf("%+v, %v", c, err)
	}
	t.Setenv("SIROCCO_HUB", "https://two.test")
	if c, err := OpenCatalogue(""); err != nil || c.Hub != "https://two.test" {
		t.Errorf("%+v, %v", c, err)
	}
	for want, bad := range map[string]string{
		"no models": `{}`, "cannot be a model's name": `{"models": [{"name": "a/b"}]}`, "lacks": `{"models": [{"name": "a"}]}`, "unexpected": `{`,
	} {
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenCatalogue(""); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got %v, want %q", bad, err, want)
		}
	}
}
