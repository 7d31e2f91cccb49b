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

fn each(i: u32) {
    y[i] = x[i];
}

{{template "elements"}}
