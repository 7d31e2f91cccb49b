package library

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sirocco/app/library/pull"
	"sirocco/app/origin"
)

// Fetch says what to fetch, from where, and how.
type Fetch struct {
	Product Product
	Hub     string // the catalogue's, or a mirror
	Name    string // in the library; "" is the product's
	Folder  string // for the files; "" is one in the library's own folder
	Options pull.Options
}

// Pull fetches a model and registers it. Cancelling ctx pauses; calling it
// again goes on. See package pull for the events. Without a token in the options
// that of HF_TOKEN goes to the hub.
func (l Library) Pull(ctx context.Context, f Fetch) (Entry, error) {
	if f.Name == "" {
		f.Name = f.Product.Name
	}
	if f.Folder == "" {
		f.Folder = filepath.Join(l.Dir, "models", f.Name)
	}
	folder, err := filepath.Abs(f.Folder)
	if err != nil {
		return Entry{}, err
	}
	if err := l.Free(f.Name, folder); err != nil {
		return Entry{}, err
	}
	f.Options.Folder, f.Options.Files = folder, nil
	f.Options.Token = cmp.Or(f.Options.Token, os.Getenv(origin.TokenVariable))
	for _, file := range f.Product.Files {
		address, err := f.Product.address(f.Hub, file.Path)
		if err != nil {
			return Entry{}, err
		}
		f.Options.Files = append(f.Options.Files, pull.File{Name: file.Path, URL: address, Size: file.Size, SHA256: file.SHA256, Optional: file.Optional})
	}
	results, err := pull.Run(ctx, f.Options)
	if err != nil {
		return Entry{}, err
	}
	entry := f.entry(folder, results)
	return entry, l.Add(entry)
}

// Free checks, before anything is written into a folder, that a name can be had
// for it.
func (l Library) Free(name, folder string) error {
	if !isName.MatchString(name) || name == MiniatureName {
		return fmt.Errorf("%q cannot be a model's name here; choose another with --name", name)
	}
	r, err := l.read()
	if err != nil {
		return err
	}
	if at := r.index(name); at >= 0 && r.Models[at].Path != folder && filepath.Dir(r.Models[at].Path) != folder {
		return fmt.Errorf("there is already a model called %q, %s; choose another name with --name", name, r.Models[at].Path)
	}
	return nil
}

// entry is what the register keeps of a fetched model.
func (f Fetch) entry(folder string, results []pull.Result) Entry {
	e := Entry{Name: f.Name, Path: folder, Added: time.Now().UTC().Truncate(time.Second), Files: map[string]Record{}}
	revision := f.Product.Revision
	for _, r := range results {
		e.Files[r.Name] = Record{r.Size, r.SHA256, "fetched"}
		if r.Commit != "" {
			revision = r.Commit
		}
	}
	e.Source = f.Product.Repository + "@" + revision
	for _, r := range results { // one text model: the folder names it
		if strings.HasSuffix(r.Name, ".gguf") && !strings.Contains(strings.ToLower(r.Name), "mmproj") {
			e.Path = filepath.Join(folder, filepath.FromSlash(r.Name))
			break
		}
	}
	return e
}
