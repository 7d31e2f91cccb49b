// matvec: y[t,n] = sum over k of x[t,k] · w[n,k], added to y where add is 1; {{.COLS}} rows t
// bindings: 0 params; 1 y [COLS, stride] f32, read and written; 2 x [COLS, k] f32; 3 w: a part of a gpu.Matrix; 4 its second plane, if quantised
// grid: x: LANES · ROWS rows of the matrix per workgroup; its y: SLICES invocations that share the row, step by step in turn
// limits: f32 sums; one order of summation for each output whatever COLS is; an iteration takes a step of k: 4 (f32), 8 (bf16, f16), 64
// twin: ref.Matmul
{{- $l := layout .TYPE}}

struct Params {
    n: u32,
    k: u32,
    steps: u32,
    stride: u32,
    first: u32,
    add: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<{{if eq .X "scalar"}}f32{{else}}vec4<f32>{{end}}>;
{{- template "weights" .}}
{{- if gt .SLICES 1}}

var<workgroup> sh_part: array<f32, {{mul (mul .LANES .SLICES) (mul .ROWS .COLS)}}>;
{{- end}}

{{- template "activations" .}}
fn total(v: vec4<f32>) -> f32 { return (v.x + v.y) + (v.z + v.w); }

fn store(n: u32, column: u32, sum: f32) {
    if (n < p.n) {
        let at = column * p.stride + p.first + n;
        if (p.add == 1u) { y[at] = y[at] + sum; } else { y[at] = sum; }
    }
}

@compute @workgroup_size({{.LANES}}, {{.SLICES}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) at: vec3<u32>) {
{{- range $row := .ROWS}}
    let n{{$row}} = (group.x * {{$.ROWS}}u + {{$row}}u) * {{$.LANES}}u + at.x;
    let row{{$row}} = row_at(min(n{{$row}}, p.n - 1u), p.steps);
    {{- range $c := $.COLS}}
    var sum{{$row}}_{{$c}} = vec4<f32>(0.0, 0.0, 0.0, 0.0);
    {{- end}}
{{- end}}
    for (var step = at.y; step < p.steps; step = step + {{.SLICES}}u) {
{{- range $row := .ROWS}}
        let step{{$row}} = load(row{{$row}}, step);
{{- end}}
{{- range $p := $l.Pieces}}
    {{- range $row := $.ROWS}}
        let w{{$row}}_{{$p}} = piece(step{{$row}}, {{$p}}u);
    {{- end}}
    {{- range $c := $.COLS}}
        {{- range $j := $l.Quads}}
        {{- $q := add (mul $p $l.Quads) $j}}
        let x{{$c}}_{{$q}} = activations({{$c}}u * p.k, step * {{mul $l.Pieces $l.Quads}}u + {{$q}}u);
        {{- end}}
        {{- range $row := $.ROWS}}
        {{- range $j := $l.Quads}}
        sum{{$row}}_{{$c}} = fma(w{{$row}}_{{$p}}.q{{$j}}, x{{$c}}_{{add (mul $p $l.Quads) $j}}, sum{{$row}}_{{$c}});
        {{- end}}
        {{- end}}
    {{- end}}
{{- end}}
    }
{{- if gt .SLICES 1}}
    {{- $outputs := mul .ROWS .COLS}}
    workgroupBarrier();
    {{- range $row := .ROWS}}
    {{- range $c := $.COLS}}
    sh_part[(at.y * {{$outputs}}u + {{add (mul $row $.COLS) $c}}u) * {{$.LANES}}u + at.x] = total(sum{{$row}}_{{$c}});
    {{- end}}
    {{- end}}
    workgroupBarrier();
    // the slices of each output are added in order, by the invocations in turn
    {{- range $row := .ROWS}}
    {{- range $c := $.COLS}}
    {{- $output := add (mul $row $.COLS) $c}}
    if (at.y == {{mod $output $.SLICES}}u) {
        var sum = 0.0;
        for (var slice = 0u; slice < {{$.SLICES}}u; slice = slice + 1u) {
            sum = sum + sh_part[(slice * {{$outputs}}u + {{$output}}u) * {{$.LANES}}u + at.x];
        }
        store(n{{$row}}, {{$c}}u, sum);
    }
    {{- end}}
    {{- end}}
{{- else}}
    {{- range $row := .ROWS}}
    {{- range $c := $.COLS}}
    store(n{{$row}}, {{$c}}u, total(sum{{$row}}_{{$c}}));
    {{- end}}
    {{- end}}
{{- end}}
}
