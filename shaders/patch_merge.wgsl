// patch_merge: y[(r,c), ch·m² + dy·m + dx] = x[(r·m+dy)·columns + c·m+dx, ch]
// bindings: 0 params; 1 y [patches/m², dim·m²] f32, written; 2 x [patches, dim] f32, patches row by row
// grid: one invocation per output, workgroups of 64 along x then y
// limits: columns a multiple of m; channel is the slowest of the features (torch unfold)
// twin: ref.PatchMerge

struct Params {
    count: u32,
    dim: u32,
    columns: u32,
    m: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;

fn each(i: u32) {
    let area = p.m * p.m;
    let width = p.dim * area;
    let token = i / width;
    let feature = i - token * width;
    let channel = feature / area;
    let inside = feature - channel * area;
    let dy = inside / p.m;
    let dx = inside - dy * p.m;
    let across = p.columns / p.m;
    let r = token / across;
    let c = token - r * across;
    y[i] = x[((r * p.m + dy) * p.columns + c * p.m + dx) * p.dim + channel];
}

{{template "elements"}}
