package shaders

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestHeaders demands the five entries that open every kernel: "stem: formula", bindings, grid, limits, twin.
func TestHeaders(t *testing.T) {
	for _, stem := range Stems() {
		text, err := files.ReadFile(stem + ".wgsl")
		if err != nil {
			t.Fatal(err)
		}
		wanted := []string{"// " + stem + ": ", "// bindings: ", "// grid: ", "// limits: ", "// twin: ref."}
		for line := range strings.Lines(string(text)) {
			if len(wanted) > 0 && strings.HasPrefix(line, wanted[0]) {
				wanted = wanted[1:]
			} else if !strings.HasPrefix(line, "//   ") {
				break // neither the next entry nor more of the last
			}
		}
		if len(wanted) > 0 {
			t.Errorf("%s.wgsl: its header lacks %q, or has it in another place", stem, wanted)
		}
	}
}

var (
	twinLine = regexp.MustCompile(`(?m)^// twin: .*$`)
	twin     = regexp.MustCompile(`ref\.(\w+)`)
)

// Every twin that a header names exists, and every twin belongs to a kernel.
func TestTwins(t *testing.T) {
	have := exported(t, "ref")
	for _, stem := range Stems() {
		text, _ := files.ReadFile(stem + ".wgsl")
		twins := twin.FindAllSubmatch(twinLine.Find(text), -1)
		if len(twins) == 0 {
			t.Errorf("%s.wgsl names no twin", stem)
		}
		for _, m := range twins {
			if _, ok := have[string(m[1])]; !ok {
				t.Errorf("%s.wgsl: there is no ref.%s", stem, m[1])
			}
			have[string(m[1])] = true
		}
	}
	for name, used := range have {
		if !used && name != "Row" {
			t.Errorf("ref.%s is the twin of no kernel", name)
		}
	}
}

// exported lists the functions a package of this module offers.
func exported(t *testing.T, dir string) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, e := range entries {
		file, err := parser.ParseFile(token.NewFileSet(), dir+"/"+e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.IsExported() {
				names[f.Name.Name] = false
			}
		}
	}
	return names
}

// Every file is in the table, and every define of the table changes the text.
func TestVariants(t *testing.T) {
	entries, err := files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var stems []string
	for _, e := range entries {
		if stem, ok := strings.CutSuffix(e.Name(), ".wgsl"); ok {
			stems = append(stems, stem)
		}
	}
	if !slices.Equal(stems, slices.Sorted(maps.Keys(variants))) {
		t.Errorf("files are %v, variants.go has %v", stems, Stems())
	}
	for stem, list := range variants {
		for _, v := range list {
			texts := map[string]bool{}
			for _, value := range v.Values {
				defines := Defines{v.Name: value}
				if stem == "matvec" && v.Name == "CACHE" {
					defines["END"] = "rope" // only that one writes to it
				}
				s, err := Get(stem, defines)
				if err != nil {
					t.Fatal(err)
				}
				texts[s.Code] = true
			}
			if len(texts) != len(v.Values) || v.Reason == "" {
				t.Errorf("%s: %d values of %s make %d texts; reason %q", stem, len(v.Values), v.Name, len(texts), v.Reason)
			}
		}
	}
}

func TestGetReflects(t *testing.T) {
	s, err := Get("matvec", Defines{"TYPE": "q8_0", "COLS": "3", "SLICES": "8", "LANES": "32", "ROWS": "1"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "matvec CACHE=f16 COLS=3 COUNT=4096 END=store LANES=32 NORM=0 ROWS=1 SLICES=8 TYPE=q8_0 X=vec4" {
		t.Errorf("name %q", s.Name)
	}
	if s.Workgroup != [3]int{32, 8, 1} {
		t.Errorf("workgroup %v", s.Workgroup)
	}
	if want := []BindingKind{Uniform, ReadWrite, Read, Read, Read}; !slices.Equal(s.Bindings, want) {
		t.Errorf("bindings %v, want %v", s.Bindings, want)
	}
}

func TestGetRefuses(t *testing.T) {
	for _, c := range []struct {
		stem    string
		defines Defines
		says    string
	}{
		{"matwec", nil, "there is no kernel"},
		{"add", Defines{"TYPE": "bf16"}, "no define TYPE"},
		{"matvec", Defines{"TYPE": "bf16; evil"}, "not a single word"},
	} {
		if _, err := Get(c.stem, c.defines); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %v: got %v, want %q", c.stem, c.defines, err, c.says)
		}
	}
}

// The WGSL of the binding lexes "x -1u" as two values, and takes no literal without its suffix; both are found here rather than
// by the one driver a test machine has.
func TestNoTraps(t *testing.T) {
	traps := map[string]*regexp.Regexp{
		"a minus without spaces":    regexp.MustCompile(`[\w)\]]-\w|[\w)\]] -\w`),
		"infinity":                  regexp.MustCompile(`\binf(inity)?\b`),
		"an override or const fold": regexp.MustCompile(`\boverride\b|\bconst_assert\b`),
		"push constants":            regexp.MustCompile(`push_constant`),
	}
	comment := regexp.MustCompile(`//.*`)
	for _, stem := range Stems() {
		s, err := Get(stem, nil)
		if err != nil {
			t.Fatal(err)
		}
		code := comment.ReplaceAllString(s.Code, "")
		for name, trap := range traps {
			if found := trap.FindString(code); found != "" {
				t.Errorf("%s has %s: %q", stem, name, found)
			}
		}
	}
}
