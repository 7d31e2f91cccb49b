package op

import "sirocco/gpu"

type patchMergeParams struct{ Count, Dim, Columns, M uint32 }

// PatchMerge gathers m×m neighbouring patches into one row (docs/model.md, 3.5): x [rows·columns, D] holds patches row by row, dst
// [rows·columns/m², D·m²] tokens row by row, feature c·m² + dy·m + dx.
func PatchMerge(r *gpu.Recorder, dst, x gpu.Tensor, columns, m int) {
	patches, dim := rowsOf(x)
	whole := m > 0 && columns > 0 && columns%m == 0 && patches%(columns*m) == 0
	_, width := rowsOf(dst)
	if fits(r, "patch_merge", whole && dst.Len() == x.Len() && width == dim*m*m, dst, x) {
		params := &patchMergeParams{uint32(x.Len()), uint32(dim), uint32(columns), uint32(m)}
		dispatch(r, "patch_merge", nil, params, elements(r, x.Len()), dst.Binding(), x.Binding())
	}
}
