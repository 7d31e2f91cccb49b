// sample: of a slice of each row of logits l[t,·]: the greatest l + T · g under the row's mask, g Gumbel noise of (seed, position, id), its
//   id and logit; the greatest l, its id, and sum of e^(l - greatest)
// bindings: 0 params; 1 parts [rows, slices, 8] words, written: greatest key, its id, its logit, greatest logit, its id, sum, 0, 0;
//   2 x [rows, cols] f32; 3 mask [rows, cols/32] bits; 4 sampling [rows, 8]: words 0 and 1 the seed, 2 position, 3 temperature f32, 4 bit 0 whether the mask counts
// grid: x: slices of 2,048 columns; y: rows; 64 invocations stride over the columns
// limits: 32 iterations; equals go to the lowest id; id 0xffffffff where the mask allows none; a logit that is no number spoils the sum
// twin: ref.Sample

struct Params {
    cols: u32,
    slices: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> parts: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<u32>;
@group(0) @binding(4) var<storage, read> sampling: array<u32>;
{{template "best"}}
// PCG's output permutation (O'Neill 2014): every bit of v changes half of the result's
fn mix(v: u32) -> u32 {
    let state = v * 747796405u + 2891336453u;
    let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
    return (word >> 22u) ^ word;
}

// -log(-log(1 - v)) with v in (0, 1) uniform: near 0, where what is sampled comes from, v has all the bits of a float
fn gumbel(random: u32) -> f32 {
    let v = min((f32(random) + 0.5) * 0.00000000023283064, 0.99999994);
    let series = v * fma(v, fma(v, fma(v, 0.25, 0.33333334), 0.5), 1.0);
    return 0.0 - log(select(0.0 - log(1.0 - v), series, v < 0.01));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = group.y;
    let w = row * 8u;
    let bits = row * ((p.cols + 31u) / 32u);
    let key = mix(mix(mix(sampling[w + 1u]) ^ sampling[w]) ^ sampling[w + 2u]);
    let temperature = bitcast<f32>(sampling[w + 3u]);
    var mine = nothing();
    for (var i = 0u; i < 32u; i = i + 1u) {
        let id = group.x * 2048u + i * 64u + lane;
        if (id < p.cols) {
            let l = x[row * p.cols + id];
            var noisy = l;
            if (temperature > 0.0) {
                noisy = fma(temperature, gumbel(mix(key ^ id)), l);
            }
            if ((sampling[w + 4u] & 1u) == 0u || ((mask[bits + (id >> 5u)] >> (id & 31u)) & 1u) == 1u) {
                mine = chosen(mine, noisy, id, l);
            }
            mine = counted(mine, l, id, 1.0);
        }
    }
    let best = merged(mine, lane);
    if (lane == 0u) {
        write(best, (row * p.slices + group.x) * 8u);
    }
}
