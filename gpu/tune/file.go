package tune

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"sirocco/gpu"
	"sirocco/shaders"
)

// Entry is what was found for an adapter.
type Entry struct {
	Adapter  string           `json:"adapter"`
	Backend  string           `json:"backend"`
	Driver   string           `json:"driver"`
	Kernels  string           `json:"kernels"` // [shaders.Version]
	Date     string           `json:"date"`
	Seconds  float64          `json:"seconds"` // that measuring took
	Tuning   gpu.TuningParams `json:"knobs"`
	Measured []Figure         `json:"measured"`
}

// Figure is one candidate.
type Figure struct {
	Param    string  `json:"knob"`
	Shape    string  `json:"shape"`
	Seconds  float64 `json:"seconds"`
	Selected bool    `json:"chosen,omitempty"`
}

// of tells whether an entry was measured on an adapter, with its driver and with the kernels of this program.
func (e Entry) of(a gpu.Adapter) bool {
	return e.Adapter == a.Name && e.Backend == a.Backend && e.Driver == a.Driver && e.Kernels == shaders.Version()
}

// Find looks an adapter up in a file. A file that is missing, broken or has other limits in mind holds nothing.
func Find(path string, a gpu.Adapter) (Entry, bool) {
	all, err := read(path)
	if err != nil {
		return Entry{}, false
	}
	i := slices.IndexFunc(all, func(e Entry) bool { return e.of(a) && e.Tuning.Check(a.Limits) == nil })
	if i < 0 {
		return Entry{}, false
	}
	return all[i], true
}

// Save writes an entry over what the file has for the same adapter. The file is whole at any moment.
func Save(path string, e Entry) error {
	all, _ := read(path) // what is broken is written anew
	all = slices.DeleteFunc(all, func(o Entry) bool { return o.Adapter == e.Adapter && o.Backend == e.Backend })
	all = append(all, e)
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Adapter, b.Adapter) })
	data, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "kernels-*.json")
	if err != nil {
		return err
	}
	_, err = file.Write(append(data, '\n'))
	if err = cmp.Or(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		os.Remove(file.Name())
	}
	return err
}

func read(path string) (all []Entry, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return all, nil
}
