// copy: y[i] = x[i]
// bindings: 0 params; 1 y [count] vec4<u32>, written; 2 x [count] vec4<u32>
// grid: one invocation per 16 bytes, workgroups of 64 along x then y
// limits: any count below 2^32
// twin: ref.Copy

struct Params {
    count: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> x: array<vec4<u32>>;

{{template "element"}}
@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = element(group, groups, lane);
    if (i < p.count) {
        y[i] = x[i];
    }
}
