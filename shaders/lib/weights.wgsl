{{- /* Weights as gpu.Matrix stores them; layout.go has the sizes. Rows come in tiles of 8; inside a tile the vectors of 16 bytes
follow k, one per row, so that eight neighbouring rows read 128 neighbouring bytes and a tile is read from its first byte to its
last. The words of the second plane lie likewise. A kernel loads a step of a row and takes the weights out piece by piece. Those of
quantised types are in quantised.wgsl. */ -}}

{{define "weights"}}
{{- $l := layout .TYPE}}
{{- $t := .TYPE}}
@group(0) @binding(3) var<storage, read> w: array<vec4<u32>>;
{{- if $l.Words}}
@group(0) @binding(4) var<storage, read> words: array<u32>;
{{- end}}

struct Row {
    vectors: u32, // where row n begins
    words: u32,
}

// a step of a row, as it was loaded
struct Step {
{{- range $v := $l.Vectors}}
    v{{$v}}: vec4<u32>,
{{- end}}
{{- range $i := add $l.Shared $l.Own}}
    s{{$i}}: u32,
{{- end}}
    turn: u32, // of the step in its group
}

struct Piece {
{{- range $j := $l.Quads}}
    q{{$j}}: vec4<f32>,
{{- end}}
}

fn tiled(n: u32, count: u32) -> u32 { return (n >> 3u) * count * 8u + (n & 7u); }

fn row_at(n: u32, steps: u32) -> Row {
    return Row(tiled(n, steps * {{$l.Vectors}}u), tiled(n, steps / {{$l.Group}}u * {{$l.Words}}u));
}

fn load(r: Row, i: u32) -> Step {
    let at = r.vectors + i * {{mul 8 $l.Vectors}}u;
    let turn = i % {{$l.Group}}u;
{{- if $l.Words}}
    let shared_at = r.words + i / {{$l.Group}}u * {{mul 8 $l.Words}}u;
    let own_at = shared_at + {{mul 8 $l.Shared}}u + turn * {{mul 8 $l.Own}}u;
{{- end}}
    return Step(
{{- range $v := $l.Vectors}}w[at + {{mul 8 $v}}u], {{end}}
{{- range $i := $l.Shared}}words[shared_at + {{mul 8 $i}}u], {{end}}
{{- range $i := $l.Own}}words[own_at + {{mul 8 $i}}u], {{end}}turn);
}
{{- if eq $t "bf16"}}

fn piece(s: Step, i: u32) -> Piece {
    let low = s.v0 << vec4<u32>(16u);
    let high = s.v0 & vec4<u32>(0xffff0000u);
    return Piece(bitcast<vec4<f32>>(vec4<u32>(low.x, high.x, low.y, high.y)), bitcast<vec4<f32>>(vec4<u32>(low.z, high.z, low.w, high.w)));
}
{{- else if eq $t "f16"}}

fn piece(s: Step, i: u32) -> Piece {
    return Piece(
        vec4<f32>(unpack2x16float(s.v0.x), unpack2x16float(s.v0.y)),
        vec4<f32>(unpack2x16float(s.v0.z), unpack2x16float(s.v0.w)),
    );
}
{{- else if eq $t "f32"}}

fn piece(s: Step, i: u32) -> Piece { return Piece(bitcast<vec4<f32>>(s.v0)); }
{{- else}}
{{template "quantised" .}}
{{- end}}
{{- if not $l.Words}}

// plain types are what they are (see quantised.wgsl)
fn unit(i: u32) -> vec4<f32> { return vec4<f32>(1.0); }
fn raw(s: Step, i: u32) -> Piece { return piece(s, i); }
{{- end}}
{{end}}
