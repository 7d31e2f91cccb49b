package checkpoint

import (
	"fmt"
	"slices"
	"strings"

	"sirocco/model/checkpoint/ggml"
)

// found is a tensor as some file keeps it.
type found struct {
	entry
	file *mapped
}

// origin is what complaints and names need to know of where tensors come from.
type origin struct {
	where  string // the folder or files
	config string // what says which tensors there must be
	names  naming
}

// bind gives every tensor the model needs its bytes, or says which are missing,
// misshapen or stored in a way the engine does not compute with.
func (c *Checkpoint) bind(from origin, stored map[string]found) error {
	c.tensors = map[string]Tensor{}
	used := map[string]bool{}
	var missing, wrong []string
	for _, need := range Required(c.cfg) {
		name, err := need.pick(from.names, stored)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", from.where, err)
		case name == "" && need.Optional:
			c.cfg.Text.TiedEmbeddings = true
		case name == "":
			missing = append(missing, need.spellings(from.names)[0])
		default:
			used[name] = true
			wrong = append(wrong, c.add(need, stored[name], from.names)...)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s lacks %s that %s asks for: %s; a file is missing or belongs to another model",
			from.where, count(len(missing), "tensor"), from.config, list(missing))
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s does not fit %s: %s", from.where, from.config, list(wrong))
	}
	if err := c.leftOver(stored, used); err != nil {
		return fmt.Errorf("%s: %w", from.where, err)
	}
	return nil
}

// pick finds the one spelling of a needed tensor that the files use.
func (n Need) pick(by naming, stored map[string]found) (string, error) {
	name := ""
	for _, spelling := range n.spellings(by) {
		if _, ok := stored[spelling]; !ok {
			continue
		}
		if name != "" {
			return "", fmt.Errorf("the checkpoint holds both %q and %q, two names of one tensor; keep the files of one model only", name, spelling)
		}
		name = spelling
	}
	return name, nil
}

// add takes a tensor in, or says what is wrong with it.
func (c *Checkpoint) add(need Need, at found, by naming) (wrong []string) {
	if !slices.Equal(at.shape, need.Shape) {
		return []string{fmt.Sprintf("tensor %q in %s has shape %v where %v is needed", at.name, at.file.name(), at.shape, need.Shape)}
	}
	if problem := need.unreadable(at.dtype); problem != "" {
		return []string{fmt.Sprintf("tensor %q in %s is stored as %s; %s", at.name, at.file.name(), at.dtype, problem)}
	}
	t := Tensor{Name: need.Name, Type: at.dtype, Shape: need.Shape, Data: at.file.bytes(at.entry), HeadDim: need.HeadDim}
	if need.halfSplit(by) {
		t.Rows = HalfSplit
	}
	c.names = append(c.names, t.Name)
	c.tensors[t.Name] = t
	c.info.Parameters += int64(t.Elements())
	return nil
}

// unreadable says why a tensor cannot be of a type, "" where it can. Safetensors files have no type of quantised blocks, so
// only those of GGUF files come this far.
func (n Need) unreadable(kind Type) string {
	_, known := ggml.Named(string(kind))
	switch {
	case !known:
		return "only BF16, F16 and F32 are read: use an unquantised checkpoint, or a GGUF file"
	case kind.Size() == 0 && len(n.Shape) != 2:
		return "only matrices can be quantised"
	}
	return ""
}

// leftOver looks at the tensors the model has no use for. Those that belong to
// one it does use (a bias, a scale) would change the result, so they are
// refused; the others are counted.
func (c *Checkpoint) leftOver(stored map[string]found, used map[string]bool) error {
	modules := map[string]bool{}
	for name := range used {
		modules[module(name)] = true
	}
	var extra, harmful []string
	for name := range stored {
		switch {
		case used[name]:
		case modules[module(name)]:
			harmful = append(harmful, clip(name))
		default:
			extra = append(extra, clip(name))
		}
	}
	if len(harmful) > 0 {
		slices.Sort(harmful)
		return fmt.Errorf("the checkpoint holds %s beside the weights, which the configuration does not mention: %s; biases there and quantised weights are not supported",
			count(len(harmful), "tensor"), list(harmful))
	}
	if len(extra) > 0 {
		slices.Sort(extra)
		c.notice("%s not used by this model: %s", count(len(extra), "tensor"), list(extra))
	}
	return nil
}

func (c *Checkpoint) notice(format string, args ...any) {
	c.info.Notices = append(c.info.Notices, fmt.Sprintf(format, args...))
}

// module is a tensor's name without its last word: "…wq.weight" -> "…wq".
func module(name string) string {
	return name[:max(strings.LastIndexByte(name, '.'), 0)]
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// list names the first of many things and counts the rest.
func list(items []string) string {
	const most = 12
	text := strings.Join(items[:min(len(items), most)], ", ")
	if len(items) > most {
		text += fmt.Sprintf(" and %d more", len(items)-most)
	}
	return text
}
