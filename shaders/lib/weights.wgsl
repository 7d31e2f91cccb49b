{{- /* Weights as gpu.Matrix stores them. Rows come in tiles of 8; inside a tile the vectors of 16 bytes follow k, one per row, so that
eight neighbouring rows read 128 neighbouring bytes and a tile is read from its first byte to its last. A vector holds 8 bf16, 8 f16,
4 f32 or 16 int8, so it makes 2, 2, 1 or 4 quads; quadI unpacks weights 4I to 4I+3. The scales of q8_0 (one f16 per 32 weights) lie in
the same order in a second binding, two to a word, a word for every 64 weights. */ -}}

{{define "weights"}}
{{- if eq .TYPE "bf16"}}
fn quad0(v: vec4<u32>) -> vec4<f32> {
    return bitcast<vec4<f32>>(vec4<u32>(v.x << 16u, v.x & 0xffff0000u, v.y << 16u, v.y & 0xffff0000u));
}
fn quad1(v: vec4<u32>) -> vec4<f32> {
    return bitcast<vec4<f32>>(vec4<u32>(v.z << 16u, v.z & 0xffff0000u, v.w << 16u, v.w & 0xffff0000u));
}
{{- else if eq .TYPE "f16"}}
fn quad0(v: vec4<u32>) -> vec4<f32> { return vec4<f32>(unpack2x16float(v.x), unpack2x16float(v.y)); }
fn quad1(v: vec4<u32>) -> vec4<f32> { return vec4<f32>(unpack2x16float(v.z), unpack2x16float(v.w)); }
{{- else if eq .TYPE "f32"}}
fn quad0(v: vec4<u32>) -> vec4<f32> { return bitcast<vec4<f32>>(v); }
{{- else if eq .TYPE "q8_0"}}
fn int8s(v: u32) -> vec4<f32> {
    let s = bitcast<vec4<i32>>(vec4<u32>(v << 24u, v << 16u, v << 8u, v));
    return vec4<f32>(s >> vec4<u32>(24u, 24u, 24u, 24u));
}
fn quad0(v: vec4<u32>) -> vec4<f32> { return int8s(v.x); }
fn quad1(v: vec4<u32>) -> vec4<f32> { return int8s(v.y); }
fn quad2(v: vec4<u32>) -> vec4<f32> { return int8s(v.z); }
fn quad3(v: vec4<u32>) -> vec4<f32> { return int8s(v.w); }
{{- end}}
// where row n begins, in vectors (or scale words) of which a row has count
fn row_start(n: u32, count: u32) -> u32 { return (n >> 3u) * count * 8u + (n & 7u); }
{{end}}
