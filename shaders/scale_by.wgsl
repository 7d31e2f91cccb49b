// scale_by: y[i] = x[i] · g[i mod period]
// bindings: 0 params; 1 y [count] f32, written; 2 x [count] f32; 3 g [period] f32: one row, which weighs every row
// grid: one invocation per element, workgroups of 64 along x then y
// limits: any count below 2^32
// twin: ref.ScaleBy

struct Params {
    count: u32,
    period: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> g: array<f32>;

fn each(i: u32) {
    y[i] = x[i] * g[i % p.period];
}

{{template "elements"}}
