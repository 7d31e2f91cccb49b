// add: y[i] = y[i] + x[i mod period]
// bindings: 0 params; 1 y [count] f32, read and written; 2 x [period] f32: as long as y, or one row that is added to every row
// grid: one invocation per element, workgroups of 64 along x then y
// limits: any count below 2^32
// twin: ref.Add

struct Params {
    count: u32,
    period: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;

fn each(i: u32) {
    y[i] = y[i] + x[i % p.period];
}

{{template "elements"}}
