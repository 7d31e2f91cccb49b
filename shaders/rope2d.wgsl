// rope2d: q and k pairs (2j, 2j+1) turned by the angle of the patch's row (j < dim/4) or column (j >= dim/4); k and v by head
// bindings: 0 params; 1 y [patches, heads, dim] f32, 2 keys, 3 values [heads, patches, dim] f32, written;
//   4 q, 5 k, 6 v: rows of f32, head by head; 7 table [sides, dim/2] (cos, sin)
// grid: one invocation per pair of a head, which serves q, k and v; workgroups of 64 along x then y
// limits: source row t is patch first+t, at row patch/columns and column patch%columns
// twin: ref.Rope2D

struct Params {
    count: u32,
    half: u32,
    heads: u32,
    patches: u32,
    first: u32,
    columns: u32,
    q_stride: u32,
    k_stride: u32,
    v_stride: u32,
    k_first: u32,
    v_first: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> keys: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> values: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read> q: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read> k: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read> v: array<vec2<f32>>;
@group(0) @binding(7) var<storage, read> table: array<vec2<f32>>;

fn turn(pair: vec2<f32>, angle: vec2<f32>) -> vec2<f32> {
    return vec2<f32>(pair.x * angle.x - pair.y * angle.y, pair.x * angle.y + pair.y * angle.x);
}

fn each(i: u32) {
    let width = p.heads * p.half;
    let token = i / width;
    let rest = i - token * width;
    let head = rest / p.half;
    let pair = rest - head * p.half;
    let patch_index = p.first + token;
    let row = patch_index / p.columns;
    let column = patch_index - row * p.columns;
    let angle = table[select(column, row, 2u * pair < p.half) * p.half + pair];
    let stored = (head * p.patches + patch_index) * p.half + pair;
    y[patch_index * width + rest] = turn(q[token * p.q_stride + rest], angle);
    keys[stored] = turn(k[token * p.k_stride + p.k_first + rest], angle);
    values[stored] = v[token * p.v_stride + p.v_first + rest];
}

{{template "elements"}}
