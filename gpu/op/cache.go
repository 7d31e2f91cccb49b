package op

import (
	"fmt"

	"sirocco/gpu"
)

// CacheType says how keys and values are stored.
type CacheType string

// The types, by what people call them. Q8 keeps bytes, of which 127 are the greatest magnitude among 32 neighbours, and their scale in
// f32: 9 bits an element.
const (
	CacheF32 CacheType = "f32"
	CacheF16 CacheType = "f16"
	CacheQ8  CacheType = "q8"
)

// ParseCacheType knows a type by its name; "" is f16.
func ParseCacheType(name string) (CacheType, error) {
	switch t := CacheType(name); t {
	case "":
		return CacheF16, nil
	case CacheF32, CacheF16, CacheQ8:
		return t, nil
	}
	return "", fmt.Errorf("keys and values are kept as f32, f16 or q8, not as %q", name)
}

// cacheBlock is how many dims of a head share a scale.
const cacheBlock = 32

// rowBytes is what the key of one head and position takes.
func (t CacheType) rowBytes(dim int) int64 {
	switch t {
	case CacheF32:
		return 4 * int64(dim)
	case CacheQ8:
		return int64(dim) + 4*int64(ceil(dim, cacheBlock))
	}
	return 2 * int64(dim)
}

// Cache is the memory of one layer: keys and values of Context positions for each of some conversations.
type Cache struct {
	K, V    gpu.Tensor // [Slots, KV, Context, Dim]
	Context int
	Slots   int       // conversations; 0 is one
	Type    CacheType // "" is f16
}

// CacheBytes is what the keys of a layer take in one conversation; the values take as much.
func CacheBytes(h Heads, context int, t CacheType) int64 {
	return int64(h.KV) * int64(context) * t.rowBytes(h.Dim)
}

func (c Cache) define() string {
	if c.Type == "" {
		return string(CacheF16)
	}
	return string(c.Type)
}

// bindings are the keys and the values, as large as the heads need them.
func (c Cache) bindings(h Heads) (k, v gpu.Binding) {
	size := int64(max(c.Slots, 1)) * CacheBytes(h, c.Context, c.Type)
	return gpu.Binding{Buffer: c.K.Buffer, Offset: c.K.Offset, Size: size}, gpu.Binding{Buffer: c.V.Buffer, Offset: c.V.Offset, Size: size}
}
