package checkpoint

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sirocco/model/config"
)

// folder is a model folder after the choice among the layouts in it.
type folder struct {
	dir     string
	hf      bool   // Hugging Face's names and row order, else Mistral's
	config  string // file names from here on, without the folder
	files   []string
	index   map[string]string // tensor -> file; nil without an index
	notices []string
}

// layout is one way of naming the files of a checkpoint.
type layout struct {
	hf     bool
	title  string
	config string
	stem   string // of the weight files
}

var (
	mistral     = layout{false, "Mistral", "params.json", "consolidated"}
	huggingFace = layout{true, "Hugging Face", "config.json", "model"}
)

// find looks at what lies in a folder and settles on one layout. Mistral's
// comes first: published folders hold both with the same values in them, and
// its rows need no reordering.
func find(path string) (*folder, error) {
	names, err := fileNames(path)
	if err != nil {
		return nil, err
	}
	layouts := usable(names)
	if len(layouts) == 0 {
		return nil, nothingUsable(path, names)
	}
	f, err := layouts[0].open(path, names)
	if err == nil && len(layouts) > 1 {
		f.notices = append(f.notices, fmt.Sprintf(
			"the folder holds the model twice, in Mistral's layout and in Hugging Face's; %s is read with %s, and %s is left alone",
			f.files[0], mistral.config, huggingFace.config))
	}
	return f, err
}

// usable are the layouts of which a folder has configuration and weights.
func usable(names map[string]bool) []layout {
	var layouts []layout
	for _, l := range []layout{mistral, huggingFace} {
		if names[l.config] && l.hasWeights(names) {
			layouts = append(layouts, l)
		}
	}
	return layouts
}

// fileNames lists the folder's regular files, following links.
func fileNames(path string) (map[string]bool, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%v; give the folder that holds the model", err)
	}
	if !stat.IsDir() {
		return nil, fmt.Errorf("%s is no GGUF file; give the folder that holds the model", path)
	}
	list, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, item := range list {
		if stat, err := os.Stat(filepath.Join(path, item.Name())); err == nil && stat.Mode().IsRegular() {
			names[item.Name()] = true
		}
	}
	return names, nil
}

func (l layout) whole() string     { return l.stem + ".safetensors" }
func (l layout) indexName() string { return l.stem + ".safetensors.index.json" }

// shards are files like model-00001-of-00010.safetensors, sorted.
func (l layout) shards(names map[string]bool) []string {
	var shards []string
	for name := range names {
		rest, ok := strings.CutPrefix(name, l.stem)
		if ok && strings.HasSuffix(rest, ".safetensors") && strings.ContainsAny(rest[:1], "-._") && name != l.whole() {
			shards = append(shards, name)
		}
	}
	slices.Sort(shards)
	return shards
}

func (l layout) hasWeights(names map[string]bool) bool {
	return names[l.whole()] || names[l.indexName()] || len(l.shards(names)) > 0
}

// open settles on the layout's files: the whole file before shards, as
// transformers does.
func (l layout) open(dir string, names map[string]bool) (*folder, error) {
	f := &folder{dir: dir, hf: l.hf, config: l.config}
	switch {
	case names[l.whole()]:
		f.files = []string{l.whole()}
		return f, nil
	case names[l.indexName()]:
		return f, f.readIndex(l.indexName(), names)
	}
	f.files = l.shards(names)
	return f, f.checkShards(names)
}

// nothingUsable says what is there and what was looked for.
func nothingUsable(path string, names map[string]bool) error {
	const wanted = "a model folder holds params.json with consolidated.safetensors, config.json with model.safetensors (or its shards and their index), or a GGUF file"
	have := func(suffix string) bool {
		for name := range names {
			if strings.HasSuffix(name, suffix) {
				return true
			}
		}
		return false
	}
	switch {
	case names[adapterConfig]:
		return adapterFound(path)
	case len(names) == 0 && hasFolders(path):
		return fmt.Errorf("%s holds folders but no model in them; %s", path, wanted)
	case len(names) == 0:
		return fmt.Errorf("%s is empty; %s", path, wanted)
	case mistral.hasWeights(names):
		return fmt.Errorf("%s holds %s files but no %s; fetch it from where they came from", path, mistral.stem, mistral.config)
	case huggingFace.hasWeights(names):
		return fmt.Errorf("%s holds %s files but no %s; fetch it from where they came from", path, huggingFace.stem, huggingFace.config)
	case have(".gguf"):
		return fmt.Errorf("%s holds files called .gguf that do not begin with GGUF; they are damaged or not yet complete: fetch them again", path)
	case have(".bin"), have(".pt"), have(".pth"):
		return fmt.Errorf("%s holds PyTorch files; convert them to safetensors: %s", path, wanted)
	case names[mistral.config], names[huggingFace.config]:
		return fmt.Errorf("%s holds a configuration but no weights; %s", path, wanted)
	}
	return fmt.Errorf("%s holds no model; %s", path, wanted)
}

// adapterConfig is the file of a LoRA adapter.
const adapterConfig = "adapter_config.json"

// adapterFound says what an adapter is and how it becomes a model.
func adapterFound(path string) error {
	var adapter struct {
		Base string `json:"base_model_name_or_path"`
	}
	if data, err := readSmall(filepath.Join(path, adapterConfig), maxConfig); err == nil {
		_ = json.Unmarshal(data, &adapter)
	}
	of := ""
	if adapter.Base != "" {
		of = fmt.Sprintf(" for %q", adapter.Base)
	}
	return fmt.Errorf("%s holds a LoRA adapter%s, not a model; merge it into its base model first, in Python: "+
		"AutoPeftModelForCausalLM.from_pretrained(%q).merge_and_unload().save_pretrained(\"merged\"), and open the folder merged", path, of, path)
}

func hasFolders(path string) bool {
	entries, err := os.ReadDir(path)
	return err == nil && slices.ContainsFunc(entries, os.DirEntry.IsDir)
}

const maxConfig = 1 << 20

// readConfig parses the layout's configuration file.
func (f *folder) readConfig() (config.Config, error) {
	path := filepath.Join(f.dir, f.config)
	data, err := readSmall(path, maxConfig)
	if err != nil {
		return config.Config{}, err
	}
	parse := config.ParseParams
	if f.hf {
		parse = config.ParseHF
	}
	cfg, err := parse(data)
	if err != nil {
		return config.Config{}, fmt.Errorf("%s: %w", path, err)
	}
	if whole, err := filepath.Abs(f.dir); err == nil {
		cfg.Name = filepath.Base(whole)
	}
	return cfg, nil
}

func readSmall(path string, most int64) ([]byte, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if stat.Size() > most {
		return nil, fmt.Errorf("%s is %d bytes long, more than the %d such a file can need", path, stat.Size(), most)
	}
	return os.ReadFile(path)
}

func (f *folder) origin() origin {
	if f.hf {
		return origin{f.dir, f.config, hfNames}
	}
	return origin{f.dir, f.config, mistralNames}
}

func (f *folder) info() Info {
	info := Info{Folder: f.dir, Format: "safetensors", Layout: mistral.title, Notices: f.notices}
	if f.hf {
		info.Layout = huggingFace.title
	}
	info.Tokenizer = f.beside("tekken.json")
	info.SystemPrompt = f.beside("SYSTEM_PROMPT.txt")
	return info
}

func (f *folder) beside(name string) string {
	path := filepath.Join(f.dir, name)
	if stat, err := os.Stat(path); err != nil || !stat.Mode().IsRegular() {
		return ""
	}
	return path
}
