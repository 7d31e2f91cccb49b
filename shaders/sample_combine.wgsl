// sample_combine: the best of the slices of each row, as choose writes them
// bindings: 0 params; 1 parts [rows, 8] words, written; 2 slices [rows, slices, 8] words, as choose writes them
// grid: x: rows; 64 invocations stride over the slices
// limits: slices/64 iterations
// twin: ref.Sample

struct Params {
    slices: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> parts: array<u32>;
@group(0) @binding(2) var<storage, read> slices: array<u32>;
{{template "best"}}
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    var mine = nothing();
    for (var i = lane; i < p.slices; i = i + 64u) {
        let at = (group.x * p.slices + i) * 8u;
        mine = chosen(mine, bitcast<f32>(slices[at]), slices[at + 1u], bitcast<f32>(slices[at + 2u]));
        mine = counted(mine, bitcast<f32>(slices[at + 3u]), slices[at + 4u], bitcast<f32>(slices[at + 5u]));
    }
    let best = merged(mine, lane);
    if (lane == 0u) {
        write(best, group.x * 8u);
    }
}
