// matvec: y[t,n] = sum over k of x[t,k] · w[n,k], added to y where add is 1; {{.COLS}} rows t
// bindings: 0 params; 1 y [COLS, stride] f32, read and written; 2 x [COLS, k] f32; 3 w: a part of a gpu.Matrix; 4 its scales (q8_0)
// grid: x: LANES · ROWS rows of the matrix per workgroup; its y: SLICES invocations that share the row, step by step in turn
// limits: f32 sums; one order of summation for each output whatever COLS is; k/4 iterations at most (f32), k/8 (bf16, f16), k/64 (q8_0)
// twin: ref.Matmul
{{- $vecs := vectors .TYPE}}
{{- $quads := quads .TYPE}}

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
@group(0) @binding(3) var<storage, read> w: array<vec4<u32>>;
{{- if eq .TYPE "q8_0"}}
@group(0) @binding(4) var<storage, read> scales: array<u32>;
{{- end}}
{{- if gt .SLICES 1}}

var<workgroup> sh_part: array<f32, {{mul (mul .LANES .SLICES) (mul .ROWS .COLS)}}>;
{{- end}}
{{template "weights" .}}
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
    let w{{$row}} = row_start(min(n{{$row}}, p.n - 1u), p.steps * {{$vecs}}u);
    {{- if eq $.TYPE "q8_0"}}
    let s{{$row}} = row_start(min(n{{$row}}, p.n - 1u), p.steps);
    {{- end}}
    {{- range $c := $.COLS}}
    var sum{{$row}}_{{$c}} = vec4<f32>(0.0, 0.0, 0.0, 0.0);
    {{- end}}
{{- end}}
    for (var step = at.y; step < p.steps; step = step + {{.SLICES}}u) {
{{- range $row := .ROWS}}
    {{- if eq $.TYPE "q8_0"}}
        let scale{{$row}} = unpack2x16float(scales[s{{$row}} + 8u * step]);
    {{- end}}
    {{- range $v := $vecs}}
        let v{{$row}}_{{$v}} = w[w{{$row}} + (step * {{$vecs}}u + {{$v}}u) * 8u];
    {{- end}}
{{- end}}
{{- range $c := .COLS}}
    {{- range $v := $vecs}}
    {{- range $j := $quads}}
        {{- $q := add (mul $v $quads) $j}}
        let x{{$c}}_{{$q}} = activations({{$c}}u * p.k, step * {{mul $vecs $quads}}u + {{$q}}u);
    {{- end}}
    {{- end}}
    {{- range $row := $.ROWS}}
        {{- if eq $.TYPE "q8_0"}}
        {{- range $half := 2}}
        var block{{$row}}_{{$c}}_{{$half}} = quad0(v{{$row}}_{{mul 2 $half}}) * x{{$c}}_{{mul 8 $half}};
        {{- range $j := 7}}
        {{- $q := add 1 $j}}
        block{{$row}}_{{$c}}_{{$half}} = fma(quad{{mod $q 4}}(v{{$row}}_{{add (mul 2 $half) (div $q 4)}}), x{{$c}}_{{add (mul 8 $half) $q}}, block{{$row}}_{{$c}}_{{$half}});
        {{- end}}
        sum{{$row}}_{{$c}} = fma(vec4<f32>(scale{{$row}}.{{if eq $half 0}}x{{else}}y{{end}}), block{{$row}}_{{$c}}_{{$half}}, sum{{$row}}_{{$c}});
        {{- end}}
        {{- else}}
        {{- range $j := $quads}}
        sum{{$row}}_{{$c}} = fma(quad{{$j}}(v{{$row}}_0), x{{$c}}_{{$j}}, sum{{$row}}_{{$c}});
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
