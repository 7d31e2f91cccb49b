// weigh: y[i] = x[i] · g[i mod period]
// bindings: 0 params; 1 y [count] f32, written; 2 x [count] f32; 3 g [period] f32: one row, which weighs every row
// grid: one invocation per element, workgroups of 64 along x then y
// limits: any count below 2^32
// twin: ref.Weigh

struct Params {
    count: u32,
    period: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> g: array<f32>;

{{template "element"}}
@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = element(group, groups, lane);
    if (i < p.count) {
        y[i] = x[i] * g[i % p.period];
    }
}
