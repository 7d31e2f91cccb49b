package library

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path"
	"strings"

	"sirocco/assets"
)

// Catalogue is what can be fetched: assets/catalog.json, or a file of the same
// form.
type Catalogue struct {
	Hub    string    `json:"hub"` // scheme and host
	Models []Product `json:"models"`
}

// Product is one model that can be fetched.
type Product struct {
	Name       string    `json:"name"`
	Title      string    `json:"title"`
	About      string    `json:"about"` // whom it is for
	Bytes      int64     `json:"bytes"` // roughly, for people; the hub says exactly
	Repository string    `json:"repository"`
	Revision   string    `json:"revision"`
	Files      []Publish `json:"files"`
	// Published are files of the same model that are not fetched, for verify.
	Published []Publish `json:"published"`
	// Weights is how the published 24B's weights are stored, as model.Synthetic names
	// types, so that its memory can be planned before any file is here; "" is another.
	Weights string `json:"weights"`
}

// Publish is what is published of a file; size and hash only where they are
// known for certain.
type Publish struct {
	Path     string `json:"path"`
	Size     int64  `json:"size"`
	SHA256   string `json:"sha256"`
	Optional bool   `json:"optional"`
}

// OpenCatalogue reads a catalogue; "" is the one SIROCCO_CATALOG names, else the
// embedded one. SIROCCO_HUB is a mirror in place of its hub.
func OpenCatalogue(file string) (Catalogue, error) {
	file = cmp.Or(file, os.Getenv("SIROCCO_CATALOG"))
	data, what := assets.Catalogue, "the embedded catalogue"
	if file != "" {
		var err error
		if data, err = os.ReadFile(file); err != nil {
			return Catalogue{}, fmt.Errorf("reading the catalogue: %w", err)
		}
		what = file
	}
	var c Catalogue
	if err := json.Unmarshal(data, &c); err != nil {
		return c, fmt.Errorf("reading the catalogue in %s: %w", what, err)
	}
	c.Hub = cmp.Or(os.Getenv("SIROCCO_HUB"), c.Hub)
	if err := c.check(); err != nil {
		return c, fmt.Errorf("reading the catalogue in %s: %w", what, err)
	}
	return c, nil
}

func (c Catalogue) check() error {
	if len(c.Models) == 0 {
		return fmt.Errorf("it lists no models")
	}
	for _, p := range c.Models {
		switch {
		case !isName.MatchString(p.Name):
			return fmt.Errorf("%q cannot be a model's name", p.Name)
		case p.Repository == "" || p.Revision == "" || len(p.Files) == 0:
			return fmt.Errorf("%s lacks repository, revision or files", p.Name)
		}
	}
	return nil
}

// Product finds a model by name; "" is the first one, the default.
func (c Catalogue) Product(name string) (Product, error) {
	if name == "" {
		return c.Models[0], nil
	}
	var names []string
	for _, p := range c.Models {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Product{}, fmt.Errorf("there is no model called %q to fetch; there are %s", name, strings.Join(names, ", "))
}

// address is where the hub keeps a file.
func (p Product) address(hub, file string) (string, error) {
	base, err := url.Parse(hub)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return "", fmt.Errorf("the hub %q is no address such as https://example.org", hub)
	}
	return base.JoinPath(p.Repository, "resolve", p.Revision, file).String(), nil
}

// published finds what is published of a file of this name and length.
func (c Catalogue) published(name string, size int64) (Product, Publish, bool) {
	for _, product := range c.Models {
		for _, list := range [][]Publish{product.Files, product.Published} {
			for _, f := range list {
				if path.Base(f.Path) == name && f.SHA256 != "" && (f.Size == size || f.Size == 0) {
					return product, f, true
				}
			}
		}
	}
	return Product{}, Publish{}, false
}
