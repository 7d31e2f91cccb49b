{{- /* Four neighbouring activations of a row of k: quad i of the row whose first element is base. What lies behind the row's end
counts as 0, because a weight row is padded with zeros to whole vectors and 0 times garbage may be NaN. Software Vulkan reads a
uniform several times faster than storage, for lack of bounds; that holds 64 KiB, so that long rows get one each. */ -}}

{{define "activations_binding"}}
{{- if eq .X "uniform" "rows"}}var<uniform> x: array<vec4<f32>, {{.COUNT}}>
{{- else}}var<storage, read> x: array<{{if eq .X "scalar"}}f32{{else}}vec4<f32>{{end}}>{{end}};
{{- end}}

{{define "activations"}}
{{- if eq .X "scalar"}}
fn one(base: u32, i: u32) -> f32 { return select(0.0, x[base + i], i < p.k); }
fn activations(base: u32, i: u32) -> vec4<f32> {
    let c = 4u * i;
    return vec4<f32>(one(base, c), one(base, c + 1u), one(base, c + 2u), one(base, c + 3u));
}
{{- else if eq .X "padded"}}
fn activations(base: u32, i: u32) -> vec4<f32> {
    return select(vec4<f32>(0.0, 0.0, 0.0, 0.0), x[base / 4u + i], vec4<bool>(4u * i < p.k, 4u * i < p.k, 4u * i < p.k, 4u * i < p.k));
}
{{- else}}
fn activations(base: u32, i: u32) -> vec4<f32> { return x[base / 4u + i]; }
{{- end}}
{{end}}
