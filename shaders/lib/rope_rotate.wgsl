{{- /* A pair of a query or key turned by the angle of its position, and what the cache stores: a pair, or with q8 four dims as bytes
under the greatest magnitude of the 32 around them (see cache.wgsl). */ -}}

{{define "turn"}}
{{- if eq .CACHE "f16"}}
fn cell(pair: vec2<f32>) -> u32 { return pack2x16float(pair); }
{{- else if eq .CACHE "q8"}}
fn greatest(pair: vec2<f32>) -> f32 { return max(abs(pair.x), abs(pair.y)); }

fn cell(v: vec4<f32>, most: f32) -> u32 {
    let parts = floor(v * select(0.0, 127.0 / most, most > 1e-30) + 0.5);
    let bytes = bitcast<vec4<u32>>(vec4<i32>(clamp(parts, vec4<f32>(-127.0), vec4<f32>(127.0)))) & vec4<u32>(255u);
    return bytes.x | (bytes.y << 8u) | (bytes.z << 16u) | (bytes.w << 24u);
}
{{- else}}
fn cell(pair: vec2<f32>) -> vec2<f32> { return pair; }
{{- end}}

fn turn(pair: vec2<f32>, angle: vec2<f32>) -> vec2<f32> {
    return vec2<f32>(pair.x * angle.x - pair.y * angle.y, pair.x * angle.y + pair.y * angle.x);
}
{{end}}

{{define "cell_element"}}{{if eq .CACHE "f32"}}vec2<f32>{{else}}u32{{end}}{{end}}
