{{- /* How piece i (0 to 3) of 16 quantised weights is taken out of a loaded step: its values, their scale, and what is taken off.
Everything up to the last product or difference is exact in f32, so that a weight has the bits the reference gives it.

A vector of the first plane holds, for
  q8_0                    the int8 of a piece
  q4_0 q4_1 q5_0 q5_1     nibbles of 32 weights as in the file: the first 16 in the low halves of the bytes, the others in the
  iq4_nl iq4_xs             high ones
  q4_k q5_k q6_k          nibbles: two vectors have the first 32 weights in their low halves and the other 32 in the high ones
  q2_k q3_k, q6_k's third 2 bits of all 64 weights: those of piece i at bit 2i of each byte
The words of the second plane, s0 and on:
  q8_0 q4_0 iq4_nl        scales of both blocks, f16
  q4_1                    scale and least value of the first block; of the second
  q5_0                    scales of both blocks; spare bits
  q5_1                    as q4_1; spare bits
  q4_k q5_k               d and dmin; three words of small scales and minimums as in the file; q5_k: spare bits
  q3_k                    d; three words of small scales as in the file; spare bits
  q6_k                    d; four small scales of the step, int8
  q2_k                    d and dmin; four bytes of the step, small scale and small minimum in each
  iq4_xs                  d and the upper 2 bits of small scales; the lower 4 bits
Spare bits are two words: quad j of the step has its four at bit j%8 of each byte of word j/8. */ -}}

{{define "quantised"}}
{{- $t := .TYPE}}
{{- $signed := or (eq $t "q8_0") (eq $t "iq4_nl") (eq $t "iq4_xs")}}
{{- if eq $t "q8_0"}}
fn values(s: Step, i: u32) -> vec4<u32> {
    let odd = (i & 1u) == 1u;
    return pick(pick(s.v0, s.v1, odd), pick(s.v2, s.v3, odd), i >= 2u);
}
{{- else if eq $t "q4_k" "q5_k" "q6_k"}}
fn nibbles(s: Step, i: u32) -> vec4<u32> {
    return (pick(s.v0, s.v1, (i & 1u) == 1u) >> vec4<u32>(2u * (i & 2u))) & vec4<u32>(0x0f0f0f0fu);
}
{{- else if eq $t "q2_k" "q3_k"}}
{{- else}}
fn nibbles(s: Step, i: u32) -> vec4<u32> {
    return (pick(s.v0, s.v1, i >= 2u) >> vec4<u32>(4u * (i & 1u))) & vec4<u32>(0x0f0f0f0fu);
}
{{- end}}
{{- if not (eq $t "q2_k" "q3_k")}}
fn pick(a: vec4<u32>, b: vec4<u32>, second: bool) -> vec4<u32> { return select(a, b, vec4<bool>(second, second, second, second)); }
{{- end}}
{{- if eq $t "q2_k" "q3_k" "q6_k"}}
fn pairs(v: vec4<u32>, i: u32) -> vec4<u32> { return (v >> vec4<u32>(2u * i)) & vec4<u32>(0x03030303u); }
{{- end}}
{{- if eq $t "q5_0" "q5_1" "q5_k" "q3_k"}}
fn spare(a: u32, b: u32, i: u32) -> vec4<u32> {
    let bits = select(a, b, i >= 2u) >> (4u * (i & 1u));
    return vec4<u32>(bits, bits >> 1u, bits >> 2u, bits >> 3u) & vec4<u32>(0x01010101u);
}
{{- end}}
{{- if eq $t "q4_0" "q4_1" "q4_k" "iq4_nl" "iq4_xs"}}
fn values(s: Step, i: u32) -> vec4<u32> { return nibbles(s, i); }
{{- else if eq $t "q5_0"}}
fn values(s: Step, i: u32) -> vec4<u32> { return nibbles(s, i) | (spare(s.s1, s.s2, i) << vec4<u32>(4u)); }
{{- else if eq $t "q5_1"}}
fn values(s: Step, i: u32) -> vec4<u32> { return nibbles(s, i) | (spare(s.s2, s.s3, i) << vec4<u32>(4u)); }
{{- else if eq $t "q5_k"}}
fn values(s: Step, i: u32) -> vec4<u32> { return nibbles(s, i) | (spare(s.s4, s.s5, i) << vec4<u32>(4u)); }
{{- else if eq $t "q6_k"}}
fn values(s: Step, i: u32) -> vec4<u32> { return nibbles(s, i) | (pairs(s.v2, i) << vec4<u32>(4u)); }
{{- else if eq $t "q3_k"}}
fn values(s: Step, i: u32) -> vec4<u32> { return pairs(s.v0, i) | (spare(s.s4, s.s5, i) << vec4<u32>(2u)); }
{{- else if eq $t "q2_k"}}
fn values(s: Step, i: u32) -> vec4<u32> { return pairs(s.v0, i); }
{{- end}}
{{- if eq $t "q8_0"}}
fn quad(bytes: u32) -> vec4<f32> {
    let b = bitcast<vec4<i32>>(vec4<u32>(bytes << 24u, bytes << 16u, bytes << 8u, bytes));
    return vec4<f32>(b >> vec4<u32>(24u));
}
{{- else if eq $t "iq4_nl" "iq4_xs"}}
// the levels -127 -104 -83 -65, -49 -35 -22 -10, 1 13 25 38, 53 69 89 113 as int8
fn quad(bytes: u32) -> vec4<f32> {
    let n = vec4<u32>(bytes, bytes >> 8u, bytes >> 16u, bytes >> 24u);
    let four = (n & vec4<u32>(4u)) != vec4<u32>(0u);
    let below = select(vec4<u32>(0xbfad9881u), vec4<u32>(0xf6eaddcfu), four);
    let above = select(vec4<u32>(0x26190d01u), vec4<u32>(0x71594535u), four);
    let word = select(below, above, (n & vec4<u32>(8u)) != vec4<u32>(0u));
    let left = vec4<u32>(24u) - ((n & vec4<u32>(3u)) << vec4<u32>(3u));
    return vec4<f32>(bitcast<vec4<i32>>(word << left) >> vec4<u32>(24u));
}
{{- else}}
fn quad(bytes: u32) -> vec4<f32> {
    return vec4<f32>(vec4<u32>(bytes, bytes >> 8u, bytes >> 16u, bytes >> 24u) & vec4<u32>(255u));
}
{{- end}}

// the scale of a piece, and what is taken off its scaled values
fn scale(s: Step, i: u32) -> vec2<f32> {
{{- if eq $t "q8_0" "iq4_nl" "q4_0" "q5_0"}}
    let d = unpack2x16float(s.s0);
    return select(d.x, d.y, i >= 2u) * vec2<f32>(1.0, {{if eq $t "q4_0"}}8.0{{else if eq $t "q5_0"}}16.0{{else}}0.0{{end}});
{{- else if eq $t "q4_1" "q5_1"}}
    return unpack2x16float(select(s.s0, s.s1, i >= 2u)) * vec2<f32>(1.0, -1.0);
{{- else if eq $t "q4_k" "q5_k"}}
    let j = 2u * s.turn + (i >> 1u);
    let low = vec2<u32>(s.s1, s.s2) >> vec2<u32>(8u * (j & 3u));
    let rest = vec2<u32>(s.s3, s.s3 >> 4u) >> vec2<u32>(8u * (j & 3u));
    let upper = (rest & vec2<u32>(15u)) | ((low >> vec2<u32>(2u)) & vec2<u32>(48u));
    return unpack2x16float(s.s0) * vec2<f32>(select(low & vec2<u32>(63u), upper, vec2<bool>(j >= 4u, j >= 4u)));
{{- else if eq $t "q6_k"}}
    let b = bitcast<i32>(s.s1 << (24u - 8u * i)) >> 24u;
    return unpack2x16float(s.s0).x * f32(b) * vec2<f32>(1.0, 32.0);
{{- else if eq $t "q3_k"}}
    let low = (select(s.s1, s.s2, (s.turn & 1u) == 1u) >> (8u * i + 2u * (s.turn & 2u))) & 15u;
    let high = (s.s3 >> (8u * i + 2u * s.turn)) & 3u;
    return unpack2x16float(s.s0).x * (f32(low | (high << 4u)) - 32.0) * vec2<f32>(1.0, 4.0);
{{- else if eq $t "q2_k"}}
    let b = s.s1 >> (8u * i);
    return unpack2x16float(s.s0) * vec2<f32>(f32(b & 15u), f32((b >> 4u) & 15u));
{{- else if eq $t "iq4_xs"}}
    let low = (s.s1 >> (8u * s.turn + 2u * (i & 2u))) & 15u;
    let high = (s.s0 >> (16u + 4u * s.turn + (i & 2u))) & 3u;
    return unpack2x16float(s.s0).x * (f32(low | (high << 4u)) - 32.0) * vec2<f32>(1.0, 0.0);
{{- end}}
}

{{- if $signed}}
fn unit(i: u32) -> vec4<f32> { return vec4<f32>(1.0); }

// the values of a piece before scale, times unit
fn raw(s: Step, i: u32) -> Piece {
    let v = values(s, i);
    return Piece(quad(v.x), quad(v.y), quad(v.z), quad(v.w));
}
{{- else}}
// whether a piece lies in the upper halves of its bytes
fn upper(i: u32) -> bool { return {{if eq $t "q4_0" "q4_1"}}(i & 1u) == 1u{{else if eq $t "q4_k"}}i >= 2u{{else}}false{{end}}; }

// a byte of a word becomes a float without a conversion, which is slow on many cards: put into the lowest bits of 2^23, which is
// then taken off. Bytes 1 and 3 come out 256 times too large, upper halves 16 times.
fn apart(bytes: u32, mask: vec2<u32>) -> vec4<f32> {
    let bits = vec4<u32>(bytes, bytes, bytes >> 16u, bytes >> 16u) & mask.xyxy;
    return bitcast<vec4<f32>>(bits | vec4<u32>(0x4b000000u)) - vec4<f32>(8388608.0);
}

// what makes up for that, exactly
fn unit(i: u32) -> vec4<f32> {
    let u = select(vec2<f32>(1.0, 0.00390625), vec2<f32>(0.0625, 0.000244140625), vec2<bool>(upper(i), upper(i)));
    return u.xyxy;
}

// the values of a piece before scale, divided by unit
fn raw(s: Step, i: u32) -> Piece {
{{- if eq $t "q4_0" "q4_1" "q4_k"}}
    let mask = select(vec2<u32>(0x0fu, 0x0f00u), vec2<u32>(0xf0u, 0xf000u), vec2<bool>(upper(i), upper(i)));
    let v = pick(s.v0, s.v1, {{if eq $t "q4_k"}}(i & 1u) == 1u{{else}}i >= 2u{{end}});
{{- else}}
    let mask = vec2<u32>(0xffu, 0xff00u);
    let v = values(s, i);
{{- end}}
    return Piece(apart(v.x, mask), apart(v.y, mask), apart(v.z, mask), apart(v.w, mask));
}
{{- end}}

fn piece(s: Step, i: u32) -> Piece {
    let v = values(s, i);
    let d = scale(s, i);
{{- if $signed}}
    return Piece(quad(v.x) * d.x, quad(v.y) * d.x, quad(v.z) * d.x, quad(v.w) * d.x);
{{- else}}
    let m = vec4<f32>(d.y);
    return Piece(quad(v.x) * d.x - m, quad(v.y) * d.x - m, quad(v.z) * d.x - m, quad(v.w) * d.x - m);
{{- end}}
}
{{- end}}
