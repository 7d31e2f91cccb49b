// topk_count: of a slice of a row of logits: how many of those considered are each number of eighths below the best; sum of e^((l - best)/T)
// bindings: 0 params; 1 parts [slices, 257] words, written: counts of 256 distances, the last of them 255 eighths and more; the sum f32;
//   2 x [rows, cols] f32; 3 mask [rows, cols/32] bits; 4 sampling [rows, 8]: word 4 bit 0: the mask counts, bit 1: all are considered, word 5
//   1/T f32; 5 sampled [rows, 8], as choose writes them
// grid: x: slices of 2,048 columns; 64 invocations stride over the columns
// limits: 32 iterations
// twin: ref.TopK

struct Params {
    cols: u32,
    row: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> parts: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<u32>;
@group(0) @binding(4) var<storage, read> sampling: array<u32>;
@group(0) @binding(5) var<storage, read> sampled: array<u32>;
{{template "distance"}}
var<workgroup> sh_counts: array<atomic<u32>, 256>;
var<workgroup> sh_sums: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let best = reference(p.row);
    let steep = bitcast<f32>(sampling[p.row * 8u + 5u]);
    for (var i = lane; i < 256u; i = i + 64u) {
        atomicStore(&sh_counts[i], 0u);
    }
    workgroupBarrier();
    var sum = 0.0;
    for (var i = 0u; i < 32u; i = i + 1u) {
        let id = group.x * 2048u + i * 64u + lane;
        if (id < p.cols) {
            if (considered(p.row, id)) {
                let l = x[p.row * p.cols + id];
                atomicAdd(&sh_counts[distance_of(best, l)], 1u);
                sum = sum + exp(max((l - best) * steep, -100.0));
            }
        }
    }
    sh_sums[lane] = sum;
    for (var half = 32u; half > 0u; half = half >> 1u) {
        workgroupBarrier();
        if (lane < half) {
            sh_sums[lane] = sh_sums[lane] + sh_sums[lane + half];
        }
    }
    workgroupBarrier();
    for (var i = lane; i < 256u; i = i + 64u) {
        parts[group.x * 257u + i] = atomicLoad(&sh_counts[i]);
    }
    if (lane == 0u) {
        parts[group.x * 257u + 256u] = bitcast<u32>(sh_sums[0]);
    }
}
