package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sirocco/app/library"
)

// The library of whoever runs the tests is none of theirs.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sirocco-library-")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_DATA_HOME", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// hub serves one folder as a model hub does: hashes with a redirect, bytes from
// elsewhere.
func hub(t *testing.T, dir string) (catalogue string) {
	t.Helper()
	storage := httptest.NewServer(http.FileServer(http.Dir(dir)))
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.URL.Path, "/someone/breeze/resolve/main/")
		data, err := os.ReadFile(filepath.Join(dir, name))
		if !ok || err != nil {
			http.NotFound(w, r)
			return
		}
		sum := sha256.Sum256(data)
		w.Header().Set("X-Linked-Size", fmt.Sprint(len(data)))
		w.Header().Set("X-Linked-Etag", hex.EncodeToString(sum[:]))
		http.Redirect(w, r, storage.URL+"/"+name, http.StatusFound)
	}))
	t.Cleanup(storage.Close)
	t.Cleanup(front.Close)
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var files []library.Publish
	for _, item := range list {
		files = append(files, library.Publish{Path: item.Name()})
	}
	data, err := json.Marshal(library.Catalogue{Hub: front.URL, Models: []library.Product{{
		Name: "fetched", Title: "The miniature, from a hub", Repository: "someone/breeze", Revision: "main", Files: files,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	catalogue = filepath.Join(t.TempDir(), "catalog.json")
	if err := os.WriteFile(catalogue, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return catalogue
}

// From a hub into the library, verified, described, and found by --model; then
// damaged, found damaged, and repaired by pulling again.
func TestPullVerifyShow(t *testing.T) {
	dir := miniature(t)
	catalogue := CatalogueFlags{hub(t, dir)}
	var out, errs bytes.Buffer
	s := &Streams{Out: &out, Err: &errs}
	fetch := ModelsPull{CatalogueFlags: catalogue, Parallel: 2}
	if err := fetch.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	choice, err := library.Resolve("")
	if err != nil || choice.Name != "fetched" {
		t.Fatalf("the first model fetched is not the current one: %+v, %v", choice, err)
	}
	check := ModelsVerify{CatalogueFlags: catalogue, Name: "fetched"}
	if err := check.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "BAD") || !strings.Contains(out.String(), "as when it was fetched") {
		t.Errorf("verify says\n%s", &out)
	}
	damaged := filepath.Join(choice.Path, "consolidated.safetensors")
	data, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(damaged, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := check.Run(t.Context(), s); err == nil || !strings.Contains(err.Error(), "1 of") || !strings.Contains(out.String(), "BAD") {
		t.Errorf("a damaged file: %v\n%s", err, &out)
	}
	if err := fetch.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := check.Run(t.Context(), s); err != nil {
		t.Errorf("after pulling again: %v\n%s", err, &out)
	}
}

// A pull that is stopped says how to go on.
func TestPullPaused(t *testing.T) {
	dir := miniature(t)
	var errs bytes.Buffer
	fetch := ModelsPull{CatalogueFlags: CatalogueFlags{hub(t, dir)}, Parallel: 1}
	paused, stop := context.WithCancel(t.Context())
	stop()
	if err := fetch.Run(paused, &Streams{Out: &errs, Err: &errs}); !errors.Is(err, context.Canceled) || !strings.Contains(errs.String(), "paused") {
		t.Errorf("got %v\n%s", err, &errs)
	}
	if models, _, _ := library.Default().Models(); len(models) > 0 {
		t.Errorf("an unfinished model is in the library: %+v", models)
	}
}

// A name that is taken is refused before anything is fetched.
func TestPullUnderTakenName(t *testing.T) {
	dir := miniature(t)
	var out bytes.Buffer
	s := &Streams{Out: &out, Err: &out}
	if err := (&ModelsAdd{Path: dir, Name: "fetched"}).Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	fetch := ModelsPull{CatalogueFlags: CatalogueFlags{hub(t, dir)}, Parallel: 1}
	if err := fetch.Run(t.Context(), s); err == nil || !strings.Contains(err.Error(), "--name") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(library.Default().Dir, "models")); err == nil {
		t.Error("something was fetched")
	}
}

// add, list, use, remove: what each says and does.
func TestModelsByHand(t *testing.T) {
	dir := miniature(t)
	var out, errs bytes.Buffer
	s := &Streams{Out: &out, Err: &errs}
	for _, run := range []func(*Streams) error{
		func(s *Streams) error { return (&ModelsAdd{Path: dir, Name: "toy"}).Run(t.Context(), s) },
		(&ModelsUse{Name: "breeze"}).Run,
		(&ModelsList{}).Run,
	} {
		if err := run(s); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"  toy", dir, "* breeze", "mistral-small-3.2-bf16", "48.0 GB"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the list lacks %q:\n%s", want, &out)
		}
	}
	out.Reset()
	if err := (&ModelsList{JSON: true}).Run(s); err != nil {
		t.Fatal(err)
	}
	var list listing
	if err := json.Unmarshal(out.Bytes(), &list); err != nil || len(list.Models) != 1 || len(list.Fetch) != 2 || list.Current != "breeze" {
		t.Errorf("the list as JSON: %v\n%s", err, &out)
	}
	if err := (&ModelsRemove{Name: "toy"}).Run(s); err != nil {
		t.Fatal(err)
	}
	if err := (&ModelsAdd{Path: t.TempDir()}).Run(t.Context(), s); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("adding an empty folder: %v", err)
	}
}

// A model can be packed into the library; what is registered is the copy.
func TestAddPacked(t *testing.T) {
	dir := miniature(t)
	var out bytes.Buffer
	s := &Streams{Out: &out, Err: &out}
	if err := (&ModelsAdd{Path: dir, Name: "small", Quantize: "q4", Keep: true}).Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	choice, err := library.Resolve("small")
	if err != nil {
		t.Fatal(err)
	}
	d, err := library.Describe(choice.Path, choice.MMProj)
	packed := func(t library.TypeShare) bool { return t.Type == "Q4_0" && t.Tensors > 20 }
	if err != nil || d.Format != "GGUF" || d.Vision == nil || !slices.ContainsFunc(d.Types, packed) {
		t.Errorf("%+v, %v", d, err)
	}
	if err := (&ModelsAdd{Path: dir, Quantize: "q4"}).Run(t.Context(), s); !errors.As(err, new(*UsageError)) {
		t.Errorf("--quantize without --keep: %v", err)
	}
}

// show describes a model in words and in JSON.
func TestModelsShow(t *testing.T) {
	var out bytes.Buffer
	s := &Streams{Out: &out, Err: &out}
	mixed := filepath.Join("..", "..", "model", "testdata", "tiny", "gguf-mixed")
	if err := (&ModelsShow{Model: mixed, KV: "f16", Quantize: "none"}).Run(s); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"GGUF as llama.cpp writes it, 2 files", "mmproj-tiny.gguf", "IQ4_XS", "3 layers of 256", "patches of 14", "tiny.gguf, 1280 tokens"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("show lacks %q:\n%s", want, &out)
		}
	}
	out.Reset()
	if err := (&ModelsShow{Model: mixed, KV: "f16", Quantize: "none", JSON: true}).Run(s); err != nil {
		t.Fatal(err)
	}
	var object struct {
		Files library.Description `json:"files"`
	}
	if err := json.Unmarshal(out.Bytes(), &object); err != nil || object.Files.Layout != "llama.cpp" || object.Files.Vision == nil {
		t.Errorf("%v\n%s", err, &out)
	}
}

// miniature is the embedded model's folder, with a library of its own to put it into.
func miniature(t *testing.T) string {
	t.Helper()
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	dir, err := library.Miniature()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
