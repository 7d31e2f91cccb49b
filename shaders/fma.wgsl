// fma: y[i] = the sum of 16 numbers v, which begin as (i mod 64 + 1)/64 to (i mod 64 + 16)/64 and go 8 · rounds times through v = a·v + b
// bindings: 0 params; 1 y [count] f32, written
// grid: one invocation per element, workgroups of 64 along x then y; 256 · rounds operations each, in registers alone
// limits: rounds up to 65,535, where software Vulkan ends every loop
// twin: ref.FMA

struct Params {
    count: u32,
    rounds: u32,
    a: f32,
    b: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

fn each(i: u32) {
    let a = vec4<f32>(p.a, p.a, p.a, p.a);
    let b = vec4<f32>(p.b, p.b, p.b, p.b);
    let begin = f32(i % 64u);
{{- range 4}}
    var v{{.}} = (begin + vec4<f32>({{add (mul 4 .) 1}}.0, {{add (mul 4 .) 2}}.0, {{add (mul 4 .) 3}}.0, {{add (mul 4 .) 4}}.0)) / 64.0;
{{- end}}
    for (var round = 0u; round < p.rounds; round = round + 1u) {
{{- range 8}}
{{- range 4}}
        v{{.}} = fma(a, v{{.}}, b);
{{- end}}
{{- end}}
    }
    let sum = (v0 + v1) + (v2 + v3);
    y[i] = (sum.x + sum.y) + (sum.z + sum.w);
}

{{template "elements"}}
