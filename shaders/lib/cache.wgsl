{{- /* Keys and values as a cache stores them: rows of HEAD_DIM dims, a row for every kv head and position, four dims at a time. f16:
pairs, the lower half first; f32: plain; q8: a word of four signed bytes, each of them so many 127ths of the greatest magnitude
among 32 dims. That 127th stands behind the row's bytes as f32, a word for every 32 dims or the rest of them. Bytes are taken apart by hand:
DirectX has no function for it. */ -}}

{{define "cache_element"}}{{if eq .CACHE "f16"}}vec2<u32>{{else if eq .CACHE "q8"}}u32{{else}}vec4<f32>{{end}}{{end}}

{{define "cache_quad"}}
{{- $quads := div .HEAD_DIM 4}}
{{- $row := $quads}}
{{- if eq .CACHE "q8"}}
{{- $row = add $quads (div (add $quads 7) 8)}}
fn bytes(word: u32) -> vec4<f32> {
    return vec4<f32>(bitcast<vec4<i32>>(vec4<u32>(word) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u));
}
{{- else if eq .CACHE "f16"}}
fn quad(v: vec2<u32>) -> vec4<f32> { return vec4<f32>(unpack2x16float(v.x), unpack2x16float(v.y)); }
{{- else}}
fn quad(v: vec4<f32>) -> vec4<f32> { return v; }
{{- end}}

// where a row of the cache begins
fn cache_row(row: u32) -> u32 { return row * {{$row}}u; }

fn dot_add(a: vec4<f32>, b: vec4<f32>, sum: f32) -> f32 {
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}
{{- end}}

{{define "cache_keys"}}
{{- $quads := div .HEAD_DIM 4}}
// four dims of a key, from the row that begins at `row`
{{- if eq .CACHE "q8"}}
fn key_bytes(row: u32, d: u32) -> vec4<f32> { return bytes(keys[row + d]); }
fn key_scale(row: u32, d: u32) -> f32 { return bitcast<f32>(keys[row + {{$quads}}u + d / 8u]); }
fn key_quad(row: u32, d: u32) -> vec4<f32> { return key_bytes(row, d) * key_scale(row, d); }
{{- else}}
fn key_quad(row: u32, d: u32) -> vec4<f32> { return quad(keys[row + d]); }
{{- end}}
{{- end}}

{{define "cache_values"}}
{{- $quads := div .HEAD_DIM 4}}
// likewise of a value
{{- if eq .CACHE "q8"}}
fn value_quad(row: u32, d: u32) -> vec4<f32> { return bytes(values[row + d]) * bitcast<f32>(values[row + {{$quads}}u + d / 8u]); }
{{- else}}
fn value_quad(row: u32, d: u32) -> vec4<f32> { return quad(values[row + d]); }
{{- end}}
{{- end}}
