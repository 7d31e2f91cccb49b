// gelu: y[i] = x[i]/2 · (1 + erf(x[i]/√2))
// bindings: 0 params; 1 y [count] f32, written; 2 x [count] f32
// grid: one invocation per element, workgroups of 64 along x then y
// limits: erfc by Abramowitz and Stegun 7.1.26, 1.5e-7 from the truth; both tails come out without cancellation
// twin: ref.GELU

struct Params {
    count: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;

{{template "exact_gelu"}}
fn each(i: u32) {
    y[i] = gelu(x[i]);
}

{{template "elements"}}
