{{- /* What is known of a part of a row of logits, and how two parts become one, for workgroups of 64. */ -}}

{{define "best"}}
struct Best {
    key: f32, // what was chosen by
    id: u32,
    logit: f32,
    top: f32, // the greatest logit
    top_id: u32,
    sum: f32, // of e^(logit - top)
}

var<workgroup> sh_best: array<Best, 64>;

fn nothing() -> Best { return Best(-3.4e38, 0xffffffffu, 0.0, -3.4e38, 0xffffffffu, 0.0); }

fn chosen(b: Best, key: f32, id: u32, logit: f32) -> Best {
    if (key > b.key || (key == b.key && id < b.id)) {
        return Best(key, id, logit, b.top, b.top_id, b.sum);
    }
    return b;
}

fn counted(b: Best, top: f32, id: u32, sum: f32) -> Best {
    let most = max(b.top, top);
    let all = b.sum * exp(max(b.top - most, -100.0)) + sum * exp(top - most);
    let mine = b.top > top || (b.top == top && b.top_id < id);
    return Best(b.key, b.id, b.logit, most, select(id, b.top_id, mine), all);
}

// the best of all invocations, for the first of them
fn merged(mine: Best, lane: u32) -> Best {
    workgroupBarrier();
    sh_best[lane] = mine;
    for (var half = 32u; half > 0u; half = half >> 1u) {
        workgroupBarrier();
        if (lane < half) {
            let other = sh_best[lane + half];
            var both = chosen(sh_best[lane], other.key, other.id, other.logit);
            both = counted(both, other.top, other.top_id, other.sum);
            sh_best[lane] = both;
        }
    }
    workgroupBarrier();
    return sh_best[0];
}

fn write(b: Best, at: u32) {
    parts[at] = bitcast<u32>(b.key);
    parts[at + 1u] = b.id;
    parts[at + 2u] = bitcast<u32>(b.logit);
    parts[at + 3u] = bitcast<u32>(b.top);
    parts[at + 4u] = b.top_id;
    parts[at + 5u] = bitcast<u32>(b.sum);
}
{{end}}
