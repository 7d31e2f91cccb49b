// embed: y[t,·] = row ids[t] of the matrix, as f32
// bindings: 0 params; 1 y [tokens, k] f32, written; 2 ids [tokens] u32; 3 w: a part of a gpu.Matrix; 4 its scales (q8_0)
// grid: x: vectors of 16 bytes of a row, in workgroups of 64; y: tokens
// limits: ids beyond the matrix count as its last row; a part writes the tokens whose row it holds
// twin: ref.Embed

struct Params {
    k: u32,
    vectors: u32,
    last: u32,
    first: u32,
    rows: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> ids: array<u32>;
@group(0) @binding(3) var<storage, read> w: array<vec4<u32>>;
{{- if eq .TYPE "q8_0"}}
@group(0) @binding(4) var<storage, read> scales: array<u32>;
{{- end}}
{{template "weights" .}}
fn store(base: u32, column: u32, v: vec4<f32>) {
    if (column < p.k) { y[base + column] = v.x; }
    if (column + 1u < p.k) { y[base + column + 1u] = v.y; }
    if (column + 2u < p.k) { y[base + column + 2u] = v.z; }
    if (column + 3u < p.k) { y[base + column + 3u] = v.w; }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let vector = group.x * 64u + lane;
    let id = min(ids[group.y], p.last);
    if (vector < p.vectors && id >= p.first && id < p.first + p.rows) {
        let row = id - p.first;
        let v = w[row_start(row, p.vectors) + 8u * vector];
        let base = group.y * p.k;
{{- if eq .TYPE "q8_0"}}
        let pair = unpack2x16float(scales[row_start(row, p.vectors / 4u) + 8u * (vector / 4u)]);
        let scale = select(pair.y, pair.x, (vector & 2u) == 0u);
{{- else}}
        let scale = 1.0;
{{- end}}
{{- range $j := quads .TYPE}}
        store(base, vector * {{mul 4 (quads $.TYPE)}}u + {{mul 4 $j}}u, quad{{$j}}(v) * scale);
{{- end}}
    }
}
