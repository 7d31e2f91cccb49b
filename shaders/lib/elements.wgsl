{{- /* Kernels of one invocation per element: the kernel writes `fn each(i: u32)`, what happens for element i of p.count. A dimension of the grid
has at most 65,535 workgroups, so the rest continues along y. */ -}}

{{define "elements" -}}
@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = (group.y * groups.x + group.x) * 64u + lane;
    if (i < p.count) {
        each(i);
    }
}
{{end}}
