// matmul: y[t,n] = sum over k of x[t,k] · w[n,k], added to y where add is 1
// bindings: 0 params; 1 y [tokens, stride] f32, read and written; 2 x [tokens, k] f32; 3 w: a part of a gpu.Matrix; 4 its second plane, if quantised
// grid: x: 16 · ROWS rows of the matrix per workgroup; y: 16 · TOKENS rows of x. An invocation owns ROWS × TOKENS outputs, in registers
// limits: f32 sums in order of k; 64 · (ROWS + TOKENS) · DEPTH bytes of workgroup memory, for DEPTH of k at a time, each weight unpacked once;
//   surplus rows and tokens repeat the last one and are not stored; fewer than k · 9/16 iterations
// twin: ref.Matmul
{{- $l := layout .TYPE}}
{{- $rows := mul 16 .ROWS}}
{{- $tokens := mul 16 .TOKENS}}
{{- $quads := div .DEPTH 4}}
{{- $pieces := div $quads $l.Quads}}

struct Params {
    n: u32,
    k: u32,
    steps: u32,
    stride: u32,
    first: u32,
    add: u32,
    token: u32,
    tokens: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) {{template "activations_binding" .}}
{{- template "weights" .}}

// a slab of k of the tile: quad j of row n is at j · rows + n, so that neighbouring invocations read neighbouring vectors
var<workgroup> sh_w: array<vec4<f32>, {{mul $rows $quads}}>;
var<workgroup> sh_x: array<vec4<f32>, {{mul $tokens $quads}}>;
{{- template "activations" .}}
fn fill_weights(first: u32, slab: u32, lane: u32) {
    for (var i = lane; i < {{mul $rows $pieces}}u; i = i + 256u) {
        let n = i % {{$rows}}u;
        let at = i / {{$rows}}u;
        let piece_at = slab * {{$pieces}}u + at;
        let step = piece_at / {{$l.Pieces}}u;
        let row = row_at(min(first + n, p.n - 1u), p.steps);
        let unpacked = piece(load(row, min(step, p.steps - 1u)), piece_at % {{$l.Pieces}}u);
        let there = vec4<bool>(step < p.steps, step < p.steps, step < p.steps, step < p.steps);
{{- range $j := $l.Quads}}
        sh_w[(at * {{$l.Quads}}u + {{$j}}u) * {{$rows}}u + n] = select(vec4<f32>(0.0), unpacked.q{{$j}}, there);
{{- end}}
    }
}

fn fill_activations(token: u32, slab: u32, lane: u32) {
    for (var i = lane; i < {{mul $tokens $quads}}u; i = i + 256u) {
        let j = i % {{$quads}}u;
        let t = i / {{$quads}}u;
        sh_x[j * {{$tokens}}u + t] = activations(min(token + t, p.tokens - 1u) * p.k, slab * {{$quads}}u + j);
    }
}

fn dot_add(a: vec4<f32>, b: vec4<f32>, sum: f32) -> f32 {
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

fn store(n: u32, token: u32, sum: f32) {
    if (n < p.n && token < p.tokens) {
        let at = token * p.stride + p.first + n;
        if (p.add == 1u) { y[at] = y[at] + sum; } else { y[at] = sum; }
    }
}

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) at: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let first = group.x * {{$rows}}u;
    let token = p.token + group.y * {{$tokens}}u;
{{- range $row := .ROWS}}
    {{- range $t := $.TOKENS}}
    var sum{{$row}}_{{$t}} = 0.0;
    {{- end}}
{{- end}}
    let slabs = (p.k - 1u) / {{.DEPTH}}u + 1u;
    for (var slab = 0u; slab < slabs; slab = slab + 1u) {
        workgroupBarrier();
        fill_weights(first, slab, lane);
        fill_activations(token, slab, lane);
        workgroupBarrier();
        for (var j = 0u; j < {{$quads}}u; j = j + 1u) {
{{- range $row := .ROWS}}
            let w{{$row}} = sh_w[j * {{$rows}}u + {{mul 16 $row}}u + at.x];
{{- end}}
{{- range $t := .TOKENS}}
            let x{{$t}} = sh_x[j * {{$tokens}}u + {{mul 16 $t}}u + at.y];
    {{- range $row := $.ROWS}}
            sum{{$row}}_{{$t}} = dot_add(w{{$row}}, x{{$t}}, sum{{$row}}_{{$t}});
    {{- end}}
{{- end}}
        }
    }
{{- range $row := .ROWS}}
    {{- range $t := $.TOKENS}}
    store(first + {{mul 16 $row}}u + at.x, token + {{mul 16 $t}}u + at.y, sum{{$row}}_{{$t}});
    {{- end}}
{{- end}}
}
