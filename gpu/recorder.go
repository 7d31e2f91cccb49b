package gpu

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sirocco/shaders"
)

// Recorder collects dispatches and copies, which run in the order recorded, each
// seeing what those before it wrote. Nothing is executed. The first mistake is
// kept and returned by Finish, so a forward pass reads without error checks.
type Recorder struct {
	device *Device
	label  string
	steps  []step
	read   *step // the ReadBack, nil when there is none
	cost   int64 // of the next dispatch, 0: not said
	err    error
}

// step is a dispatch where kernel is set, otherwise a copy.
type step struct {
	kernel   *Kernel
	params   []uint32
	groups   [3]uint32
	bindings []Binding
	cost     float64

	dst, src       *Buffer
	dstOff, srcOff int64
	size           int64
}

// Record begins an empty recording.
func (d *Device) Record(label string) *Recorder { return &Recorder{device: d, label: label} }

// String lists the steps, one a line, so that a test can read what a forward pass
// does: "rmsnorm 1×1×1 (x, norm, y)" or "copy 64 bytes: a → b".
func (r *Recorder) String() string {
	var text strings.Builder
	steps := r.steps
	if r.read != nil {
		steps = append(steps[:len(steps):len(steps)], *r.read)
	}
	for _, s := range steps {
		switch {
		case s.kernel != nil:
			labels := make([]string, len(s.bindings))
			for i, b := range s.bindings {
				labels[i] = b.Buffer.label
			}
			fmt.Fprintf(&text, "%s %d×%d×%d (%s)\n", s.kernel.Name(), s.groups[0], s.groups[1], s.groups[2], strings.Join(labels, ", "))
		case s.dst == nil:
			fmt.Fprintf(&text, "read back %d bytes: %s\n", s.size, s.src.label)
		default:
			fmt.Fprintf(&text, "copy %d bytes: %s → %s\n", s.size, s.src.label, s.dst.label)
		}
	}
	return text.String()
}

func (r *Recorder) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("recording %s: "+format, append([]any{r.label}, args...)...)
	}
}

// Cost says about how many floating-point operations the next dispatch takes; it
// decides where a program is cut into submissions. Without it the number of
// invocations is taken times 64. A kernel's real speed is learnt while it runs,
// so only the proportions between dispatches of one kernel matter.
func (r *Recorder) Cost(flops int64) { r.cost = flops }

// Dispatch records groups[0]×groups[1]×groups[2] workgroups of a kernel. params
// are the words of its uniform, b its other bindings in order. A dispatch of no
// groups is left out.
func (r *Recorder) Dispatch(k *Kernel, params []uint32, groups [3]int, b ...Binding) {
	cost := float64(r.cost)
	r.cost = 0
	if r.err != nil {
		return
	}
	if err := r.check(k, params, groups, b); err != nil {
		r.fail("%w", err)
		return
	}
	if groups[0] == 0 || groups[1] == 0 || groups[2] == 0 {
		return
	}
	if cost == 0 {
		w := k.source.Workgroup
		cost = 64 * float64(groups[0]*groups[1]*groups[2]) * float64(w[0]*w[1]*w[2])
	}
	r.steps = append(r.steps, step{
		kernel: k, params: slices.Clone(params), bindings: slices.Clone(b), cost: cost,
		groups: [3]uint32{uint32(groups[0]), uint32(groups[1]), uint32(groups[2])},
	})
}

// check finds the mistakes whose messages from the library would not help.
func (r *Recorder) check(k *Kernel, params []uint32, groups [3]int, b []Binding) error {
	if k == nil || k.device != r.device {
		return errors.New("a dispatch needs a kernel of this device")
	}
	for axis, n := range groups {
		if n < 0 || n > r.device.info.Limits.MaxGroups {
			return fmt.Errorf("kernel %s: %d workgroups along %c, the adapter allows 0 to %d",
				k.Name(), n, "xyz"[axis], r.device.info.Limits.MaxGroups)
		}
	}
	if k.params != (len(params) > 0) {
		return fmt.Errorf("kernel %s: got %d words of parameters, and has parameters: %t", k.Name(), len(params), k.params)
	}
	if len(b) != len(k.buffers) {
		return fmt.Errorf("kernel %s: got %d buffers, it binds %d", k.Name(), len(b), len(k.buffers))
	}
	for i := range b {
		if err := r.checkBinding(k.buffers[i], b[i]); err != nil {
			return fmt.Errorf("kernel %s, buffer %d: %w", k.Name(), i, err)
		}
	}
	return checkAliases(k, b)
}

func (r *Recorder) checkBinding(kind shaders.BindingKind, b Binding) error {
	if b.Buffer == nil || b.Buffer.device != r.device {
		return errors.New("it is not a buffer of this device")
	}
	if b.Buffer.host {
		return fmt.Errorf("%s lies in memory of the host and must be copied first", b.Buffer.label)
	}
	if err := b.Buffer.check("binding", b.Offset, b.size()); err != nil {
		return err
	}
	l := r.device.info.Limits
	most, align := l.MaxBinding, l.StorageAlign
	if kind == shaders.Uniform {
		most, align = l.MaxUniform, l.UniformAlign
	}
	switch size := b.size(); {
	case size == 0:
		return fmt.Errorf("%s: nothing left to bind at offset %d", b.Buffer.label, b.Offset)
	case size > most:
		return fmt.Errorf("%s: a binding of %s, the adapter allows %s", b.Buffer.label, Bytes(size), Bytes(most))
	case b.Offset%align != 0:
		return fmt.Errorf("%s: offset %d is not a multiple of %d", b.Buffer.label, b.Offset, align)
	}
	return nil
}

// checkAliases refuses a buffer that is both read-only and written in one
// dispatch: WebGPU tracks whole buffers, even where the ranges differ.
func checkAliases(k *Kernel, b []Binding) error {
	for i := range b {
		for j := range b {
			if b[i].Buffer == b[j].Buffer && k.buffers[i] != shaders.ReadWrite && k.buffers[j] == shaders.ReadWrite {
				return fmt.Errorf("kernel %s: buffer %s is both read (%d) and written (%d)", k.Name(), b[i].Buffer.label, i, j)
			}
		}
	}
	return nil
}

// Copy records a copy of size bytes between two buffers. All numbers are
// multiples of 4.
func (r *Recorder) Copy(dst *Buffer, dstOff int64, src *Buffer, srcOff, size int64) {
	if r.err != nil || size == 0 {
		return
	}
	if dst == nil || src == nil || dst.device != r.device || src.device != r.device || dst == src {
		r.fail("a copy needs two buffers of this device")
		return
	}
	if dst.host {
		r.fail("%s lies in memory of the host, which programs only read", dst.label)
		return
	}
	if err := errors.Join(dst.check("copying to", dstOff, size), src.check("copying from", srcOff, size)); err != nil {
		r.fail("%w", err)
		return
	}
	if size%4 != 0 {
		r.fail("copying %d bytes from %s: not a multiple of 4", size, src.label)
		return
	}
	r.steps = append(r.steps, step{dst: dst, dstOff: dstOff, src: src, srcOff: srcOff, size: size})
}

// ReadBack records that the program ends by handing size bytes of src to the
// caller of Run. A program has one at most; off and size are multiples of 4.
func (r *Recorder) ReadBack(src *Buffer, off, size int64) {
	if r.err != nil {
		return
	}
	if r.read != nil {
		r.fail("a program reads back once")
		return
	}
	if src == nil || src.device != r.device || size <= 0 || size%4 != 0 {
		r.fail("reading back needs a buffer of this device and a multiple of 4 bytes, got %d", size)
		return
	}
	if err := src.check("reading back", off, size); err != nil {
		r.fail("%w", err)
		return
	}
	r.read = &step{src: src, srcOff: off, size: size}
}
