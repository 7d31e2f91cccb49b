package gpu

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// order sorts the best first and numbers the list. A card that Windows shows
// under both Vulkan and DirectX 12 stays once, under Vulkan, whose compiler is
// better; DirectX 12 remains for cards without Vulkan.
func order(all []candidate) []candidate {
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(backendRank(a), backendRank(b)))
	})
	kept := all[:0]
	for _, c := range all {
		twin := func(k candidate) bool { return k.Name == c.Name && k.Backend != c.Backend }
		if c.Backend == "dx12" && slices.ContainsFunc(kept, twin) {
			c.release()
			continue
		}
		c.Index = len(kept)
		kept = append(kept, c)
	}
	return kept
}

func backendRank(c candidate) int {
	return slices.Index([]string{"vulkan", "metal", "dx12"}, c.Backend)
}

// pickLimits finds the adapter that spec means: an index, part of a name in any
// case, or nothing for the best. A number that is no index is part of a name
// ("4090").
func pickLimits(all []Adapter, spec string) (int, error) {
	if spec == "" {
		return 0, nil
	}
	if index, err := strconv.Atoi(spec); err == nil && index >= 0 && index < len(all) {
		return index, nil
	}
	for i, a := range all {
		if strings.Contains(strings.ToLower(a.Name), strings.ToLower(spec)) {
			return i, nil
		}
	}
	lines := make([]string, len(all))
	for i, a := range all {
		lines[i] = a.String()
	}
	return 0, fmt.Errorf("no device matches %q; this machine has %s", spec, strings.Join(lines, "; "))
}

// Select finds the adapters that spec means: one, as Options.Device names it, or
// a list with commas between, in which one may stand twice.
func Select(all []Adapter, spec string) ([]Adapter, error) {
	var chosen []Adapter
	for one := range strings.SplitSeq(spec, ",") {
		index, err := pickLimits(all, strings.TrimSpace(one))
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, all[index])
	}
	return chosen, nil
}

// installHint says what puts a driver on the system.
func installHint(system string) string {
	switch system {
	case "windows":
		return "install the graphics driver of the card's maker"
	case "darwin":
		return "Metal needs macOS 10.15 or later on a machine with a graphics processor"
	}
	return "install a Vulkan driver, for example with: apt-get install mesa-vulkan-drivers"
}
