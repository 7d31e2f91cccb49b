package gpu

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// Kind is what an adapter is made of. Lower kinds are preferred.
type Kind int

const (
	Discrete   Kind = iota // a card with its own memory
	Integrated             // shares the processor's memory
	Virtual                // a share of a card, in a virtual machine
	Other                  // the driver does not say
	Software               // the processor pretending to be a card
)

// String names the kind as people do.
func (k Kind) String() string {
	return [...]string{"discrete", "integrated", "virtual", "other", "software"}[k]
}

// Limits are the numbers of an adapter that shape buffers and kernels.
type Limits struct {
	MaxBuffer            int64  // bytes of one buffer
	MaxBinding           int64  // bytes of a buffer one kernel can see through one binding
	MaxUniform           int64  // the same of a uniform
	MaxUniforms          int    // uniforms of one kernel
	MaxStorageBuffers    int    // storage bindings of one kernel
	WorkgroupMemory      int    // bytes shared by one workgroup
	WorkgroupInvocations int    // invocations of one workgroup
	WorkgroupSize        [3]int // of them along x, y, z
	MaxGroups            int    // workgroups of one dispatch along each of x, y, z
	UniformAlign         int64  // offsets of uniform bindings are multiples of this
	StorageAlign         int64  // and offsets of storage bindings of this
}

// Adapter describes one way to compute on this machine.
type Adapter struct {
	Index      int    // what Options.Device calls it
	Name       string // of the card, as its driver has it
	Backend    string // vulkan, metal or dx12
	Driver     string // name and version, where known
	Kind       Kind
	Limits     Limits
	Timestamps bool  // kernels can be timed
	Memory     int64 // bytes; 0 where nothing on this system tells
	Free       int64 // of them, not in use when the adapters were listed; 0 likewise
}

// Notice is what a person should know before computing on this adapter; empty
// when there is nothing to say.
func (a Adapter) Notice() string {
	if a.Kind != Software {
		return ""
	}
	return fmt.Sprintf("%s is software: it computes on the processor, many times slower than a graphics card", a.Name)
}

func (a Adapter) String() string {
	return fmt.Sprintf("%d: %s (%s, %s)", a.Index, a.Name, a.Kind, a.Backend)
}

// ErrNoAdapter is wrapped by the error of Open and Adapters on a machine without
// any usable driver.
var ErrNoAdapter = errors.New("no Vulkan, Metal or DirectX 12 device was found")

// Adapters lists what this machine can compute on, the best first: discrete
// cards, then integrated ones, software last. OpenGL is never offered: compute
// shaders are unreliable there.
func Adapters() ([]Adapter, error) {
	all, err := enumerate()
	if err != nil {
		return nil, err
	}
	defer release(all)
	list := make([]Adapter, len(all))
	for i, c := range all {
		list[i] = c.Adapter
	}
	return list, nil
}

// candidate is an adapter with the handle that opens it.
type candidate struct {
	Adapter
	handle *wgpu.Adapter
}

const backends = wgpu.InstanceBackend_Vulkan | wgpu.InstanceBackend_Metal | wgpu.InstanceBackend_DX12

// instance is made once: it loads the drivers, which is slow and never undone.
var instance = sync.OnceValue(func() *wgpu.Instance {
	return wgpu.CreateInstance(&wgpu.InstanceDescriptor{Backends: backends})
})

func enumerate() ([]candidate, error) {
	defer withRuntimeDir()()
	var all []candidate
	for _, handle := range instance().EnumerateAdapters(&wgpu.InstanceEnumerateAdapterOptons{Backends: backends}) {
		all = append(all, candidate{describe(handle), handle})
	}
	all = order(all)
	if len(all) == 0 {
		return nil, fmt.Errorf("%w; %s", ErrNoAdapter, installHint(runtime.GOOS))
	}
	return all, nil
}

func (c candidate) release() {
	if c.handle != nil {
		c.handle.Release()
	}
}

func release(all []candidate) {
	for _, c := range all {
		c.release()
	}
}

func describe(handle *wgpu.Adapter) Adapter {
	p := handle.GetProperties()
	a := Adapter{
		Name: p.Name, Driver: p.DriverDescription,
		Backend: map[wgpu.BackendType]string{
			wgpu.BackendType_Vulkan: "vulkan", wgpu.BackendType_Metal: "metal", wgpu.BackendType_D3D12: "dx12",
		}[p.BackendType],
		Limits:     limits(handle.GetLimits().Limits),
		Timestamps: handle.HasFeature(wgpu.FeatureName_TimestampQuery),
	}
	a.Kind = kindOf(p.AdapterType, p.Name)
	a.Memory, a.Free = memory(a.Kind, p.VendorId, p.DeviceId)
	return a
}

// kindOf sorts an adapter by what the driver says. The library reports virtual
// cards as processors, so those go by the names of the known software drivers.
func kindOf(t wgpu.AdapterType, name string) Kind {
	switch t {
	case wgpu.AdapterType_DiscreteGPU:
		return Discrete
	case wgpu.AdapterType_IntegratedGPU:
		return Integrated
	case wgpu.AdapterType_CPU:
		software := func(part string) bool { return strings.Contains(strings.ToLower(name), part) }
		if slices.ContainsFunc([]string{"llvmpipe", "lavapipe", "swiftshader", "basic render"}, software) {
			return Software
		}
		return Virtual
	}
	return Other
}

func limits(l wgpu.Limits) Limits {
	const most = 1 << 46 // "no limit" is the largest uint64
	return Limits{
		MaxBuffer:            int64(min(l.MaxBufferSize, most)),
		MaxBinding:           int64(min(l.MaxStorageBufferBindingSize, most)),
		MaxUniform:           int64(min(l.MaxUniformBufferBindingSize, most)),
		MaxUniforms:          int(l.MaxUniformBuffersPerShaderStage),
		MaxStorageBuffers:    int(l.MaxStorageBuffersPerShaderStage),
		WorkgroupMemory:      int(l.MaxComputeWorkgroupStorageSize),
		WorkgroupInvocations: int(l.MaxComputeInvocationsPerWorkgroup),
		WorkgroupSize:        [3]int{int(l.MaxComputeWorkgroupSizeX), int(l.MaxComputeWorkgroupSizeY), int(l.MaxComputeWorkgroupSizeZ)},
		MaxGroups:            int(l.MaxComputeWorkgroupsPerDimension),
		UniformAlign:         int64(max(l.MinUniformBufferOffsetAlignment, 256)),
		StorageAlign:         int64(max(l.MinStorageBufferOffsetAlignment, 4)),
	}
}
