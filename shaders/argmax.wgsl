// argmax: y[t] = the column where x[t,·] is greatest, the lowest of them where several are
// bindings: 0 params; 1 y [rows] u32, written; 2 x [rows, cols] f32
// grid: one workgroup per row along x; its 64 invocations stride over the columns
// limits: rows up to 65,535; cols/64 iterations; NaN never wins
// twin: ref.Argmax

struct Params {
    cols: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;

var<workgroup> sh_value: array<f32, 64>;
var<workgroup> sh_column: array<u32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let base = group.x * p.cols;
    var best = -3.4e38;
    var column = 0xffffffffu;
    for (var c = lane; c < p.cols; c = c + 64u) {
        let v = x[base + c];
        if (v > best) {
            best = v;
            column = c;
        }
    }
    workgroupBarrier();
    sh_value[lane] = best;
    sh_column[lane] = column;
    for (var half = 32u; half > 0u; half = half >> 1u) {
        workgroupBarrier();
        if (lane < half) {
            let v = sh_value[lane + half];
            let c = sh_column[lane + half];
            if (v > sh_value[lane] || (v == sh_value[lane] && c < sh_column[lane])) {
                sh_value[lane] = v;
                sh_column[lane] = c;
            }
        }
    }
    workgroupBarrier();
    if (lane == 0u) {
        y[group.x] = min(sh_column[0], p.cols - 1u);
    }
}
