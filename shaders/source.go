package shaders

import "slices"

// BindingKind says how a kernel uses one binding of group 0.
type BindingKind int

const (
	Uniform   BindingKind = iota // a small struct of u32 and f32 words: the kernel's parameters
	Read                         // storage the kernel only reads
	ReadWrite                    // storage the kernel writes, and may read
)

// String gives the words WGSL has for the kind.
func (k BindingKind) String() string {
	switch k {
	case Uniform:
		return "uniform"
	case Read:
		return "storage, read"
	case ReadWrite:
		return "storage, read_write"
	}
	return "unknown binding kind"
}

// Source is one expansion of a kernel, ready to be compiled. Equal names mean equal text.
type Source struct {
	Name      string        // stem and defines: "matvec COLS=1 TYPE=bf16"
	Code      string        // WGSL, entry point main
	Workgroup [3]int        // invocations per workgroup, as written in the text
	Bindings  []BindingKind // in the order of @binding(n), group 0, without gaps
}

// HasParams reports whether binding 0 is the uniform struct of parameters.
func (s Source) HasParams() bool {
	return len(s.Bindings) > 0 && s.Bindings[0] == Uniform
}

// Storage returns the bindings that are not parameters.
func (s Source) Storage() []BindingKind {
	return slices.DeleteFunc(slices.Clone(s.Bindings), func(k BindingKind) bool { return k == Uniform })
}
