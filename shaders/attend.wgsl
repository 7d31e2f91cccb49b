// attend: y[t,h] = sum over keys j of softmax_j(scale · q[t,h]·k[j]) · v[j]; CAUSAL: j <= pos0 + t; kv head = h / group
// bindings: 0 params; 1 y [tokens, query, HEAD_DIM] f32, written; 2 q, the same shape; 3 keys, 4 values [kv, context, HEAD_DIM] f32
//   or f16 pairs; 5 state: word 0 is pos0 (CAUSAL)
// grid: x: (token, head of the group) rows, ROWS · GROUP/LANES per workgroup; y: kv heads. LANES invocations share ROWS rows
// limits: running softmax in f32 over tiles of KEYS from key 0 on; keys/KEYS iterations: 131,072 keys are 16,384 (KEYS 8)
// twin: ref.Attend
{{- $octs := div .HEAD_DIM (mul 8 .LANES)}}
{{- $slots := div .GROUP .LANES}}
{{- $half := eq .CACHE "f16"}}

struct Params {
    tokens: u32,
    query: u32,
    group: u32,
    context: u32,
    row: u32,
    keys: u32,
    scale: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> q: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> keys: array<{{template "cache_element" .}}>;
@group(0) @binding(4) var<storage, read> values: array<{{template "cache_element" .}}>;
{{- if .CAUSAL}}
@group(0) @binding(5) var<storage, read> state: array<u32>;
{{- end}}
{{- if gt .LANES 1}}

var<workgroup> sh_score: array<f32, {{mul (mul .ROWS .KEYS) .GROUP}}>;
{{- end}}
{{template "cache_quads" .}}

fn dot_add(a: vec4<f32>, b: vec4<f32>, sum: f32) -> f32 {
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

@compute @workgroup_size({{.GROUP}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let slot = lane / {{.LANES}}u;
    let part = lane % {{.LANES}}u;
    let last = p.tokens * p.group - 1u;
    let begin = p.row + group.x * {{mul .ROWS $slots}}u;
{{- range $row := .ROWS}}
    let row{{$row}} = begin + {{mul $row $slots}}u + slot;
    let token{{$row}} = min(row{{$row}}, last) / p.group;
    let head{{$row}} = group.y * p.group + min(row{{$row}}, last) % p.group;
    let at{{$row}} = (token{{$row}} * p.query + head{{$row}}) * {{div $.HEAD_DIM 4}}u + part * {{mul 2 $octs}}u;
    {{- range $i := mul 2 $octs}}
    let q{{$row}}_{{$i}} = q[at{{$row}} + {{$i}}u] * p.scale;
    var sum{{$row}}_{{$i}} = vec4<f32>(0.0, 0.0, 0.0, 0.0);
    {{- end}}
    var most{{$row}} = -1e30;
    var weight{{$row}} = 0.0;
    {{- if $.CAUSAL}}
    let visible{{$row}} = state[0] + token{{$row}} + 1u;
    {{- else}}
    let visible{{$row}} = p.keys;
    {{- end}}
{{- end}}
{{- if .CAUSAL}}
    // what the last row of the workgroup sees: the same for all of it, as barriers need
    let count = min(state[0] + min(begin + {{mul .ROWS $slots}}u - 1u, last) / p.group + 1u, p.context);
{{- else}}
    let count = p.keys;
{{- end}}
    let base = group.y * p.context;
    for (var key = 0u; key < count; key = key + {{.KEYS}}u) {
{{- range $j := .KEYS}}
        let from{{$j}} = (base + min(key + {{$j}}u, count - 1u)) * {{if $half}}{{div $.HEAD_DIM 8}}u + part * {{$octs}}u{{else}}{{div $.HEAD_DIM 4}}u + part * {{mul 2 $octs}}u{{end}};
    {{- range $row := $.ROWS}}
        var s{{$row}}_{{$j}} = 0.0;
    {{- end}}
{{- end}}
{{- range $o := $octs}}
    {{- range $j := $.KEYS}}
        {{- if $half}}
        let k{{$j}}_{{$o}} = keys[from{{$j}} + {{$o}}u];
        let k{{$j}}_{{$o}}l = low(k{{$j}}_{{$o}});
        let k{{$j}}_{{$o}}h = high(k{{$j}}_{{$o}});
        {{- else}}
        let k{{$j}}_{{$o}}l = keys[from{{$j}} + {{mul 2 $o}}u];
        let k{{$j}}_{{$o}}h = keys[from{{$j}} + {{add 1 (mul 2 $o)}}u];
        {{- end}}
        {{- range $row := $.ROWS}}
        s{{$row}}_{{$j}} = dot_add(q{{$row}}_{{mul 2 $o}}, k{{$j}}_{{$o}}l, s{{$row}}_{{$j}});
        s{{$row}}_{{$j}} = dot_add(q{{$row}}_{{add 1 (mul 2 $o)}}, k{{$j}}_{{$o}}h, s{{$row}}_{{$j}});
        {{- end}}
    {{- end}}
{{- end}}
{{- if gt .LANES 1}}
        workgroupBarrier();
    {{- range $row := .ROWS}}
    {{- range $j := $.KEYS}}
        sh_score[{{mul (add (mul $row $.KEYS) $j) $.GROUP}}u + lane] = s{{$row}}_{{$j}};
    {{- end}}
    {{- end}}
        workgroupBarrier();
        let shared_from = slot * {{.LANES}}u;
    {{- range $row := .ROWS}}
    {{- range $j := $.KEYS}}
        s{{$row}}_{{$j}} = 0.0
        {{- range $i := $.LANES}} + sh_score[shared_from + {{add (mul (add (mul $row $.KEYS) $j) $.GROUP) $i}}u]{{end}};
    {{- end}}
    {{- end}}
{{- end}}
{{- range $row := .ROWS}}
        var new{{$row}} = most{{$row}};
    {{- range $j := $.KEYS}}
        s{{$row}}_{{$j}} = select(-1e30, s{{$row}}_{{$j}}, key + {{$j}}u < visible{{$row}});
        new{{$row}} = max(new{{$row}}, s{{$row}}_{{$j}});
    {{- end}}
        let keep{{$row}} = exp(most{{$row}} - new{{$row}});
        most{{$row}} = new{{$row}};
        weight{{$row}} = weight{{$row}} * keep{{$row}};
    {{- range $j := $.KEYS}}
        s{{$row}}_{{$j}} = exp(s{{$row}}_{{$j}} - new{{$row}});
        weight{{$row}} = weight{{$row}} + s{{$row}}_{{$j}};
    {{- end}}
{{- end}}
{{- range $o := $octs}}
    {{- $lo := mul 2 $o}}
    {{- $hi := add 1 $lo}}
    {{- range $row := $.ROWS}}
        sum{{$row}}_{{$lo}} = sum{{$row}}_{{$lo}} * keep{{$row}};
        sum{{$row}}_{{$hi}} = sum{{$row}}_{{$hi}} * keep{{$row}};
    {{- end}}
    {{- range $j := $.KEYS}}
        {{- if $half}}
        let v{{$j}}_{{$o}} = values[from{{$j}} + {{$o}}u];
        let v{{$j}}_{{$o}}l = low(v{{$j}}_{{$o}});
        let v{{$j}}_{{$o}}h = high(v{{$j}}_{{$o}});
        {{- else}}
        let v{{$j}}_{{$o}}l = values[from{{$j}} + {{$lo}}u];
        let v{{$j}}_{{$o}}h = values[from{{$j}} + {{$hi}}u];
        {{- end}}
        {{- range $row := $.ROWS}}
        sum{{$row}}_{{$lo}} = fma(vec4<f32>(s{{$row}}_{{$j}}), v{{$j}}_{{$o}}l, sum{{$row}}_{{$lo}});
        sum{{$row}}_{{$hi}} = fma(vec4<f32>(s{{$row}}_{{$j}}), v{{$j}}_{{$o}}h, sum{{$row}}_{{$hi}});
        {{- end}}
    {{- end}}
{{- end}}
    }
{{- range $row := .ROWS}}
    if (row{{$row}} <= last) {
    {{- range $i := mul 2 $octs}}
        y[at{{$row}} + {{$i}}u] = sum{{$row}}_{{$i}} / weight{{$row}};
    {{- end}}
    }
{{- end}}
}
