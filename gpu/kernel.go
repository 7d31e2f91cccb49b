package gpu

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rajveermalviya/go-webgpu/wgpu"

	"sirocco/gpu/internal/native"
	"sirocco/shaders"
)

// Kernel is a compiled shader with the layout of its bindings.
type Kernel struct {
	device         *Device
	source         shaders.Source
	params         bool                  // binding 0 is the uniform
	buffers        []shaders.BindingKind // of the other bindings
	layout         *wgpu.BindGroupLayout
	pipeline       *wgpu.ComputePipeline
	secondsPerFlop float64 // seconds for one unit of cost, learnt; 0: nothing learnt yet
}

// Name is the name of the kernel's source.
func (k *Kernel) Name() string { return k.source.Name }

// Kernel compiles a shader, once: the same source gives the same kernel. Errors
// name the kernel and carry the compiler's message.
func (d *Device) Kernel(src shaders.Source) (*Kernel, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	if k := d.kernels[src.Code]; k != nil && k.source.Name == src.Name && slices.Equal(k.source.Bindings, src.Bindings) {
		return k, nil
	}
	k := &Kernel{device: d, source: src}
	if err := k.fits(d.info.Limits); err != nil {
		return nil, fmt.Errorf("kernel %s: %w", src.Name, err)
	}
	if err := k.compile(); err != nil {
		return nil, fail("kernel "+src.Name+" does not compile", err)
	}
	d.kernels[src.Code] = k
	d.owned[k] = struct{}{}
	return k, nil
}

// fits compares the source with the limits of the adapter, where the library's
// own message would not say what to do.
func (k *Kernel) fits(l Limits) error {
	kinds := k.source.Bindings
	k.params = len(kinds) > 0 && kinds[0] == shaders.Uniform
	k.buffers = kinds
	if k.params {
		k.buffers = kinds[1:]
	}
	if n := len(k.source.Storage()); n > l.MaxStorageBuffers {
		return fmt.Errorf("it binds %d storage buffers, the adapter allows %d", n, l.MaxStorageBuffers)
	}
	w := k.source.Workgroup
	for axis, n := range w {
		if n < 1 || n > l.WorkgroupSize[axis] {
			return fmt.Errorf("its workgroup of %d×%d×%d is outside the adapter's %v", w[0], w[1], w[2], l.WorkgroupSize)
		}
	}
	if n := w[0] * w[1] * w[2]; n > l.WorkgroupInvocations {
		return fmt.Errorf("its workgroup has %d invocations, the adapter allows %d", n, l.WorkgroupInvocations)
	}
	return nil
}

func (k *Kernel) compile() (err error) {
	d := k.device
	defer func() {
		if err != nil {
			k.releaseNative()
		}
	}()
	module, err := d.binding.CreateShaderModule(&wgpu.ShaderModuleDescriptor{
		Label:          k.source.Name,
		WGSLDescriptor: &wgpu.ShaderModuleWGSLDescriptor{Code: k.source.Code},
	})
	if err != nil {
		return compilerMessage(err)
	}
	defer module.Release()
	if k.layout, err = d.binding.CreateBindGroupLayout(&wgpu.BindGroupLayoutDescriptor{
		Label: k.source.Name, Entries: layoutEntries(k.source.Bindings),
	}); err != nil {
		return err
	}
	layout, err := d.binding.CreatePipelineLayout(&wgpu.PipelineLayoutDescriptor{
		Label: k.source.Name, BindGroupLayouts: []*wgpu.BindGroupLayout{k.layout},
	})
	if err != nil {
		return err
	}
	defer layout.Release()
	if k.pipeline, err = d.binding.CreateComputePipeline(&wgpu.ComputePipelineDescriptor{
		Label: k.source.Name, Layout: layout,
		Compute: wgpu.ProgrammableStageDescriptor{Module: module, EntryPoint: "main"},
	}); err != nil {
		return compilerMessage(err)
	}
	return d.native.Failure() // what the binding's calls do not catch
}

// compilerMessage leaves out where in the binding an error happened and keeps what
// the compiler says, with the place in the shader.
func compilerMessage(err error) error {
	_, message, _ := strings.Cut(err.Error(), "note: label = ")
	if _, message, found := strings.Cut(message, "\n"); found {
		return errors.New(strings.TrimSpace(message))
	}
	return err
}

// layoutEntries spells the layout out. The automatic one would turn a read_write
// binding that is only read into a read binding, and then refuse the buffer.
func layoutEntries(kinds []shaders.BindingKind) []wgpu.BindGroupLayoutEntry {
	types := map[shaders.BindingKind]wgpu.BufferBindingType{
		shaders.Uniform:   wgpu.BufferBindingType_Uniform,
		shaders.Read:      wgpu.BufferBindingType_ReadOnlyStorage,
		shaders.ReadWrite: wgpu.BufferBindingType_Storage,
	}
	entries := make([]wgpu.BindGroupLayoutEntry, len(kinds))
	for i, kind := range kinds {
		entries[i] = wgpu.BindGroupLayoutEntry{
			Binding: uint32(i), Visibility: wgpu.ShaderStage_Compute,
			Buffer: wgpu.BufferBindingLayout{Type: types[kind]},
		}
	}
	return entries
}

func (k *Kernel) handle() native.Ref { return native.Of(k.pipeline) }

func (k *Kernel) releaseNative() {
	if k.pipeline != nil {
		k.pipeline.Release()
	}
	if k.layout != nil {
		k.layout.Release()
	}
}
