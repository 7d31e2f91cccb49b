// rope_kv: q and k pairs (2j, 2j+1) turned by the angle of position state[t].x, then q to y, k and v into the cache
// bindings: 0 params; 1 y [tokens, query, dim] f32, written; 2 keys, 3 values: [kv heads of all, context, dim] f16 pairs or f32, written;
//   4 q, 5 k, 6 v: rows of f32, head by head; 7 table [positions, dim/2] (cos, sin); 8 state: each token's position and the
//   first kv head of its conversation
// grid: one invocation per pair of q, k or v, workgroups of 64 along x then y
// limits: rows beyond the context are not stored; f16 rounds to nearest even
// twin: ref.RopeKV

struct Params {
    count: u32,
    half: u32,
    query: u32,
    kv: u32,
    context: u32,
    q_stride: u32,
    k_stride: u32,
    v_stride: u32,
    k_first: u32,
    v_first: u32,
}
{{- $cell := "vec2<f32>"}}{{if eq .CACHE "f16"}}{{$cell = "u32"}}{{end}}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> keys: array<{{$cell}}>;
@group(0) @binding(3) var<storage, read_write> values: array<{{$cell}}>;
@group(0) @binding(4) var<storage, read> q: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read> k: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read> v: array<vec2<f32>>;
@group(0) @binding(7) var<storage, read> table: array<vec2<f32>>;
@group(0) @binding(8) var<storage, read> state: array<vec2<u32>>;
{{template "turn" .}}
fn each(i: u32) {
    let heads = p.query + 2u * p.kv;
    let token = i / (heads * p.half);
    let rest = i - token * heads * p.half;
    let head = rest / p.half;
    let pair = rest - head * p.half;
    let place = state[token];
    let position = place.x;
    if (position < p.context) {
        let angle = table[position * p.half + pair];
        if (head < p.query) {
            y[token * p.query * p.half + rest] = turn(q[token * p.q_stride + rest], angle);
        } else if (head < p.query + p.kv) {
            let h = head - p.query;
            let at = token * p.k_stride + p.k_first + h * p.half + pair;
            keys[((place.y + h) * p.context + position) * p.half + pair] = cell(turn(k[at], angle));
        } else {
            let h = head - p.query - p.kv;
            let at = token * p.v_stride + p.v_first + h * p.half + pair;
            values[((place.y + h) * p.context + position) * p.half + pair] = cell(v[at]);
        }
    }
}

{{template "elements"}}
