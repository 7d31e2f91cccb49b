{{- /* Which of a row's logits are listed, and how far from the best they are, in eighths. */ -}}

{{define "distance"}}
// the distances are from the best that may be sampled, or from the greatest of all
fn reference(row: u32) -> f32 {
    return bitcast<f32>(sampled[row * 8u + select(0u, 3u, (sampling[row * 8u + 4u] & 2u) != 0u)]);
}

fn considered(row: u32, id: u32) -> bool {
    let bits = row * ((p.cols + 31u) / 32u);
    return (sampling[row * 8u + 4u] & 3u) != 1u || ((mask[bits + (id >> 5u)] >> (id & 31u)) & 1u) == 1u;
}

fn distance_of(best: f32, logit: f32) -> u32 { return u32(clamp((best - logit) * 8.0, 0.0, 255.0)); }
{{end}}
