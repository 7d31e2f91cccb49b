package checkpoint

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sirocco/model/checkpoint/gguf"
)

// ggufModel is the choice among the GGUF files of a folder.
type ggufModel struct {
	path    string   // of the text model, its first part where it is split
	mmproj  string   // asked for by name, or ""
	visions []string // files beside it that hold a vision tower
	notices []string
}

// chooseGGUF looks whether a path is a GGUF file, or a folder that holds one and no safetensors model. It returns nil where
// it is neither; find then says what is wrong.
func chooseGGUF(path string, o Options) (*ggufModel, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return nil, nil
	}
	if !stat.IsDir() {
		if !isGGUF(path) {
			return nil, nil
		}
		return chooseFile(path, o)
	}
	names, err := fileNames(path)
	if err != nil || len(usable(names)) > 0 {
		return nil, err
	}
	texts, g, err := sortGGUF(path)
	if err != nil || g == nil {
		return nil, err
	}
	if len(texts) > 1 {
		return nil, fmt.Errorf("%s holds %d models: %s; give the path of one of these files", path, len(texts), list(bases(texts)))
	}
	g.path, g.mmproj = texts[0], o.MMProj
	return g, nil
}

// chooseFile takes the file named and looks for its vision tower beside it.
func chooseFile(path string, o Options) (*ggufModel, error) {
	g := &ggufModel{path: path, mmproj: o.MMProj}
	if _, beside, err := sortGGUF(filepath.Dir(path)); err == nil && beside != nil {
		g.visions = beside.visions
		// Other damaged files matter only where one of them is meant to be the tower.
		g.notices = slices.DeleteFunc(beside.notices, func(n string) bool { return !strings.Contains(strings.ToLower(n), "mmproj") })
	}
	part := splitName.FindStringSubmatch(filepath.Base(path))
	if part == nil || part[2] == "00001" {
		return g, nil
	}
	g.path = filepath.Join(filepath.Dir(path), part[1]+"-00001-of-"+part[3]+".gguf")
	if !isGGUF(g.path) {
		return nil, fmt.Errorf("%s is one part of a model and its first part, %s, is not beside it; fetch the rest of the model", path, filepath.Base(g.path))
	}
	return g, nil
}

// splitName is how the parts of a split model are called; the first group is what they have in common.
var splitName = regexp.MustCompile(`^(.*)-(\d{5})-of-(\d{5})\.gguf$`)

// sortGGUF looks into the GGUF files of a folder and tells text models from vision towers; later parts of split models are
// left out. Files that cannot be read are only a reason to fail where there is nothing else.
func sortGGUF(dir string) (texts []string, g *ggufModel, err error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	g = &ggufModel{}
	var broken []error
	for _, item := range list {
		path := filepath.Join(dir, item.Name())
		if !isGGUF(path) {
			continue
		}
		part := splitName.FindStringSubmatch(item.Name())
		word, err := architecture(path)
		switch {
		case err != nil:
			broken = append(broken, err)
		case word == "clip":
			g.visions = append(g.visions, path)
		case part == nil || part[2] == "00001":
			texts = append(texts, path)
		}
	}
	switch {
	case len(texts) > 0:
		for _, err := range broken {
			g.notices = append(g.notices, fmt.Sprintf("left alone: %v", err))
		}
		return texts, g, nil
	case len(broken) > 0:
		return nil, nil, broken[0]
	case len(g.visions) > 0:
		return nil, nil, fmt.Errorf("%s holds a vision file (%s) but no text model; fetch the rest of the model", dir, filepath.Base(g.visions[0]))
	}
	return nil, nil, nil
}

// isGGUF looks at the first four bytes.
func isGGUF(path string) bool {
	stat, err := os.Stat(path)
	if err != nil || !stat.Mode().IsRegular() {
		return false
	}
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	var start [4]byte
	_, err = io.ReadFull(file, start[:])
	return err == nil && gguf.Is(start[:])
}

func architecture(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return "", err
	}
	word, err := gguf.Architecture(file, stat.Size())
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return word, nil
}

// parts are the files of the text model, of which first is the header of the first. They must be those that the header and
// the names agree on.
func (g *ggufModel) parts(first *gguf.File) ([]string, error) {
	count := 1
	if value, ok := first.Get("split.count"); ok {
		n, ok := value.Int()
		if !ok || n < 0 || n > maxParts {
			return nil, fmt.Errorf("%s: split.count is %s, not a number of files that a model may have", g.path, value)
		}
		count = max(int(n), 1)
	}
	named, stem := 1, ""
	if part := splitName.FindStringSubmatch(filepath.Base(g.path)); part != nil {
		n, err := strconv.Atoi(part[3])
		if err != nil {
			return nil, err
		}
		named, stem = n, part[1]
	}
	switch {
	case named != count:
		return nil, fmt.Errorf("%s: split.count is %d but the file's name speaks of %d; the parts of a split model keep the names they came with (…-00001-of-%05d.gguf)", g.path, count, named, count)
	case count == 1:
		return []string{g.path}, nil
	}
	var paths, missing []string
	for n := range count {
		name := fmt.Sprintf("%s-%05d-of-%05d.gguf", stem, n+1, count)
		if paths = append(paths, filepath.Join(filepath.Dir(g.path), name)); !isGGUF(paths[n]) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s is one of %d parts, and %d of them are not beside it or hold nothing: %s; fetch the rest of the model", g.path, count, len(missing), list(missing))
	}
	return paths, nil
}

// maxParts is many times what models are split into: what a file says of others must not cost more than it is long.
const maxParts = 1024

func bases(paths []string) []string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = filepath.Base(path)
	}
	slices.Sort(names)
	return names
}
