{{- /* Keys as a cache stores them, eight of a head at a time: f16 pairs, the lower half first, or plain f32. key_low and key_high
are dims 8i to 8i+3 and 8i+4 to 8i+7. */ -}}

{{define "cache_element"}}{{if eq .CACHE "f16"}}vec4<u32>{{else}}vec4<f32>{{end}}{{end}}

{{define "cache_quads"}}
{{- if eq .CACHE "f16"}}
fn low(v: vec4<u32>) -> vec4<f32> { return vec4<f32>(unpack2x16float(v.x), unpack2x16float(v.y)); }
fn high(v: vec4<u32>) -> vec4<f32> { return vec4<f32>(unpack2x16float(v.z), unpack2x16float(v.w)); }
{{- end}}
{{- end}}
