{{- /* The element of an invocation where there is one for each: a dimension of the grid has at most 65,535 workgroups, so the rest
continues along y. */ -}}

{{define "element" -}}
fn element(group: vec3<u32>, groups: vec3<u32>, lane: u32) -> u32 {
    return (group.y * groups.x + group.x) * 64u + lane;
}
{{end}}
