// embed: y[t,·] = row ids[t] of the matrix, as f32
// bindings: 0 params; 1 y [tokens, k] f32, written; 2 ids [tokens] u32; 3 w: a part of a gpu.Matrix; 4 its second plane, if quantised
// grid: x: pieces of a row, in workgroups of 64; y: tokens
// limits: ids beyond the matrix count as its last row; a part writes the tokens whose row it holds
// twin: ref.Embed
{{- $l := layout .TYPE}}

struct Params {
    k: u32,
    steps: u32,
    last: u32,
    first: u32,
    rows: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> ids: array<u32>;
{{- template "weights" .}}
fn store(base: u32, column: u32, v: vec4<f32>) {
    if (column < p.k) { y[base + column] = v.x; }
    if (column + 1u < p.k) { y[base + column + 1u] = v.y; }
    if (column + 2u < p.k) { y[base + column + 2u] = v.z; }
    if (column + 3u < p.k) { y[base + column + 3u] = v.w; }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let i = group.x * 64u + lane;
    let id = min(ids[group.y], p.last);
    if (i < p.steps * {{$l.Pieces}}u && id >= p.first && id < p.first + p.rows) {
        let weights = piece(load(row_at(id - p.first, p.steps), i / {{$l.Pieces}}u), i % {{$l.Pieces}}u);
        let base = group.y * p.k;
{{- range $j := $l.Quads}}
        store(base, i * {{mul 4 $l.Quads}}u + {{mul 4 $j}}u, weights.q{{$j}});
{{- end}}
    }
}
