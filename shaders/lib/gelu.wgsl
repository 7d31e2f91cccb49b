{{- /* GELU with the true error function: v/2 · (1 + erf(v/√2)). */ -}}

{{define "exact_gelu" -}}
// 1 - erf(z) for z >= 0
fn erfc(z: f32) -> f32 {
    let t = 1.0 / fma(0.3275911, z, 1.0);
    let series = fma(t, fma(t, fma(t, fma(t, 1.061405429, -1.453152027), 1.421413741), -0.284496736), 0.254829592);
    return t * series * exp(max(0.0 - z * z, -80.0));
}

fn gelu(v: f32) -> f32 {
    let tail = 0.5 * erfc(abs(v) * 0.70710678);
    return v * select(tail, 1.0 - tail, v >= 0.0);
}

{{end}}
