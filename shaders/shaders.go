// Package shaders holds the compute kernels of the forward pass as WGSL text: one file per kernel, stem.wgsl, each opening
// with its formula, bindings, grid and limits. Get turns a stem and a few defines into a Source that package gpu compiles.
//
// Open rmsnorm.wgsl first (a whole kernel in a page), then matvec.wgsl and attend.wgsl (templates). Beside each kernel stands
// its Go twin in shaders/ref, a plain loop that says the same, and its caller in gpu/op. The package never touches a device.
//
// The files are Go text templates, because the WGSL of the binding has no override constants, no preprocessor and no unroll
// hint, and because unrolled text runs several times faster on software Vulkan. variants.go lists every define and why it exists.
package shaders

import (
	"embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template"
)

//go:embed *.wgsl lib/*.wgsl
var files embed.FS

// Defines chooses one expansion of a kernel: {"TYPE": "bf16", "COLS": "4"}. What is not named takes the first value of variants.go.
type Defines map[string]string

// Get expands the kernel stem.wgsl. Unknown stems and defines are errors that name what exists.
func Get(stem string, defines Defines) (Source, error) {
	values, err := complete(stem, defines)
	if err != nil {
		return Source{}, err
	}
	name := sourceName(stem, values)
	if s, ok := expanded.Load(name); ok {
		return s.(Source), nil
	}
	s, err := makeSource(name, stem, values)
	if err == nil {
		expanded.Store(name, s)
	}
	return s, err
}

// expanded remembers sources by name: a forward pass asks for the same few hundreds of times.
var expanded sync.Map

func makeSource(name, stem string, values map[string]string) (Source, error) {
	code, err := expand(stem, values)
	if err != nil {
		return Source{}, fmt.Errorf("expanding kernel %s: %w", name, err)
	}
	s := Source{Name: name, Code: code}
	if s.Workgroup, err = workgroup(code); err != nil {
		return Source{}, fmt.Errorf("kernel %s: %w", s.Name, err)
	}
	if s.Bindings, err = bindings(code); err != nil {
		return Source{}, fmt.Errorf("kernel %s: %w", s.Name, err)
	}
	return s, nil
}

// Stems lists all kernels in alphabetical order.
func Stems() []string {
	return slices.Sorted(maps.Keys(variants))
}

// complete fills in the defaults of variants.go and refuses what is not listed there.
func complete(stem string, defines Defines) (map[string]string, error) {
	table, ok := variants[stem]
	if !ok {
		return nil, fmt.Errorf("there is no kernel %q; there are %s", stem, strings.Join(Stems(), ", "))
	}
	values := make(map[string]string, len(table))
	for _, v := range table {
		values[v.Name] = v.Values[0]
	}
	for name, value := range defines {
		if _, ok := values[name]; !ok {
			return nil, fmt.Errorf("kernel %s has no define %s", stem, name)
		}
		if !word.MatchString(value) {
			return nil, fmt.Errorf("kernel %s: %s=%q is not a single word", stem, name, value)
		}
		values[name] = value
	}
	return values, nil
}

var word = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

func sourceName(stem string, values map[string]string) string {
	var b strings.Builder
	b.WriteString(stem)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, " %s=%s", name, values[name])
	}
	return b.String()
}

// library is parsed once: every file of lib/ is a set of named templates a kernel can call.
var library = func() *template.Template {
	return template.Must(template.New("lib").Option("missingkey=error").Funcs(functions).ParseFS(files, "lib/*.wgsl"))
}()

// functions is the arithmetic a template may do; ranges over integers are built in.
var functions = template.FuncMap{
	"add": func(a, b int) int { return a + b },
	"mul": func(a, b int) int { return a * b },
	"div": func(a, b int) int { return a / b },
	"mod": func(a, b int) int { return a % b },

	"layout": func(weightType string) Layout { return layouts[weightType] },
}

func expand(stem string, values map[string]string) (string, error) {
	text, err := files.ReadFile(stem + ".wgsl")
	if err != nil {
		return "", err
	}
	t, err := template.Must(library.Clone()).New(stem).Parse(string(text))
	if err != nil {
		return "", err
	}
	data := make(map[string]any, len(values))
	for name, value := range values {
		data[name] = value
		if n, err := strconv.Atoi(value); err == nil {
			data[name] = n
		}
	}
	var b strings.Builder
	err = t.Execute(&b, data)
	return b.String(), err
}

var (
	workgroupSize = regexp.MustCompile(`@workgroup_size\((\d+)(?:,\s*(\d+))?(?:,\s*(\d+))?\)`)
	binding       = regexp.MustCompile(`@group\(0\)\s*@binding\((\d+)\)\s*var<(uniform|storage,\s*read_write|storage,\s*read)>`)
)

func workgroup(code string) (size [3]int, err error) {
	m := workgroupSize.FindStringSubmatch(code)
	if m == nil {
		return size, fmt.Errorf("no @workgroup_size with literal numbers")
	}
	for i := range size {
		size[i] = 1
		if m[i+1] != "" {
			size[i], err = strconv.Atoi(m[i+1])
		}
	}
	return size, err
}

func bindings(code string) ([]BindingKind, error) {
	var kinds []BindingKind
	for i, m := range binding.FindAllStringSubmatch(code, -1) {
		if m[1] != strconv.Itoa(i) {
			return nil, fmt.Errorf("binding %s is declared in place %d: declare them in order, without gaps", m[1], i)
		}
		switch {
		case m[2] == "uniform":
			kinds = append(kinds, Uniform)
		case strings.HasSuffix(m[2], "read_write"):
			kinds = append(kinds, ReadWrite)
		default:
			kinds = append(kinds, Read)
		}
	}
	if len(kinds) == 0 {
		return nil, fmt.Errorf("no bindings of the form @group(0) @binding(n) var<…>")
	}
	return kinds, nil
}
