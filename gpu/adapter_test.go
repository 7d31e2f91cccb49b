package gpu

import (
	"slices"
	"strings"
	"testing"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

func names(all []candidate) string {
	var list []string
	for _, c := range all {
		list = append(list, c.String())
	}
	return strings.Join(list, "; ")
}

func TestOrderPutsCardsFirstAndSoftwareLast(t *testing.T) {
	adapter := func(name, backend string, kind Kind) candidate {
		return candidate{Adapter: Adapter{Name: name, Backend: backend, Kind: kind}}
	}
	got := names(order([]candidate{
		adapter("llvmpipe", "vulkan", Software),
		adapter("RTX 4090", "dx12", Discrete),
		adapter("Iris Xe", "vulkan", Integrated),
		adapter("Old Card", "dx12", Discrete), // no Vulkan driver: DirectX has to do
		adapter("RTX 4090", "vulkan", Discrete),
	}))
	want := "0: RTX 4090 (discrete, vulkan); 1: Old Card (discrete, dx12); 2: Iris Xe (integrated, vulkan); 3: llvmpipe (software, vulkan)"
	if got != want {
		t.Errorf("order\n got %s\nwant %s", got, want)
	}
}

func TestChoose(t *testing.T) {
	all := []Adapter{
		{Index: 0, Name: "NVIDIA GeForce RTX 4090", Backend: "vulkan"},
		{Index: 1, Name: "llvmpipe (LLVM 15)", Backend: "vulkan", Kind: Software},
	}
	for spec, want := range map[string]int{"": 0, "0": 0, "1": 1, "4090": 0, "geforce": 0, "LLVMpipe": 1} {
		if got, err := pickLimits(all, spec); err != nil || got != want {
			t.Errorf("choose(%q) = %d, %v; want %d", spec, got, err, want)
		}
	}
	for _, spec := range []string{"radeon", "2", "-1"} {
		_, err := pickLimits(all, spec)
		want := `no device matches "` + spec + `"; this machine has 0: NVIDIA GeForce RTX 4090 (discrete, vulkan); 1: llvmpipe (LLVM 15) (software, vulkan)`
		if err == nil || err.Error() != want {
			t.Errorf("choose(%q): %v", spec, err)
		}
	}
}

func TestKindOf(t *testing.T) {
	for _, c := range []struct {
		reported wgpu.AdapterType
		name     string
		want     Kind
	}{
		{wgpu.AdapterType_DiscreteGPU, "AMD Radeon RX 7900", Discrete},
		{wgpu.AdapterType_IntegratedGPU, "Apple M3", Integrated},
		{wgpu.AdapterType_CPU, "llvmpipe (LLVM 15.0.6, 256 bits)", Software},
		{wgpu.AdapterType_CPU, "Microsoft Basic Render Driver", Software},
		{wgpu.AdapterType_CPU, "NVIDIA GRID T4-16Q", Virtual},
		{wgpu.AdapterType_Unknown, "something new", Other},
	} {
		if got := kindOf(c.reported, c.name); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestSoftwareIsSaid(t *testing.T) {
	if n := (Adapter{Name: "llvmpipe", Kind: Software}).Notice(); !strings.Contains(n, "llvmpipe is software") {
		t.Errorf("the notice of a software adapter is %q", n)
	}
	if n := (Adapter{Name: "RTX", Kind: Discrete}).Notice(); n != "" {
		t.Errorf("a card needs no notice, got %q", n)
	}
}

// A software adapter would promise memory the machine does not have.
func TestCeiling(t *testing.T) {
	software, card := Adapter{Kind: Software, Memory: 8 << 30}, Adapter{Kind: Discrete, Memory: 8 << 30}
	for _, c := range []struct {
		adapter Adapter
		options Options
		want    int64
	}{
		{software, Options{}, 7 << 30},
		{software, Options{MaxMemory: 1 << 40}, 1 << 40},
		{card, Options{}, 0}, // its driver knows better
		{card, Options{MaxMemory: 1 << 20}, 1 << 20},
	} {
		if got := ceiling(c.adapter, c.options); got != c.want {
			t.Errorf("ceiling(%s, %+v) = %d, want %d", c.adapter.Kind, c.options, got, c.want)
		}
	}
}

// A device is named by index or name, several with commas between.
func TestSelect(t *testing.T) {
	all := []Adapter{{Index: 0, Name: "Radeon"}, {Index: 1, Name: "llvmpipe"}}
	for spec, want := range map[string][]string{
		"": {"Radeon"}, "1": {"llvmpipe"}, "0,1": {"Radeon", "llvmpipe"}, "0, 0": {"Radeon", "Radeon"}, "llvm,radeon": {"llvmpipe", "Radeon"},
	} {
		chosen, err := Select(all, spec)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range chosen {
			got = append(got, a.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q means %v, want %v", spec, got, want)
		}
	}
	if _, err := Select(all, "0,GeForce"); err == nil || !strings.Contains(err.Error(), "GeForce") {
		t.Errorf("an unknown device in a list gave %v", err)
	}
}
