// rope_kv: q and k pairs (2j, 2j+1) turned by the angle of position state[t].x, then q to y, k and v into the cache
// bindings: 0 params; 1 y [tokens, query, dim] f32, written; 2 keys, 3 values: [kv heads of all, context, dim], written
//   as lib/cache.wgsl has them;
//   4 q, 5 k, 6 v: rows of f32, head by head; 7 table [positions, dim/2] (cos, sin); 8 state: each token's position and the
//   first kv head of its conversation
// grid: one invocation per pair of q, k or v, or with q8 per 32 dims, workgroups of 64 along x then y
// limits: rows beyond the context are not stored; f16 rounds to nearest even, q8 to the nearest 127th of the greatest of 32
// twin: ref.RopeKV, ref.PackQ8

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

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> keys: array<{{template "cell_element" .}}>;
@group(0) @binding(3) var<storage, read_write> values: array<{{template "cell_element" .}}>;
@group(0) @binding(4) var<storage, read> q: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read> k: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read> v: array<vec2<f32>>;
@group(0) @binding(7) var<storage, read> table: array<vec2<f32>>;
@group(0) @binding(8) var<storage, read> state: array<vec2<u32>>;
{{template "turn" .}}

// a pair of a query, a key or a value, as it leaves
fn pair_of(token: u32, head: u32, pair: u32, position: u32) -> vec2<f32> {
    let angle = table[position * p.half + pair];
    if (head < p.query) {
        return turn(q[token * p.q_stride + head * p.half + pair], angle);
    }
    if (head < p.query + p.kv) {
        return turn(k[token * p.k_stride + p.k_first + (head - p.query) * p.half + pair], angle);
    }
    return v[token * p.v_stride + p.v_first + (head - p.query - p.kv) * p.half + pair];
}
{{if eq .CACHE "q8"}}
fn each(i: u32) {
    let heads = p.query + 2u * p.kv;
    let quads = p.half / 2u;
    let blocks = (quads + 7u) / 8u;
    let token = i / (heads * blocks);
    let head = i / blocks % heads;
    let block = i % blocks;
    let place = state[token];
    if (place.x >= p.context) {
        return;
    }
    let words = min(quads - block * 8u, 8u);
{{- range $w := 8}}
    let pair{{$w}} = (block * 8u + min({{$w}}u, words - 1u)) * 2u;
    let a{{$w}} = pair_of(token, head, pair{{$w}}, place.x);
    let b{{$w}} = pair_of(token, head, pair{{$w}} + 1u, place.x);
{{- end}}
    if (head < p.query) {
{{- range $w := 8}}
        let at{{$w}} = (token * p.query + head) * p.half + pair{{$w}};
        y[at{{$w}}] = a{{$w}};
        y[at{{$w}} + 1u] = b{{$w}};
{{- end}}
        return;
    }
    var most = 0.0;
{{- range $w := 8}}
    most = max(most, max(greatest(a{{$w}}), greatest(b{{$w}})));
{{- end}}
    let of_kv = (head - p.query) % p.kv;
    let row = ((place.y + of_kv) * p.context + place.x) * (quads + blocks);
    let scale_at = row + quads + block;
    if (head < p.query + p.kv) {
{{- range $w := 8}}
        keys[row + pair{{$w}} / 2u] = cell(vec4<f32>(a{{$w}}, b{{$w}}), most);
{{- end}}
        keys[scale_at] = bitcast<u32>(most / 127.0);
    } else {
{{- range $w := 8}}
        values[row + pair{{$w}} / 2u] = cell(vec4<f32>(a{{$w}}, b{{$w}}), most);
{{- end}}
        values[scale_at] = bitcast<u32>(most / 127.0);
    }
}
{{else}}
fn each(i: u32) {
    let heads = p.query + 2u * p.kv;
    let token = i / (heads * p.half);
    let rest = i - token * heads * p.half;
    let head = rest / p.half;
    let pair = rest - head * p.half;
    let place = state[token];
    if (place.x < p.context) {
        let turned = pair_of(token, head, pair, place.x);
        let row = (place.y + (head - p.query) % p.kv) * p.context + place.x;
        if (head < p.query) {
            y[token * p.query * p.half + rest] = turned;
        } else if (head < p.query + p.kv) {
            keys[row * p.half + pair] = cell(turned);
        } else {
            values[row * p.half + pair] = cell(turned);
        }
    }
}
{{end}}
{{template "elements"}}
