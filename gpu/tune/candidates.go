package tune

import "sirocco/gpu"

// What is tried besides the defaults. A processor compiles for seconds, so it has few.

func vectors(a gpu.Adapter) []gpu.Vector {
	if a.Kind == gpu.Software {
		return []gpu.Vector{{Rows: 2, Lanes: 8, Slices: 1}, {Rows: 8, Lanes: 8, Slices: 1}}
	}
	return []gpu.Vector{
		{Rows: 1, Lanes: 32, Slices: 8}, {Rows: 1, Lanes: 32, Slices: 4}, {Rows: 2, Lanes: 32, Slices: 4},
		{Rows: 4, Lanes: 32, Slices: 2}, {Rows: 1, Lanes: 64, Slices: 2}, {Rows: 1, Lanes: 16, Slices: 8},
	}
}

func tiles(a gpu.Adapter) []gpu.Tile {
	if a.Kind == gpu.Software {
		return []gpu.Tile{{Rows: 4, Tokens: 4, Depth: 32}}
	}
	return []gpu.Tile{
		{Rows: 4, Tokens: 4, Depth: 32}, {Rows: 4, Tokens: 4, Depth: 16}, {Rows: 8, Tokens: 4, Depth: 16},
		{Rows: 8, Tokens: 4, Depth: 32}, {Rows: 8, Tokens: 8, Depth: 16},
	}
}

func attends(a gpu.Adapter) []gpu.Attend {
	if a.Kind == gpu.Software {
		return []gpu.Attend{{Rows: 16, Keys: 4, Group: 16, Quads: 2}}
	}
	return []gpu.Attend{
		{Rows: 16, Keys: 2, Group: 64, Quads: 1}, {Rows: 16, Keys: 4, Group: 64, Quads: 1},
		{Rows: 16, Keys: 4, Group: 32, Quads: 1}, {Rows: 16, Keys: 4, Group: 64, Quads: 2},
	}
}

func splits(a gpu.Adapter) []int {
	if a.Kind == gpu.Software {
		return []int{32}
	}
	return []int{128, 64, 32}
}

// sizes are those of the products and the attention that are timed: the real model's on a card, where they outgrow its caches.
type sizes struct{ rows, columns, tokens, heads, patches, keys int }

func sizesFor(a gpu.Adapter) sizes {
	if a.Kind == gpu.Software {
		return sizes{rows: 1024, columns: 1024, tokens: 64, heads: 4, patches: 128, keys: 2048}
	}
	return sizes{rows: 16384, columns: 5120, tokens: 128, heads: 16, patches: 1024, keys: 8192}
}
