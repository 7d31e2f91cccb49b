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
	Parts   []CachePart // in the order of their heads; one where a binding holds them all
	Context int
	Slots   int       // conversations, 0 is one: more than one only where there is one part
	Type    CacheType // "" is f16
}

// CachePart holds the kv heads First to First+Heads-1.
type CachePart struct {
	First, Heads int
	K, V         gpu.Tensor // [Slots, Heads, Context, Dim]
}

// CacheBytes is what the keys of a layer take in one conversation; the values take as much.
func CacheBytes(h Heads, context int, t CacheType) int64 {
	return int64(h.KV) * int64(context) * t.rowBytes(h.Dim)
}

// DivideCache shares the kv heads of a layer out to as few parts as a binding of so many bytes allows, evenly; they have no memory yet.
// There are none where it cannot hold one head.
func DivideCache(h Heads, context int, t CacheType, binding int64) (parts []CachePart) {
	most := int(binding / CacheBytes(Heads{KV: 1, Dim: h.Dim}, context, t))
	if most == 0 {
		return nil
	}
	count := ceil(h.KV, most)
	for i := range count {
		first, end := i*h.KV/count, (i+1)*h.KV/count
		parts = append(parts, CachePart{First: first, Heads: end - first})
	}
	return parts
}

// tensors are all of the cache, none where its parts are not the heads.
func (c Cache) tensors(h Heads) (all []gpu.Tensor) {
	heads := 0
	for _, part := range c.Parts {
		if part.First != heads || part.Heads <= 0 {
			return []gpu.Tensor{{}}
		}
		heads += part.Heads
		all = append(all, part.K, part.V)
	}
	if heads != h.KV || len(c.Parts) > 1 && c.Slots > 1 {
		return []gpu.Tensor{{}}
	}
	return all
}

func (c Cache) define() string {
	if c.Type == "" {
		return string(CacheF16)
	}
	return string(c.Type)
}

// bindings are the keys and the values of a part, as large as its heads need them.
func (c Cache) bindings(part CachePart, h Heads) (k, v gpu.Binding) {
	size := int64(max(c.Slots, 1)) * CacheBytes(Heads{KV: part.Heads, Dim: h.Dim}, c.Context, c.Type)
	return gpu.Binding{Buffer: part.K.Buffer, Offset: part.K.Offset, Size: size}, gpu.Binding{Buffer: part.V.Buffer, Offset: part.V.Offset, Size: size}
}
