package view

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"sirocco/app/pdf"
	"sirocco/app/view/i18n"
	"sirocco/model/imageproc"
)

// The largest files that are read into a question.
const (
	maxPicture = 100 << 20
	maxText    = 1 << 20
)

// Refusal is a file that was not taken, and why.
type Refusal struct{ Name, Reason string }

// gathered is what a drop, a paste or a dialog brought.
type gathered struct {
	items    []*Item
	models   []string // GGUF files and model folders
	refusals []Refusal
}

// gather reads files and the top level of folders. It touches the disk: not for
// the window's goroutine.
func gather(paths []string) gathered {
	var g gathered
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			g.refuse(path, err)
		case isModel(path, info):
			g.models = append(g.models, path)
		case info.IsDir():
			g.folder(path)
		default:
			g.file(path)
		}
	}
	return g
}

// folder takes the pictures and texts lying directly in a folder, by name. What
// is neither is passed over without a word, or the list would be long.
func (g *gathered) folder(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		g.refuse(dir, err)
		return
	}
	before := len(g.items)
	for _, entry := range entries {
		if entry.Type().IsRegular() && !strings.HasPrefix(entry.Name(), ".") {
			if item, err := readItem(filepath.Join(dir, entry.Name())); err == nil && item.Picture() {
				g.items = append(g.items, item)
			}
		}
	}
	if len(g.items) == before {
		g.refuse(dir, errors.New(i18n.T("there is no picture in this folder")))
	}
}

func (g *gathered) file(path string) {
	data, err := readFile(path)
	if err == nil && pdf.Is(data) {
		err = g.pages(filepath.Base(path), data)
	} else if err == nil {
		var item *Item
		if item, err = NewItem(filepath.Base(path), data); err == nil {
			g.items = append(g.items, item)
		}
	}
	if err != nil {
		g.refuse(path, err)
	}
}

// How many pages of a PDF are taken, and the longer side of each in pixels: as
// large as the real model sees a picture.
const (
	maxPages = 20
	pageSide = 1540
)

// pages takes a PDF's pages as pictures.
func (g *gathered) pages(name string, data []byte) error {
	if len(data) > maxPicture {
		return errors.New(i18n.T("the file is larger than 100 MB"))
	}
	drawn, total, err := pdf.Pages(data, maxPages, pageSide)
	if err != nil {
		return err
	}
	for i, page := range drawn {
		item, err := NewItem(i18n.T("%s, page %d", name, i+1), page)
		if err != nil {
			return err
		}
		g.items = append(g.items, item)
	}
	if total > maxPages {
		g.refusals = append(g.refusals, Refusal{Name: name, Reason: i18n.T("it has %d pages; the first %d were taken", total, maxPages)})
	}
	return nil
}

func (g *gathered) refuse(path string, err error) {
	var failed *os.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	g.refusals = append(g.refusals, Refusal{Name: filepath.Base(path), Reason: err.Error()})
}

// isModel recognises what belongs into the library and not into a question.
func isModel(path string, info os.FileInfo) bool {
	if !info.IsDir() {
		return strings.EqualFold(filepath.Ext(path), ".gguf")
	}
	for _, name := range []string{"params.json", "config.json"} {
		if _, err := os.Stat(filepath.Join(path, name)); err == nil {
			return true
		}
	}
	return false
}

// readItem reads one file: a picture by its content, or else text.
func readItem(path string) (*Item, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return NewItem(filepath.Base(path), data)
}

// readFile reads a file, no further than one byte beyond what is taken.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxPicture+1))
}

// NewItem makes an item of a file's bytes: a picture by its content, or else text.
func NewItem(name string, data []byte) (*Item, error) {
	if len(data) > maxPicture {
		return nil, errors.New(i18n.T("the file is larger than 100 MB"))
	}
	seen, note, err := imageproc.Viewable(data)
	var info imageproc.Info
	if err == nil {
		info, err = imageproc.Probe(seen)
	}
	if err == nil {
		return &Item{Name: name, data: seen, Info: info, Note: cmp.Or(note, info.Note)}, nil
	}
	if isText(data) && !strings.EqualFold(filepath.Ext(name), ".svg") {
		if len(data) > maxText {
			return nil, errors.New(i18n.T("the text is longer than 1 MB"))
		}
		return &Item{Name: name, Text: strings.ToValidUTF8(string(data), "\uFFFD")}, nil
	}
	return nil, err
}

// isText accepts UTF-8 without control characters but for white space.
func isText(data []byte) bool {
	if len(data) == 0 || !utf8.Valid(data) {
		return false
	}
	return !slices.ContainsFunc(data, func(b byte) bool {
		return b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f' && b != 0x1b
	})
}

// filePart is a text file as it stands in a question.
func filePart(f File) string {
	language := strings.TrimPrefix(filepath.Ext(f.Name), ".")
	fence := "```"
	for strings.Contains(f.Text, fence) {
		fence += "`"
	}
	return fmt.Sprintf("File `%s`:\n%s%s\n%s\n%s", f.Name, fence, language, strings.TrimRight(f.Text, "\n"), fence)
}

// parseFilePart reads what filePart wrote.
func parseFilePart(part string) (File, bool) {
	rest, ok := strings.CutPrefix(part, "File `")
	if !ok {
		return File{}, false
	}
	name, rest, ok := strings.Cut(rest, "`:\n```")
	if !ok {
		return File{}, false
	}
	_, body, ok := strings.Cut(rest, "\n")
	if !ok {
		return File{}, false
	}
	body = strings.TrimSuffix(strings.TrimRight(body, "`"), "\n")
	return File{Name: name, Text: body}, true
}
