// rmsnorm: y[t,c] = x[t,c] / sqrt(mean over c of x[t,c]² + eps) · w[c]
// bindings: 0 params; 1 y [rows, cols] f32, written; 2 x [rows, cols] f32; 3 w [cols] f32
// grid: one workgroup per row, along x then y; its 64 invocations stride over the columns
// limits: statistics in f32, 64 partial sums added as a tree; cols/64 iterations, twice
// twin: ref.RMSNorm

struct Params {
    rows: u32,
    cols: u32,
    eps: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> w: array<f32>;

var<workgroup> sh_sum: array<f32, 64>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    // a surplus workgroup of the last line repeats the last row, so that nobody leaves before a barrier
    let row = min(group.y * groups.x + group.x, p.rows - 1u);
    let base = row * p.cols;
    var sum = 0.0;
    for (var c = lane; c < p.cols; c = c + 64u) {
        let v = x[base + c];
        sum = fma(v, v, sum);
    }
    workgroupBarrier();
    sh_sum[lane] = sum;
    for (var half = 32u; half > 0u; half = half >> 1u) {
        workgroupBarrier();
        if (lane < half) {
            sh_sum[lane] = sh_sum[lane] + sh_sum[lane + half];
        }
    }
    workgroupBarrier();
    let scale = 1.0 / sqrt(sh_sum[0] / f32(p.cols) + p.eps);
    for (var c = lane; c < p.cols; c = c + 64u) {
        y[base + c] = x[base + c] * scale * w[c];
    }
}
