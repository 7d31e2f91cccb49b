// topk: the logits of a row that are nearest to the best, as many whole eighths as have room, and those of given ids
// bindings: 0 params; 1 list, written: 8 words of sampled; eighths listed, how many logits that is, 6 more; sums [slices] f32; ids and logits
//   of what is listed [max_ids, 2], slice by slice, in no order within; logits of the extra ids [extra]
//   2 x [rows, cols] f32; 3 mask [rows, cols/32] bits; 4 sampling [rows, 8], as topk_count takes it, word 6: how many are asked for;
//   5 sampled [rows, 8]; 6 parts [slices, 257], as topk_count writes them; 7 ids [rows, extra]
// grid: x: slices of 2,048 columns; 64 invocations stride over the columns, and over the extra ids
// limits: 32 iterations, 4·slices words of parts per invocation
// twin: ref.TopK

struct Params {
    cols: u32,
    row: u32,
    slices: u32,
    max_ids: u32,
    extra: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> list: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<u32>;
@group(0) @binding(4) var<storage, read> sampling: array<u32>;
@group(0) @binding(5) var<storage, read> sampled: array<u32>;
@group(0) @binding(6) var<storage, read> parts: array<u32>;
@group(0) @binding(7) var<storage, read> ids: array<u32>;
{{template "distance"}}
var<workgroup> sh_all: array<u32, 256>; // logits at a distance
var<workgroup> sh_before: array<u32, 256>; // those of earlier slices
var<workgroup> sh_eighths: u32;
var<workgroup> sh_count: u32;
var<workgroup> sh_next: atomic<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let best = reference(p.row);
    for (var i = lane; i < 256u; i = i + 64u) {
        var all = 0u;
        var before = 0u;
        for (var s = 0u; s < p.slices; s = s + 1u) {
            let n = parts[s * 257u + i];
            all = all + n;
            before = before + select(0u, n, s < group.x);
        }
        sh_all[i] = all;
        sh_before[i] = before;
    }
    workgroupBarrier();
    if (lane == 0u) {
        var eighths = 0u;
        var count = 0u;
        var before = 0u;
        for (; eighths < 256u; eighths = eighths + 1u) {
            if (count + sh_all[eighths] > p.max_ids) {
                break;
            }
            count = count + sh_all[eighths];
            before = before + sh_before[eighths];
        }
        sh_eighths = eighths;
        sh_count = count;
        atomicStore(&sh_next, before);
    }
    workgroupBarrier();
    let head = 16u + p.slices;
    for (var i = 0u; i < 32u; i = i + 1u) {
        let id = group.x * 2048u + i * 64u + lane;
        if (id < p.cols) {
            let l = x[p.row * p.cols + id];
            if (distance_of(best, l) < sh_eighths && considered(p.row, id)) {
                let at = head + 2u * atomicAdd(&sh_next, 1u);
                list[at] = id;
                list[at + 1u] = bitcast<u32>(l);
            }
        }
    }
    for (var i = group.x * 64u + lane; i < sampling[p.row * 8u + 6u]; i = i + p.slices * 64u) {
        list[head + 2u * p.max_ids + i] = bitcast<u32>(x[p.row * p.cols + ids[p.row * p.extra + i]]);
    }
    if (lane == 0u) {
        list[16u + group.x] = parts[group.x * 257u + 256u];
    }
    if (group.x == 0u && lane < 8u) {
        list[lane] = sampled[p.row * 8u + lane];
    }
    if (group.x == 0u && lane == 0u) {
        list[8] = sh_eighths;
        list[9] = sh_count;
    }
}
