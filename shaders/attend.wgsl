// attend: y[t,h] = sum over keys j of softmax_j(scale · q[t,h]·k[j]) · v[j]; CAUSAL: j <= pos0 + t; kv head = h / group
// bindings: 0 params; 1 y [tokens, query, HEAD_DIM] f32, written; 2 q, the same shape; 3 keys, 4 values [kv heads of all, context, HEAD_DIM]
//   as lib/cache.wgsl has them; 5 state (CAUSAL): pos0, the position of the first token, and the first kv head of its conversation, which is that of all
// grid: x: ROWS rows (token, head of the group) per workgroup; y: kv heads from `first` on. For scores an invocation owns KEYS keys of a tile, for
//   values QUADS quads of dims and every SHARERS-th key
// limits: running softmax in f32 over tiles of GROUP · KEYS keys from key 0 on. A tile takes 1 + HEAD_DIM/4 + GROUP/8 +
//   GROUP · KEYS/(4 · SHARERS) iterations: 131,072 keys are 28,000 with HEAD_DIM 128, GROUP 32, KEYS 8, SHARERS 2
// twin: ref.Attend, ref.UnpackQ8
{{- $quads := div .HEAD_DIM 4}}
{{- $fours := div .ROWS 4}}
{{- $tile := mul .GROUP .KEYS}}
{{- $owners := div $quads .QUADS}}

struct Params {
    tokens: u32,
    query: u32,
    group: u32,
    context: u32,
    row: u32,
    keys: u32,
    first: u32, // kv head of y and q that is the first of keys and values
    scale: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> q: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> keys: array<{{template "cache_element" .}}>;
@group(0) @binding(4) var<storage, read> values: array<{{template "cache_element" .}}>;
{{- if .CAUSAL}}
@group(0) @binding(5) var<storage, read> state: array<vec2<u32>>;
{{- end}}

// four rows to a vector
var<workgroup> sh_most: array<vec4<f32>, {{mul .GROUP $fours}}>;
var<workgroup> sh_weight: array<vec4<f32>, {{mul $tile $fours}}>;
var<workgroup> sh_row_most: array<f32, {{.ROWS}}>;
var<workgroup> sh_row_keep: array<f32, {{.ROWS}}>;
{{template "cache_quad" .}}
{{template "cache_keys" .}}
{{template "cache_values" .}}

@compute @workgroup_size({{.GROUP}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let last = p.tokens * p.group - 1u;
    let begin = p.row + group.x * {{.ROWS}}u;
{{- if .CAUSAL}}
    let pos0 = state[0].x;
    let base = (state[0].y + group.y) * p.context;
    // what the last row of the workgroup sees: the same for all of it, as barriers need
    let count = min(pos0 + min(begin + {{.ROWS}}u - 1u, last) / p.group + 1u, p.context);
{{- else}}
    let base = group.y * p.context;
    let count = p.keys;
{{- end}}
{{- range $row := .ROWS}}
    let token{{$row}} = min(begin + {{$row}}u, last) / p.group;
    let q{{$row}} = (token{{$row}} * p.query + (p.first + group.y) * p.group + min(begin + {{$row}}u, last) % p.group) * {{$quads}}u;
    {{- range $e := $.QUADS}}
    var sum{{$row}}_{{$e}} = vec4<f32>(0.0, 0.0, 0.0, 0.0);
    {{- end}}
{{- end}}
{{- range $f := $fours}}
    {{- if $.CAUSAL}}
    let visible{{$f}} = vec4<u32>(token{{mul 4 $f}}, token{{add 1 (mul 4 $f)}}, token{{add 2 (mul 4 $f)}}, token{{add 3 (mul 4 $f)}}) + vec4<u32>(pos0 + 1u);
    {{- else}}
    let visible{{$f}} = vec4<u32>(p.keys);
    {{- end}}
    var weight{{$f}} = vec4<f32>(0.0, 0.0, 0.0, 0.0);
{{- end}}
    let owned = lane % {{$owners}}u * {{.QUADS}}u;
    let share = lane / {{$owners}}u;
    workgroupBarrier();
    if (lane < {{.ROWS}}u) {
        sh_row_most[lane] = -1e30;
    }

    for (var first = 0u; first < count; first = first + {{$tile}}u) {
        // scores of this invocation's keys
{{- range $i := .KEYS}}
        let key{{$i}} = first + {{mul $i $.GROUP}}u + lane;
        let k{{$i}} = cache_row(base + min(key{{$i}}, count - 1u));
    {{- range $row := $.ROWS}}
        var s{{$row}}_{{$i}} = 0.0;
    {{- end}}
{{- end}}
        for (var d = 0u; d < {{$quads}}u; d = d + 1u) {
{{- range $i := .KEYS}}
            let k{{$i}}d = key_quad(k{{$i}}, d);
{{- end}}
{{- range $row := .ROWS}}
            let q{{$row}}d = q[q{{$row}} + d];
    {{- range $i := $.KEYS}}
            s{{$row}}_{{$i}} = dot_add(q{{$row}}d, k{{$i}}d, s{{$row}}_{{$i}});
    {{- end}}
{{- end}}
        }

        // the greatest score of each row so far
{{- range $f := $fours}}
        {{- $r := mul 4 $f}}
        var most{{$f}} = vec4<f32>(-1e30, -1e30, -1e30, -1e30);
    {{- range $i := $.KEYS}}
        let scores{{$f}}_{{$i}} = select(
            vec4<f32>(-1e30, -1e30, -1e30, -1e30),
            vec4<f32>(s{{$r}}_{{$i}}, s{{add 1 $r}}_{{$i}}, s{{add 2 $r}}_{{$i}}, s{{add 3 $r}}_{{$i}}) * p.scale,
            vec4<u32>(key{{$i}}) < visible{{$f}});
        most{{$f}} = max(most{{$f}}, scores{{$f}}_{{$i}});
    {{- end}}
        sh_most[lane * {{$fours}}u + {{$f}}u] = most{{$f}};
{{- end}}
        workgroupBarrier();
        if (lane < {{.ROWS}}u) {
            let before = sh_row_most[lane];
            var most = before;
            for (var i = 0u; i < {{.GROUP}}u; i = i + 8u) {
{{- range $i := 8}}
                most = max(most, sh_most[(i + {{$i}}u) * {{$fours}}u + lane / 4u][lane % 4u]);
{{- end}}
            }
            sh_row_most[lane] = most;
            sh_row_keep[lane] = exp(before - most);
        }
        workgroupBarrier();

        // weights, with what was summed before scaled to the new maximum
{{- range $f := $fours}}
        {{- $r := mul 4 $f}}
        let top{{$f}} = vec4<f32>(sh_row_most[{{$r}}], sh_row_most[{{add 1 $r}}], sh_row_most[{{add 2 $r}}], sh_row_most[{{add 3 $r}}]);
        let keep{{$f}} = vec4<f32>(sh_row_keep[{{$r}}], sh_row_keep[{{add 1 $r}}], sh_row_keep[{{add 2 $r}}], sh_row_keep[{{add 3 $r}}]);
        weight{{$f}} = weight{{$f}} * keep{{$f}};
        {{- range $i := $.KEYS}}
        let w{{$f}}_{{$i}} = exp(scores{{$f}}_{{$i}} - top{{$f}});
        weight{{$f}} = weight{{$f}} + w{{$f}}_{{$i}};
        sh_weight[({{mul $i $.GROUP}}u + lane) * {{$fours}}u + {{$f}}u] = w{{$f}}_{{$i}};
        {{- end}}
        {{- range $c := 4}}
        {{- range $e := $.QUADS}}
        sum{{add $r $c}}_{{$e}} = sum{{add $r $c}}_{{$e}} * keep{{$f}}.{{slice "xyzw" $c (add 1 $c)}};
        {{- end}}
        {{- end}}
{{- end}}
        workgroupBarrier();

        // values, where keys beyond the count weigh nothing
        if (share < {{.SHARERS}}u) {
            let n = min(count - first, {{$tile}}u);
            for (var i = share; i < n; i = i + {{mul 4 .SHARERS}}u) {
{{- range $u := 4}}
                let i{{$u}} = i + {{mul $u $.SHARERS}}u;
                let from{{$u}} = cache_row(base + min(first + i{{$u}}, count - 1u));
    {{- range $e := $.QUADS}}
                let v{{$u}}_{{$e}} = value_quad(from{{$u}}, owned + {{$e}}u);
    {{- end}}
    {{- range $f := $fours}}
                let w{{$u}}_{{$f}} = sh_weight[i{{$u}} * {{$fours}}u + {{$f}}u];
        {{- range $c := 4}}
            {{- $row := add (mul 4 $f) $c}}
            {{- range $e := $.QUADS}}
                sum{{$row}}_{{$e}} = fma(vec4<f32>(w{{$u}}_{{$f}}.{{slice "xyzw" $c (add 1 $c)}}), v{{$u}}_{{$e}}, sum{{$row}}_{{$e}});
            {{- end}}
        {{- end}}
    {{- end}}
{{- end}}
            }
        }
    }

    // the weights of a row are spread over all invocations, its sum over the sharers of a quad
{{- range $f := $fours}}
    sh_most[lane * {{$fours}}u + {{$f}}u] = weight{{$f}};
{{- end}}
    workgroupBarrier();
    if (lane < {{.ROWS}}u) {
        var total = 0.0;
        for (var i = 0u; i < {{.GROUP}}u; i = i + 1u) {
            total = total + sh_most[i * {{$fours}}u + lane / 4u][lane % 4u];
        }
        sh_row_keep[lane] = 1.0 / total;
    }
    workgroupBarrier();
{{- if gt .SHARERS 1}}
{{- $passes := div (add (mul 4 .QUADS) (add .KEYS -1)) .KEYS}}
{{- $rows := div .ROWS $passes}}
{{- range $pass := $passes}}
    {{- range $r := $rows}}
    {{- range $e := $.QUADS}}
    sh_weight[{{mul (add (mul $r $.QUADS) $e) $.GROUP}}u + lane] = sum{{add (mul $pass $rows) $r}}_{{$e}};
    {{- end}}
    {{- end}}
    workgroupBarrier();
    if (share == 0u) {
        for (var i = 1u; i < {{$.SHARERS}}u; i = i + 1u) {
    {{- range $r := $rows}}
    {{- range $e := $.QUADS}}
    {{- $row := add (mul $pass $rows) $r}}
            sum{{$row}}_{{$e}} = sum{{$row}}_{{$e}} + sh_weight[{{mul (add (mul $r $.QUADS) $e) $.GROUP}}u + i * {{$owners}}u + lane];
    {{- end}}
    {{- end}}
        }
    }
    workgroupBarrier();
{{- end}}
{{- end}}
    if (share == 0u) {
{{- range $row := .ROWS}}
        if (begin + {{$row}}u <= last) {
            let scale{{$row}} = sh_row_keep[{{$row}}];
    {{- range $e := $.QUADS}}
            y[q{{$row}} + owned + {{$e}}u] = sum{{$row}}_{{$e}} * scale{{$row}};
    {{- end}}
        }
{{- end}}
    }
}
