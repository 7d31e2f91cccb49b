// attend_split: for 128 keys of one query: m = greatest score, l = sum of e^(s_j - m), a = sum of e^(s_j - m) · v[j]; causal
// bindings: 0 params; 1 parts [tokens, query, splits] of HEAD_DIM/4 + 1 vec4: a, then (m, l, 0, 0), written;
//   2 q [tokens, query, HEAD_DIM] f32; 3 keys, 4 values [kv heads of all, context, HEAD_DIM] as lib/cache.wgsl has them;
//   5 state: each token's position and the first kv head of its conversation
// grid: x: splits, split i has keys 128i to 128i+127; y: HEADS query heads from `first` on, which share a kv head; z: tokens
// limits: splits beyond the query's position leave at once; first an invocation owns keys, then a quad of dims; under 200 iterations
// twin: ref.AttendSplit
{{- $quads := div .HEAD_DIM 4}}
{{- $each := div 128 .GROUP}}
{{- $fours := div (add .HEADS 3) 4}}
{{- $sharers := div .GROUP $quads}}

struct Params {
    query: u32,
    group: u32,
    context: u32,
    splits: u32,
    token: u32,
    first: u32, // query head of those that keys and values are for
    scale: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> parts: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> q: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> keys: array<{{template "cache_element" .}}>;
@group(0) @binding(4) var<storage, read> values: array<{{template "cache_element" .}}>;
@group(0) @binding(5) var<storage, read> state: array<vec2<u32>>;

// four heads to a vector; heads beyond HEADS are zeros
var<workgroup> sh_most: array<vec4<f32>, {{mul .GROUP $fours}}>;
var<workgroup> sh_weight: array<vec4<f32>, {{mul 128 $fours}}>;
var<workgroup> sh_sum: array<vec4<f32>, {{.GROUP}}>;
{{template "cache_quad" .}}
{{template "cache_keys" .}}
{{template "cache_values" .}}

@compute @workgroup_size({{.GROUP}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let place = state[p.token + group.z];
    let position = place.x;
    let first = group.x * 128u;
    if (first > position) {
        return;
    }
    let count = min(position - first + 1u, 128u);
    let head = group.y * {{.HEADS}}u;
    let base = (place.y + head / p.group) * p.context + first;
    let begin = ((p.token + group.z) * p.query + p.first + head) * {{$quads}}u;

    // scores: this invocation's keys are {{$each}}, a GROUP apart
{{- range $i := $each}}
    let key{{$i}} = lane + {{mul $i $.GROUP}}u;
    let k{{$i}} = cache_row(base + min(key{{$i}}, count - 1u));
    {{- range $h := $.HEADS}}
    var s{{$h}}_{{$i}} = 0.0;
    {{- end}}
{{- end}}
{{- $packed := eq .CACHE "q8"}}
{{- if $packed}}
    for (var block = 0u; block < {{$quads}}u; block = block + 8u) {
    {{- range $i := $each}}
    let scale{{$i}} = key_scale(k{{$i}}, block);
    {{- end}}
    for (var d = block; d < min(block + 8u, {{$quads}}u); d = d + 1u) {
{{- else}}
    for (var d = 0u; d < {{$quads}}u; d = d + 1u) {
{{- end}}
{{- range $i := $each}}
        let k{{$i}}d = {{if $packed}}key_bytes(k{{$i}}, d) * scale{{$i}}{{else}}key_quad(k{{$i}}, d){{end}};
{{- end}}
{{- range $h := .HEADS}}
        let q{{$h}}d = q[begin + {{mul $h $quads}}u + d];
    {{- range $i := $each}}
        s{{$h}}_{{$i}} = dot_add(q{{$h}}d, k{{$i}}d, s{{$h}}_{{$i}});
    {{- end}}
{{- end}}
    }
{{- if $packed}}
    }
{{- end}}

    // the greatest of each head
{{- range $f := $fours}}
    var most{{$f}} = vec4<f32>(-1e30, -1e30, -1e30, -1e30);
    {{- range $i := $each}}
    let scores{{$f}}_{{$i}} = select(
        vec4<f32>(-1e30, -1e30, -1e30, -1e30),
        vec4<f32>({{range $c := 4}}{{if $c}}, {{end}}{{if lt (add (mul 4 $f) $c) $.HEADS}}s{{add (mul 4 $f) $c}}_{{$i}}{{else}}0.0{{end}}{{end}}) * p.scale,
        vec4<bool>(key{{$i}} < count, key{{$i}} < count, key{{$i}} < count, key{{$i}} < count));
    most{{$f}} = max(most{{$f}}, scores{{$f}}_{{$i}});
    {{- end}}
{{- end}}
    workgroupBarrier();
{{- range $f := $fours}}
    sh_most[{{mul $f $.GROUP}}u + lane] = most{{$f}};
{{- end}}
    for (var stride = {{div .GROUP 2}}u; stride > 0u; stride = stride >> 1u) {
        workgroupBarrier();
        if (lane < stride) {
{{- range $f := $fours}}
            sh_most[{{mul $f $.GROUP}}u + lane] = max(sh_most[{{mul $f $.GROUP}}u + lane], sh_most[{{mul $f $.GROUP}}u + lane + stride]);
{{- end}}
        }
    }
    workgroupBarrier();
{{- range $f := $fours}}
    most{{$f}} = sh_most[{{mul $f $.GROUP}}u];
    {{- range $i := $each}}
    sh_weight[key{{$i}} * {{$fours}}u + {{$f}}u] = exp(scores{{$f}}_{{$i}} - most{{$f}});
    {{- end}}
{{- end}}
    workgroupBarrier();

    // values: this invocation owns a quad of dims and every {{$sharers}}th key
    let quad_index = lane % {{$quads}}u;
    let share = lane / {{$quads}}u;
{{- range $f := $fours}}
    var weight{{$f}} = vec4<f32>(0.0, 0.0, 0.0, 0.0);
{{- end}}
{{- range $h := .HEADS}}
    var sum{{$h}} = vec4<f32>(0.0, 0.0, 0.0, 0.0);
{{- end}}
    if (share < {{$sharers}}u) {
        for (var key = share; key < count; key = key + {{$sharers}}u) {
            let v = value_quad(cache_row(base + key), quad_index);
{{- range $f := $fours}}
            let w{{$f}} = sh_weight[key * {{$fours}}u + {{$f}}u];
            weight{{$f}} = weight{{$f}} + w{{$f}};
{{- end}}
{{- range $h := .HEADS}}
            sum{{$h}} = fma(vec4<f32>(w{{div $h 4}}.{{slice "xyzw" (mod $h 4) (add 1 (mod $h 4))}}), v, sum{{$h}});
{{- end}}
        }
    }

    // the shares are added in order
    let to = ((group.z * p.query + p.first + head) * p.splits + group.x) * {{add $quads 1}}u;
    let next = p.splits * {{add $quads 1}}u;
{{- range $f := $fours}}
    workgroupBarrier();
    sh_sum[lane] = weight{{$f}};
    workgroupBarrier();
    if (lane == 0u) {
        for (var i = 1u; i < {{$sharers}}u; i = i + 1u) {
            weight{{$f}} = weight{{$f}} + sh_sum[i * {{$quads}}u];
        }
    {{- range $c := 4}}
        {{- $h := add (mul 4 $f) $c}}
        {{- if lt $h $.HEADS}}
        {{- $xyzw := slice "xyzw" $c (add 1 $c)}}
        parts[to + {{$h}}u * next + {{$quads}}u] = vec4<f32>(most{{$f}}.{{$xyzw}}, weight{{$f}}.{{$xyzw}}, 0.0, 0.0);
        {{- end}}
    {{- end}}
    }
{{- end}}
{{- range $h := .HEADS}}
    workgroupBarrier();
    sh_sum[lane] = sum{{$h}};
    workgroupBarrier();
    if (share == 0u) {
        for (var i = 1u; i < {{$sharers}}u; i = i + 1u) {
            sum{{$h}} = sum{{$h}} + sh_sum[i * {{$quads}}u + quad_index];
        }
        parts[to + {{$h}}u * next + quad_index] = sum{{$h}};
    }
{{- end}}
}
