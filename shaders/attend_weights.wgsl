// attend_weights: y[h,j] = y[h,j] + softmax_j(scale · q[h]·k[j]) for one query and the keys j up to its own; kv head = h / group
// bindings: 0 params; 1 y [query, keys] f32, read and written; 2 q [query, HEAD_DIM] f32; 3 keys [kv heads of all, context, HEAD_DIM]
//   as lib/cache.wgsl has them; 4 state: word 0 is the query's position, word 1 the first kv head of its conversation
// grid: x: query heads from `first` on, a workgroup each, whose invocations take keys in turn
// limits: running maximum and sum in f32; each score is computed twice; 2 · keys/GROUP + 2 · GROUP iterations: 131,072 keys are 4,224
// twin: ref.AttendWeights
{{- $quads := div .HEAD_DIM 4}}
{{- $group := 64}}

struct Params {
    group: u32,
    context: u32,
    keys: u32,
    first: u32, // query head of those that keys are for
    scale: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> q: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> keys: array<{{template "cache_element" .}}>;
@group(0) @binding(4) var<storage, read> state: array<u32>;

var<workgroup> sh_most: array<f32, {{$group}}>;
var<workgroup> sh_sum: array<f32, {{$group}}>;
{{template "cache_quad" .}}
{{template "cache_keys" .}}

fn score(query: u32, key: u32) -> f32 {
    var sum = 0.0;
{{- range $d := $quads}}
    sum = dot_add(q[query + {{$d}}u], key_quad(key, {{$d}}u), sum);
{{- end}}
    return sum * p.scale;
}

@compute @workgroup_size({{$group}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let head = group.x;
    let query = (p.first + head) * {{$quads}}u;
    let base = (state[1] + head / p.group) * p.context;
    let count = min(state[0] + 1u, min(p.keys, p.context));

    // greatest score and sum of this invocation's keys
    var most = -1e30;
    var sum = 0.0;
    for (var j = lane; j < count; j = j + {{$group}}u) {
        let s = score(query, cache_row(base + j));
        let next = max(most, s);
        sum = sum * exp(most - next) + exp(s - next);
        most = next;
    }
    sh_most[lane] = most;
    sh_sum[lane] = sum;
    workgroupBarrier();

    // those of all, which every invocation finds in the same order
    var top = -1e30;
    for (var i = 0u; i < {{$group}}u; i = i + 1u) {
        top = max(top, sh_most[i]);
    }
    var total = 0.0;
    for (var i = 0u; i < {{$group}}u; i = i + 1u) {
        total = total + sh_sum[i] * exp(sh_most[i] - top);
    }
    for (var j = lane; j < count; j = j + {{$group}}u) {
        let at = (p.first + head) * p.keys + j;
        y[at] = y[at] + exp(score(query, cache_row(base + j)) - top) / total;
    }
}
