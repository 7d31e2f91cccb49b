// matvec: v[t,n] = sum over k of x[t,k] · w[n,k], NORM: / sqrt(mean of raw[t,·]² + eps); {{.COLS}} rows t; then by END:
//   store: y = v; add: y += v; residual: y += v, scaled = y · g; swiglu: y[f] = silu(v[f]) · v[n+f]; rope: as rope_kv does
// bindings: 0 params; 1 y [COLS, stride] f32, written; 2 x [COLS, k] f32; 3 w: a part of a gpu.Matrix; 4 its second plane, if
//   quantised; then X=rows: the other rows of x; NORM: raw [COLS, k]; residual: scaled [COLS, stride], written, g [stride]; rope: keys, values, table, state
// grid: x: LANES · ROWS rows of the matrix per workgroup; its y: SLICES invocations that share the row, step by step in turn
// limits: f32 sums; one order of summation for each output whatever COLS is; an iteration takes a step of k: 4 (f32), 8 (bf16, f16), 64
// twin: ref.Matmul, ref.RMSNorm, ref.SwiGLU, ref.RopeKV
{{- $l := layout .TYPE}}
{{- $next := 4}}{{if $l.Words}}{{$next = 5}}{{end}}
{{- $threads := mul .LANES .SLICES}}
{{- $outputs := mul .ROWS .COLS}}
{{- $shared := or (gt .SLICES 1) (eq .END "rope")}}
{{- $quad := "vec4<f32>"}}{{if eq .X "scalar"}}{{$quad = "f32"}}{{end}}
{{- $width := 4}}{{if eq .X "scalar"}}{{$width = 1}}{{end}}
{{- $packed := and (eq .END "rope") (eq .CACHE "q8")}}
{{- $pairs := div (mul .LANES .ROWS) 2}}

struct Params {
    n: u32,
    k: u32,
    steps: u32,
    stride: u32,
    first: u32,
    token: u32, // the first row of x and y; a uniform begins there
    skip: u32, // rows from there on that are not stored
    eps: f32,
{{- if eq .END "rope"}}
    half: u32,
    query: u32, // pairs of all heads
    kv: u32,
    context: u32,
{{- end}}
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<{{if eq .END "rope"}}vec2<f32>{{else}}f32{{end}}>;
@group(0) @binding(2) {{template "activations_binding" .}}
{{- template "weights" .}}
{{- if eq .X "rows"}}
    {{- range $c := .COLS}}
        {{- if $c}}
@group(0) @binding({{$next}}) var<uniform> given{{$c}}: array<vec4<f32>, {{$.COUNT}}>;
            {{- $next = add $next 1}}
        {{- end}}
    {{- end}}
{{- end}}
{{- if eq .NORM 1}}
@group(0) @binding({{$next}}) {{if eq .X "uniform"}}var<uniform> unscaled: array<vec4<f32>, {{.COUNT}}>{{else}}var<storage, read> unscaled: array<{{$quad}}>{{end}};
{{- $next = add $next 1}}

var<workgroup> sh_norm: array<f32, {{mul $threads .COLS}}>;
{{- end}}
{{- if eq .END "residual"}}
@group(0) @binding({{$next}}) var<storage, read_write> scaled: array<f32>;
@group(0) @binding({{add $next 1}}) var<storage, read> g: array<f32>;
{{- else if eq .END "rope"}}
@group(0) @binding({{$next}}) var<storage, read_write> key_cache: array<{{template "cell_element" .}}>;
@group(0) @binding({{add $next 1}}) var<storage, read_write> value_cache: array<{{template "cell_element" .}}>;
@group(0) @binding({{add $next 2}}) var<storage, read> table: array<vec2<f32>>;
@group(0) @binding({{add $next 3}}) var<storage, read> state: array<vec2<u32>>;
{{- end}}
{{- if $shared}}

var<workgroup> sh_part: array<f32, {{mul $threads $outputs}}>;
{{- end}}
{{- if $packed}}
var<workgroup> sh_pair: array<vec2<f32>, {{mul $pairs .COLS}}>;
{{- end}}

{{- template "activations" .}}
fn total(v: vec4<f32>) -> f32 { return (v.x + v.y) + (v.z + v.w); }
{{- if eq .END "swiglu"}}

fn store(n: u32, column: u32, gate: f32, up: f32) {
    if (n < p.n && column >= p.skip) {
        y[(p.token + column) * p.stride + n] = gate / (1.0 + exp(min(0.0 - gate, 80.0))) * up;
    }
}
{{- else if eq .END "rope"}}
{{template "turn" .}}
{{- if $packed}}
// a pair of neighbouring rows as it leaves, that of a query at once: keys and values come together first
fn store(n: u32, column: u32, pair: vec2<f32>) -> vec2<f32> {
    let position = state[p.token + column].x;
    let i = (p.first + n) / 2u;
    if (n >= p.n || column < p.skip || position >= p.context || i >= p.query + p.kv) {
        return pair;
    }
    let turned = turn(pair, table[position * p.half + i % p.half]);
    if (i < p.query) {
        y[(p.token + column) * p.query + i] = turned;
    }
    return turned;
}

// a word of a key or value: rows n to n + 3, their pairs from `first` on
fn store_word(n: u32, column: u32, first: u32) {
    let place = state[p.token + column];
    let i = (p.first + n) / 2u;
    if (n >= p.n || column < p.skip || place.x >= p.context || i < p.query) {
        return;
    }
    let begin = first - i % 16u; // of the 32 dims
    var most = 0.0;
{{- range $j := 16}}
    most = max(most, greatest(sh_pair[begin + {{$j}}u]));
{{- end}}
    let quad = i % p.half / 2u;
    let quads = p.half / 2u;
    let head = place.y + (i - p.query) % p.kv / p.half;
    let row = (head * p.context + place.x) * (quads + quads / 8u);
    let word = cell(vec4<f32>(sh_pair[first], sh_pair[first + 1u]), most);
    if (i < p.query + p.kv) {
        key_cache[row + quad] = word;
        if (quad % 8u == 0u) {
            key_cache[row + quads + quad / 8u] = bitcast<u32>(most / 127.0);
        }
    } else {
        value_cache[row + quad] = word;
        if (quad % 8u == 0u) {
            value_cache[row + quads + quad / 8u] = bitcast<u32>(most / 127.0);
        }
    }
}
{{- else}}
// a pair of neighbouring rows: of a query, a key or a value
fn store(n: u32, column: u32, pair: vec2<f32>) {
    let place = state[p.token + column];
    let position = place.x;
    if (n < p.n && column >= p.skip && position < p.context) {
        let i = (p.first + n) / 2u;
        let at = i % p.half;
        let angle = table[position * p.half + at];
        if (i < p.query) {
            y[(p.token + column) * p.query + i] = turn(pair, angle);
        } else if (i < p.query + p.kv) {
            key_cache[((place.y + (i - p.query) / p.half) * p.context + position) * p.half + at] = cell(turn(pair, angle));
        } else {
            value_cache[((place.y + (i - p.query - p.kv) / p.half) * p.context + position) * p.half + at] = cell(pair);
        }
    }
}
{{- end}}
{{- else}}

fn store(n: u32, column: u32, sum: f32) {
    if (n < p.n && column >= p.skip) {
        let at = (p.token + column) * p.stride + p.first + n;
    {{- if eq .END "store"}}
        y[at] = sum;
    {{- else if eq .END "add"}}
        y[at] = y[at] + sum;
    {{- else}}
        let v = y[at] + sum;
        y[at] = v;
        scaled[at] = v * g[p.first + n];
    {{- end}}
    }
}
{{- end}}

@compute @workgroup_size({{.LANES}}, {{.SLICES}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) at: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
{{- if eq .NORM 1}}
    workgroupBarrier();
    {{- range $c := .COLS}}
    var square{{$c}} = {{$quad}}(0.0);
    for (var i = lane; i < p.k / {{$width}}u; i = i + {{$threads}}u) {
        let v = unscaled[{{if ne $.X "uniform"}}(p.token + {{$c}}u){{else}}{{$c}}u{{end}} * (p.k / {{$width}}u) + i];
        square{{$c}} = fma(v, v, square{{$c}});
    }
    sh_norm[{{mul $c $threads}}u + lane] = {{if eq $width 4}}total(square{{$c}}){{else}}square{{$c}}{{end}};
    {{- end}}
    for (var half = {{div $threads 2}}u; half > 0u; half = half >> 1u) {
        workgroupBarrier();
        if (lane < half) {
    {{- range $c := .COLS}}
            sh_norm[{{mul $c $threads}}u + lane] = sh_norm[{{mul $c $threads}}u + lane] + sh_norm[{{mul $c $threads}}u + lane + half];
    {{- end}}
        }
    }
    workgroupBarrier();
    {{- range $c := .COLS}}
    let norm{{$c}} = 1.0 / sqrt(sh_norm[{{mul $c $threads}}] / f32(p.k) + p.eps);
    {{- end}}
{{- end}}
{{- $gates := .ROWS}}{{if eq .END "swiglu"}}{{$gates = div .ROWS 2}}{{end}}
{{- range $row := $gates}}
    let n{{$row}} = (group.x * {{$gates}}u + {{$row}}u) * {{$.LANES}}u + at.x;
    let row{{$row}} = row_at(min(n{{$row}}, p.n - 1u), p.steps);
    {{- if eq $.END "swiglu"}}
    let row{{add $row $gates}} = row_at(min(n{{$row}}, p.n - 1u) + p.n, p.steps);
    {{- end}}
{{- end}}
{{- range $row := .ROWS}}
    {{- range $c := $.COLS}}
    var sum{{$row}}_{{$c}} = 0.0;
    {{- end}}
{{- end}}
    for (var step = at.y; step < p.steps; step = step + {{.SLICES}}u) {
{{- range $row := .ROWS}}
        let step{{$row}} = load(row{{$row}}, step);
{{- end}}
{{- $quads := mul $l.Quads $l.Span}}
{{- $spans := div $l.Pieces $l.Span}}
{{- /* text for every span is faster on a processor by half, and compiled for seconds: only for the large matrices */ -}}
{{- $rolled := and (gt $spans 1) (gt $outputs 16) (ne .X "uniform") (ne .X "rows")}}
{{- if $rolled}}
        for (var span = 0u; span < {{$spans}}u; span = span + 1u) {
        {{- $spans = 1}}
{{- end}}
{{- range $i := $spans}}
        {{- $span := printf "%du" $i}}
        {{- if $rolled}}
            {{- $span = "span"}}
        {{- else}}
        {
        {{- end}}
    {{- range $c := $.COLS}}
        {{- range $j := $quads}}
            {{- $at := printf "step * %du + %s * %du + %du" (mul $l.Pieces $l.Quads) $span $quads $j}}
            let x{{$c}}_{{$j}} = {{if eq $.X "rows"}}{{if $c}}given{{$c}}{{else}}x{{end}}[{{$at}}]{{else}}activations({{if ne $.X "uniform"}}(p.token + {{$c}}u){{else}}{{$c}}u{{end}} * p.k, {{$at}}){{end}};
            let u{{$c}}_{{$j}} = x{{$c}}_{{$j}} * unit({{$span}} * {{$l.Span}}u + {{div $j $l.Quads}}u);
        {{- end}}
        {{- if $l.Offset}}
            let all{{$c}} = total({{range $j := $quads}}{{if $j}} + {{end}}x{{$c}}_{{$j}}{{end}});
        {{- end}}
    {{- end}}
    {{- range $row := $.ROWS}}
        {{- range $j := $l.Span}}
            let w{{$row}}_{{$j}} = raw(step{{$row}}, {{$span}} * {{$l.Span}}u + {{$j}}u);
        {{- end}}
        {{- if $l.Words}}
            let d{{$row}} = scale(step{{$row}}, {{$span}} * {{$l.Span}}u);
        {{- end}}
        {{- range $c := $.COLS}}
            var dot{{$row}}_{{$c}} = w{{$row}}_0.q0 * u{{$c}}_0;
            {{- range $j := $quads}}
                {{- if $j}}
            dot{{$row}}_{{$c}} = fma(w{{$row}}_{{div $j $l.Quads}}.q{{mod $j $l.Quads}}, u{{$c}}_{{$j}}, dot{{$row}}_{{$c}});
                {{- end}}
            {{- end}}
            {{- $sum := printf "sum%d_%d" $row $c}}
            {{- if $l.Offset}}
            {{$sum}} = fma(d{{$row}}.x, total(dot{{$row}}_{{$c}}), fma(0.0 - d{{$row}}.y, all{{$c}}, {{$sum}}));
            {{- else if $l.Words}}
            {{$sum}} = fma(d{{$row}}.x, total(dot{{$row}}_{{$c}}), {{$sum}});
            {{- else}}
            {{$sum}} = {{$sum}} + total(dot{{$row}}_{{$c}});
            {{- end}}
        {{- end}}
    {{- end}}
        }
{{- end}}
    }
{{- if $shared}}
    workgroupBarrier();
    {{- range $row := .ROWS}}
    {{- range $c := $.COLS}}
    sh_part[(at.y * {{$outputs}}u + {{add (mul $row $.COLS) $c}}u) * {{$.LANES}}u + at.x] = sum{{$row}}_{{$c}};
    {{- end}}
    {{- end}}
    workgroupBarrier();
{{- end}}
    // the slices of each output are added in order, by the invocations in turn
{{- range $row := $gates}}
    {{- range $c := $.COLS}}
    {{- $output := add (mul $row $.COLS) $c}}
    {{- $norm := ""}}{{if eq $.NORM 1}}{{$norm = printf " * norm%d" $c}}{{end}}
    {{- if eq $.END "rope"}}
    if (at.y == {{mod $output $.SLICES}}u && (at.x & 1u) == 0u) {
        var pair = vec2<f32>(0.0, 0.0);
        for (var slice = 0u; slice < {{$.SLICES}}u; slice = slice + 1u) {
            let begin = (slice * {{$outputs}}u + {{$output}}u) * {{$.LANES}}u + at.x;
            pair = pair + vec2<f32>(sh_part[begin], sh_part[begin + 1u]);
        }
        {{if $packed}}sh_pair[{{add (mul $c $pairs) (div (mul $row $.LANES) 2)}}u + at.x / 2u] = {{end}}store(n{{$row}}, {{$c}}u, pair{{$norm}});
    }
    {{- else if $shared}}
    if (at.y == {{mod $output $.SLICES}}u) {
        var sum = 0.0;
        {{- if eq $.END "swiglu"}}
        var up = 0.0;
        {{- end}}
        for (var slice = 0u; slice < {{$.SLICES}}u; slice = slice + 1u) {
            sum = sum + sh_part[(slice * {{$outputs}}u + {{$output}}u) * {{$.LANES}}u + at.x];
        {{- if eq $.END "swiglu"}}
            up = up + sh_part[(slice * {{$outputs}}u + {{add $output (mul $gates $.COLS)}}u) * {{$.LANES}}u + at.x];
        {{- end}}
        }
        store(n{{$row}}, {{$c}}u, sum{{$norm}}{{if eq $.END "swiglu"}}, up{{$norm}}{{end}});
    }
    {{- else}}
    store(n{{$row}}, {{$c}}u, sum{{$row}}_{{$c}}{{$norm}}{{if eq $.END "swiglu"}}, sum{{add $row $gates}}_{{$c}}{{$norm}}{{end}});
    {{- end}}
    {{- end}}
{{- end}}
{{- if $packed}}
{{- $words := div $pairs 2}}

    // 32 rows belong together, and a workgroup has whole runs of them
    workgroupBarrier();
    for (var w = lane; w < {{mul $words .COLS}}u; w = w + {{$threads}}u) {
        let column = w / {{$words}}u;
        let word = w % {{$words}}u;
        store_word(group.x * {{mul .LANES .ROWS}}u + word * 4u, column, column * {{$pairs}}u + word * 2u);
    }
{{- end}}
}
