{{- /* Keys and values as a cache stores them, four dims at a time: f16 pairs, the lower half first, or plain f32. */ -}}

{{define "cache_element"}}{{if eq .CACHE "f16"}}vec2<u32>{{else}}vec4<f32>{{end}}{{end}}

{{define "cache_quad"}}
{{- if eq .CACHE "f16"}}
fn quad(v: vec2<u32>) -> vec4<f32> { return vec4<f32>(unpack2x16float(v.x), unpack2x16float(v.y)); }
{{- else}}
fn quad(v: vec4<f32>) -> vec4<f32> { return v; }
{{- end}}

fn dot_add(a: vec4<f32>, b: vec4<f32>, sum: f32) -> f32 {
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}
{{- end}}
