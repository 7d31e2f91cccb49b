// matmul: y[t,n] = sum over k of x[t,k] · w[n,k], added to y where add is 1
// bindings: 0 params; 1 y [tokens, stride] f32, read and written; 2 x [tokens, k] f32; 3 w: a part of a gpu.Matrix; 4 its scales (q8_0)
// grid: x: GROUP · ROWS rows of the matrix per workgroup; y: TOKENS rows of x. An invocation owns ROWS × TOKENS outputs, in registers
// limits: f32 sums in order of k; surplus rows and tokens repeat the last one and are not stored;
//   k/4 iterations (f32), k/8 (bf16, f16), k/16 (q8_0)
// twin: ref.Matmul
{{- $quads := quads .TYPE}}

struct Params {
    n: u32,
    k: u32,
    vectors: u32,
    stride: u32,
    first: u32,
    add: u32,
    token: u32,
    tokens: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<{{if eq .X "scalar"}}f32{{else}}vec4<f32>{{end}}>;
@group(0) @binding(3) var<storage, read> w: array<vec4<u32>>;
{{- if eq .TYPE "q8_0"}}
@group(0) @binding(4) var<storage, read> scales: array<u32>;
{{- end}}
{{template "weights" .}}
{{- template "activations" .}}
fn dot_add(a: vec4<f32>, b: vec4<f32>, sum: f32) -> f32 {
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

fn store(n: u32, token: u32, sum: f32) {
    if (n < p.n && token < p.tokens) {
        let at = token * p.stride + p.first + n;
        if (p.add == 1u) { y[at] = y[at] + sum; } else { y[at] = sum; }
    }
}

@compute @workgroup_size({{.GROUP}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let token = p.token + group.y * {{.TOKENS}}u;
{{- range $t := .TOKENS}}
    let x{{$t}} = min(token + {{$t}}u, p.tokens - 1u) * p.k;
{{- end}}
{{- range $row := .ROWS}}
    let n{{$row}} = (group.x * {{$.ROWS}}u + {{$row}}u) * {{$.GROUP}}u + lane;
    let w{{$row}} = row_start(min(n{{$row}}, p.n - 1u), p.vectors);
    {{- if eq $.TYPE "q8_0"}}
    let s{{$row}} = row_start(min(n{{$row}}, p.n - 1u), p.vectors / 4u);
    {{- end}}
    {{- range $t := $.TOKENS}}
    var sum{{$row}}_{{$t}} = 0.0;
    {{- end}}
{{- end}}
    for (var i = 0u; i < p.vectors; i = i + 1u) {
{{- range $row := .ROWS}}
        let v{{$row}} = w[w{{$row}} + 8u * i];
    {{- if eq $.TYPE "q8_0"}}
        let pair{{$row}} = unpack2x16float(scales[s{{$row}} + 8u * (i / 4u)]);
        let scale{{$row}} = select(pair{{$row}}.y, pair{{$row}}.x, (i & 2u) == 0u);
    {{- end}}
{{- end}}
{{- range $j := $quads}}
    {{- range $row := $.ROWS}}
        let w{{$row}}_{{$j}} = quad{{$j}}(v{{$row}}){{if eq $.TYPE "q8_0"}} * scale{{$row}}{{end}};
    {{- end}}
    {{- range $t := $.TOKENS}}
        let x{{$t}}_{{$j}} = activations(x{{$t}}, i * {{$quads}}u + {{$j}}u);
        {{- range $row := $.ROWS}}
        sum{{$row}}_{{$t}} = dot_add(w{{$row}}_{{$j}}, x{{$t}}_{{$j}}, sum{{$row}}_{{$t}});
        {{- end}}
    {{- end}}
{{- end}}
    }
{{- range $row := .ROWS}}
    {{- range $t := $.TOKENS}}
    store(n{{$row}}, token + {{$t}}u, sum{{$row}}_{{$t}});
    {{- end}}
{{- end}}
}
