// matmul: y[t,n] = sum over k of x[t,k] · w[n,k], added to y where add is 1
// bindings: 0 params; 1 y [tokens, stride] f32, read and written; 2 x [tokens, k] f32; 3 w: a part of a gpu.Matrix; 4 its second plane, if quantised
// grid: x: GROUP · ROWS rows of the matrix per workgroup; y: TOKENS rows of x. An invocation owns ROWS × TOKENS outputs, in registers
// limits: f32 sums in order of k; surplus rows and tokens repeat the last one and are not stored;
//   k/4 iterations (f32), k/8 (bf16, f16), k/16
// twin: ref.Matmul
{{- $l := layout .TYPE}}

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
    let row{{$row}} = row_at(min(n{{$row}}, p.n - 1u), p.steps);
    {{- range $t := $.TOKENS}}
    var sum{{$row}}_{{$t}} = 0.0;
    {{- end}}
{{- end}}
    for (var i = 0u; i < p.steps; i = i + 1u) {
{{- range $row := .ROWS}}
        let step{{$row}} = load(row{{$row}}, i);
{{- end}}
{{- if eq $l.Pieces 1}}
        let part = 0u;
        {
{{- else}}
        for (var part = 0u; part < {{$l.Pieces}}u; part = part + 1u) {
{{- end}}
{{- range $row := .ROWS}}
            let w{{$row}} = piece(step{{$row}}, part);
{{- end}}
{{- range $t := .TOKENS}}
    {{- range $j := $l.Quads}}
            let x{{$t}}_{{$j}} = activations(x{{$t}}, (i * {{$l.Pieces}}u + part) * {{$l.Quads}}u + {{$j}}u);
        {{- range $row := $.ROWS}}
            sum{{$row}}_{{$t}} = dot_add(w{{$row}}.q{{$j}}, x{{$t}}_{{$j}}, sum{{$row}}_{{$t}});
        {{- end}}
    {{- end}}
{{- end}}
        }
    }
{{- range $row := .ROWS}}
    {{- range $t := $.TOKENS}}
    store(n{{$row}}, token + {{$t}}u, sum{{$row}}_{{$t}});
    {{- end}}
{{- end}}
}
