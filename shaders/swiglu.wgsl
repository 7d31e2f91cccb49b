// swiglu: y[t,f] = act(gate[t,f]) · up[t,f]; ACT silu: g / (1 + e^-g); ACT gelu: g/2 · (1 + erf(g/√2))
// bindings: 0 params; 1 y [rows, cols] f32, written; 2 gate, 3 up: rows of `stride` f32, gate from column 0, up from column `up`
// grid: one invocation per output, workgroups of 64 along x then y
// limits: e^-g stops at e^80, where silu is 0 to f32
// twin: ref.SwiGLU, ref.GeGLU

struct Params {
    count: u32,
    cols: u32,
    stride: u32,
    up: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> gate: array<f32>;
@group(0) @binding(3) var<storage, read> up: array<f32>;

{{if eq .ACT "gelu"}}{{template "exact_gelu"}}{{end}}
fn each(i: u32) {
    let row = i / p.cols;
    let at = row * p.stride + (i - row * p.cols);
    let g = gate[at];
    y[i] = {{if eq .ACT "gelu"}}gelu(g){{else}}g / (1.0 + exp(min(0.0 - g, 80.0))){{end}} * up[at + p.up];
}

{{template "elements"}}
