// attend_combine: y[t,h] = sum over splits of e^(m_i - M) · a_i / sum over splits of e^(m_i - M) · l_i, M the greatest m_i
// bindings: 0 params; 1 y [tokens, query, HEAD_DIM] f32, written; 2 parts, as attend_split writes them; 3 state: each token's position, and what is not needed here
// grid: x: query heads; y: tokens; an invocation per quad of dims
// limits: only splits up to the query's position are read; 2 · splits iterations, 2,048 for 131,072 keys
// twin: ref.AttendCombine
{{- $quads := div .HEAD_DIM 4}}

struct Params {
    query: u32,
    splits: u32,
    token: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> parts: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> state: array<vec2<u32>>;

@compute @workgroup_size({{$quads}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) quad: u32) {
    let token = p.token + group.y;
    let count = min(state[token].x / 128u + 1u, p.splits);
    let begin = (group.y * p.query + group.x) * p.splits * {{add $quads 1}}u;
    var most = -1e30;
    for (var i = 0u; i < count; i = i + 1u) {
        most = max(most, parts[begin + i * {{add $quads 1}}u + {{$quads}}u].x);
    }
    var weight = 0.0;
    var sum = vec4<f32>(0.0, 0.0, 0.0, 0.0);
    for (var i = 0u; i < count; i = i + 1u) {
        let part = begin + i * {{add $quads 1}}u;
        let ml = parts[part + {{$quads}}u];
        let scale = exp(ml.x - most);
        weight = fma(scale, ml.y, weight);
        sum = fma(vec4<f32>(scale), parts[part + quad], sum);
    }
    y[(token * p.query + group.x) * {{$quads}}u + quad] = sum / weight;
}
