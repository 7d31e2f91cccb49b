package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var errNoMap = errors.New("it has no weight_map that names a file for each tensor; fetch it again")

// readIndex reads which shard holds which tensor and checks that every shard
// is there. Shards are plain file names: an index cannot point outside its
// folder.
func (f *folder) readIndex(name string, names map[string]bool) error {
	path := filepath.Join(f.dir, name)
	data, err := readSmall(path, maxHeader)
	if err != nil {
		return err
	}
	var index struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(data, &index); err != nil || len(index.Map) == 0 {
		return fmt.Errorf("%s: %w", path, errNoMap)
	}
	shards := map[string]bool{}
	for tensor, shard := range index.Map {
		if filepath.Base(shard) != shard || strings.ContainsAny(shard, `/\`) || !strings.HasSuffix(shard, ".safetensors") {
			return fmt.Errorf("%s: tensor %q is said to be in %q, which is not the name of a safetensors file in this folder", path, clip(tensor), clip(shard))
		}
		shards[shard] = true
	}
	f.index, f.files = index.Map, slices.Sorted(maps.Keys(shards))
	return f.present(f.files, names, path)
}

// present says which of the wanted files are not in the folder.
func (f *folder) present(wanted []string, names map[string]bool, who string) error {
	var missing []string
	for _, name := range wanted {
		if !names[name] {
			missing = append(missing, clip(name))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("%s names %s that are not in the folder: %s; fetch the rest of the model", who, count(len(missing), "file"), list(missing))
}

var shardName = regexp.MustCompile(`^(.*-)(\d{5})-of-(\d{5})(\.safetensors)$`)

// checkShards stands in for a missing index: shards say how many they are.
// Without this, a model whose last shard is absent could pass for one that
// stores no output matrix.
func (f *folder) checkShards(names map[string]bool) error {
	part := shardName.FindStringSubmatch(f.files[0])
	if part == nil {
		return nil
	}
	total, err := strconv.Atoi(part[3])
	if err != nil {
		return err
	}
	if total > maxParts {
		return fmt.Errorf("%s says that it is one of %d files, more than any model has; give it the name it came with", filepath.Join(f.dir, f.files[0]), total)
	}
	var wanted []string
	for n := range total {
		wanted = append(wanted, fmt.Sprintf("%s%05d-of-%s%s", part[1], n+1, part[3], part[4]))
	}
	return f.present(wanted, names, filepath.Join(f.dir, f.files[0]))
}

// collect puts the tensors of all files into one table.
func (f *folder) collect(files []*mapped) (map[string]found, error) {
	stored := map[string]found{}
	for i, file := range files {
		for _, e := range file.entries {
			if where, named := f.index[e.name]; named && where != f.files[i] {
				continue // the index prefers another file's copy
			}
			if other, twice := stored[e.name]; twice {
				return nil, fmt.Errorf("tensor %q is in both %s and %s; keep the files of one model only", clip(e.name), other.file.path, file.path)
			}
			stored[e.name] = found{e, file}
		}
	}
	return stored, f.checkIndex(stored)
}

func (f *folder) checkIndex(stored map[string]found) error {
	var lost []string
	for name, file := range f.index {
		if _, ok := stored[name]; !ok {
			lost = append(lost, fmt.Sprintf("%s in %s", clip(name), clip(file)))
		}
	}
	if len(lost) == 0 {
		return nil
	}
	slices.Sort(lost)
	return fmt.Errorf("%s: the index lists %s that are not in the files it names: %s; the shards are from another model or incomplete",
		f.dir, count(len(lost), "tensor"), list(lost))
}
