// scatter_rows: y[t,c] = src[from[t],c] where from[t] < sources; other rows of y stay as they are
// bindings: 0 params; 1 y [rows, cols] f32, written; 2 src [sources, cols] f32; 3 from [rows] u32
// grid: one invocation per element of y, workgroups of 64 along x then y
// limits: any count below 2^32
// twin: ref.ScatterRows

struct Params {
    count: u32,
    cols: u32,
    sources: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> src: array<f32>;
@group(0) @binding(3) var<storage, read> source: array<u32>;

fn each(i: u32) {
    let row = i / p.cols;
    let sampled = source[row];
    if (sampled < p.sources) {
        y[i] = src[sampled * p.cols + (i - row * p.cols)];
    }
}

{{template "elements"}}
