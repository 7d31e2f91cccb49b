{{- /* A pair of a query or key turned by the angle of its position, and a pair as the cache stores it. */ -}}

{{define "turn"}}
{{- if eq .CACHE "f16"}}
fn cell(pair: vec2<f32>) -> u32 { return pack2x16float(pair); }
{{- else}}
fn cell(pair: vec2<f32>) -> vec2<f32> { return pair; }
{{- end}}

fn turn(pair: vec2<f32>, angle: vec2<f32>) -> vec2<f32> {
    return vec2<f32>(pair.x * angle.x - pair.y * angle.y, pair.x * angle.y + pair.y * angle.x);
}
{{end}}
