// Command licenses gathers the licences of everything that goes into the binary
// and writes assets/licenses.json.zst:
//
//	go run ./tools/licenses
//
// It asks `go list` which modules are linked on each system, with and without
// the window, and reads their licence files from the module cache. A licence it
// does not know, or one that would bind the program, ends it: a person is to
// look first. Open this file first; texts.go names licences, parts.go has what
// is no Go module.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"sirocco/app/notices"
)

const output = "assets/licenses.json.zst"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func run() error {
	modules, err := linked()
	if err != nil {
		return err
	}
	list := &notices.List{Texts: map[string]string{}}
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		m := modules[path]
		files, err := licenceFiles(m.Dir)
		if err != nil {
			return err
		}
		part := notices.Part{Name: m.Path, Version: m.Version, Kind: "module"}
		if err := add(list, part, files); err != nil {
			return err
		}
	}
	rest, err := others()
	if err != nil {
		return err
	}
	for _, other := range rest {
		if err := add(list, other.Part, other.files); err != nil {
			return err
		}
	}
	return write(list)
}

// module is what go list says of one.
type module struct{ Path, Version, Dir string }

// linked are the modules that any build of the program links.
func linked() (map[string]module, error) {
	modules := map[string]module{}
	for _, system := range []string{"linux", "windows", "darwin"} {
		for _, tags := range []string{"", "headless"} {
			list := exec.Command("go", "list", "-deps", "-tags", tags, "-json=Module", "./app/...", ".")
			list.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=1")
			list.Stderr = os.Stderr
			out, err := list.Output()
			if err != nil {
				return nil, fmt.Errorf("go list for %s: %w", system, err)
			}
			if err := collect(out, modules); err != nil {
				return nil, err
			}
		}
	}
	return modules, nil
}

func collect(out []byte, modules map[string]module) error {
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var pkg struct{ Module *module }
		if err := decoder.Decode(&pkg); err != nil {
			return err
		}
		if m := pkg.Module; m != nil && m.Version != "" { // ours has none
			modules[m.Path] = *m
		}
	}
	return nil
}

// licenceFiles are the texts in a module, wherever in it they lie.
func licenceFiles(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(path string, item os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.ToLower(item.Name())
		if item.IsDir() {
			if name == "testdata" || name == "_examples" || name == "examples" {
				return filepath.SkipDir
			}
			return nil
		}
		for _, start := range []string{"license", "licence", "copying", "notice", "unlicense"} {
			info, err := item.Info()
			if err != nil {
				return err
			}
			// Shorter ones only say where something is from.
			if strings.HasPrefix(name, start) && !strings.HasSuffix(name, ".go") && info.Size() > 200 {
				files = append(files, path)
			}
		}
		return nil
	})
	return files, err
}

// add puts a part and the texts of its files into the list.
func add(list *notices.List, part notices.Part, files []string) error {
	var names []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text := strings.TrimSpace(strings.ReplaceAll(string(data), "\r\n", "\n")) + "\n"
		key := keyOf(text)
		list.Texts[key] = text
		if !slices.Contains(part.Texts, key) {
			part.Texts = append(part.Texts, key)
		}
		name, err := identify(text)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", part.Name, file, err)
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(part.Texts) == 0 {
		return fmt.Errorf("%s %s has no licence file", part.Name, part.Version)
	}
	if part.License == "" {
		part.License = strings.Join(names, " AND ")
	}
	list.Parts = append(list.Parts, part)
	return nil
}

func write(list *notices.List) error {
	slices.SortStableFunc(list.Parts, func(a, b notices.Part) int { return strings.Compare(a.Name, b.Name) })
	data, err := json.Marshal(list)
	if err != nil {
		return err
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	packed := encoder.EncodeAll(data, nil)
	for _, p := range list.Parts {
		fmt.Printf("%-60s %-40s %s\n", p.Name, p.Version, p.License)
	}
	fmt.Printf("%s: %d parts, %d texts, %d bytes\n", output, len(list.Parts), len(list.Texts), len(packed))
	return os.WriteFile(output, packed, 0o644)
}
