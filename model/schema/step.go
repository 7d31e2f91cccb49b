package schema

import "sirocco/model/schema/lang"

// step moves one way of reading by one byte and adds to out every way that remains: none when the byte does not fit, several when
// it can be read in several ways. Every frame added can be completed.
func (e *engine) step(f *frame, b byte, out *[]*frame) {
	if f.kind.structural() && isSpace(b) {
		*out = append(*out, f)
		return
	}
	switch f.kind {
	case atValue:
		e.begin(f.value, f.up, b, out)
	case inWord:
		if f.word[0] == b {
			e.word(f.word[1:], f.up, out)
		}
	case inNumber:
		e.number(f, b, out)
	case inString:
		e.character(f, b, out)
	case inKey:
		e.keyByte(f, b, out)
	case atFirst, atName, atColon, afterPair:
		e.inObject(f, b, out)
	case atItem, atNext, afterItem:
		e.inArray(f, b, out)
	}
}

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

// begin reads the first byte of a value that ends in up.
func (e *engine) begin(v *value, up *frame, b byte, out *[]*frame) {
	switch {
	case b == 'n' && v.null:
		e.word("ull", e.finished(up, "null"), out)
	case b == 't' && v.yes:
		e.word("rue", e.finished(up, "true"), out)
	case b == 'f' && v.no:
		e.word("alse", e.finished(up, "false"), out)
	case b == '"':
		for _, s := range v.strs {
			k := frameKey{kind: inString, up: up, str: s, q: s.start()}
			if up.kind == afterItem && up.lst.unique {
				k.word = `"` // what is kept of the text begins with its mark
			}
			*out = append(*out, e.frame(k))
		}
	case b == '{':
		for _, r := range v.recs {
			*out = append(*out, e.frame(frameKey{kind: atFirst, up: up, rec: r, seen: e.empty}))
		}
	case b == '[':
		for _, l := range v.lsts {
			*out = append(*out, e.frame(frameKey{kind: atItem, up: up, lst: l, seen: e.empty}))
		}
	case b == '-' || b >= '0' && b <= '9':
		for _, n := range v.nums {
			e.digit(&frame{frameKey: frameKey{kind: inNumber, up: up, num: n, q: int32(notNumber)}}, b, out)
		}
	}
}

func (e *engine) word(rest string, up *frame, out *[]*frame) {
	if rest == "" {
		*out = append(*out, up)
		return
	}
	*out = append(*out, e.frame(frameKey{kind: inWord, up: up, word: rest}))
}

// number goes on with a number; a byte that is none of it may belong to what the number is inside of.
func (e *engine) number(f *frame, b byte, out *[]*frame) {
	if f.ended() {
		up := f.up
		if f.remembers() {
			up = e.finished(up, f.text.value().RatString())
		}
		e.step(up, b, out)
	}
	e.digit(f, b, out)
}

// ended says whether the number may end here.
func (f *frame) ended() bool {
	return f.phase().complete() && (f.text == nil || f.num.complete(f.text))
}

// digit reads one byte of a number.
func (e *engine) digit(f *frame, b byte, out *[]*frame) {
	k := f.frameKey
	if k.num.all {
		p := firstPhase(b)
		if phase(k.q) != notNumber {
			p = nextPhase(phase(k.q), b)
		}
		if k.q = int32(p); p != notNumber {
			*out = append(*out, e.frame(k))
		}
		return
	}
	if k.text = e.digits(k.text, b); k.text != nil && k.num.viable(k.text) {
		k.q = 0
		*out = append(*out, e.frame(k))
	}
}

// character goes on with a string value.
func (e *engine) character(f *frame, b byte, out *[]*frame) {
	if f.mode == plain && b == '"' {
		if f.str.accepts(f.q, int(f.n)) {
			*out = append(*out, e.finished(f.up, f.word))
		}
		return
	}
	mode, r, done, ok := readChar(f.mode, b)
	if !ok {
		return
	}
	k := f.frameKey
	k.mode = mode
	n := int(f.n) + 1
	if !done {
		if f.str.within(reach(mode), f.q, n, e.scratch) {
			*out = append(*out, e.frame(k))
		}
		return
	}
	if k.q = f.str.next(f.q, r); k.q != lang.Dead && f.str.viable(k.q, n) {
		k.n = int32(f.str.clip(n))
		if f.word != "" {
			k.word += string(r)
		}
		*out = append(*out, e.frame(k))
	}
}

// inObject reads what stands between names and values.
func (e *engine) inObject(f *frame, b byte, out *[]*frame) {
	switch {
	case b == '"' && (f.kind == atFirst || f.kind == atName):
		k := frameKey{kind: inKey, up: f.up, rec: f.rec, seen: f.seen, n: f.n, met: f.met, q: f.rec.keys.Start(),
			taken: span32{0, int32(len(f.seen.others)), 0}}
		if f.rec.kinds != nil {
			k.k = f.rec.kinds.Start()
		}
		if e.keyViable(&k) {
			*out = append(*out, e.frame(k))
		}
	case b == '}' && f.kind != atName && f.kind != atColon:
		if f.rec.mayClose(f.progress()) {
			*out = append(*out, f.up)
		}
	case b == ',' && f.kind == afterPair:
		if f.rec.mayGoOn(f.progress()) {
			k := f.frameKey
			k.kind = atName
			*out = append(*out, e.frame(k))
		}
	case b == ':' && f.kind == atColon:
		k := f.frameKey
		k.kind, k.value = afterPair, nil
		*out = append(*out, e.frame(frameKey{kind: atValue, value: f.value, up: e.frame(k)}))
	}
}

// keyByte goes on with a property name.
func (e *engine) keyByte(f *frame, b byte, out *[]*frame) {
	if f.mode == plain && b == '"' {
		e.closeKey(f, out)
		return
	}
	mode, r, done, ok := readChar(f.mode, b)
	if !ok {
		return
	}
	k := f.frameKey
	k.mode = mode
	if done {
		k = k.advance(r)
		ok = e.keyViable(&k)
	} else {
		ok = e.keyWithin(&k, reach(mode))
	}
	if ok {
		*out = append(*out, e.frame(k))
	}
}

// advance reads one character of a name.
func (k frameKey) advance(r rune) frameKey {
	if k.q != lang.Dead {
		k.q = k.rec.keys.Next(k.q, r)
	}
	if k.rec.kinds != nil && k.k != lang.Dead {
		k.k = k.rec.kinds.Next(k.k, r)
	}
	k.taken = k.seen.narrow(k.taken, r)
	return k
}

func (e *engine) keyViable(k *frameKey) bool {
	p := progress{k.seen.named, int(k.n), k.met, len(k.seen.others)}
	return k.rec.nameFollows(p, k.q) || k.rec.otherFollows(p, k.q, k.k, int(k.taken.hi-k.taken.lo))
}

// keyWithin says whether some character of the spans keeps the name viable. Characters that no automaton tells apart from their
// neighbours are tried once.
func (e *engine) keyWithin(k *frameKey, spans [3]span) bool {
	for _, x := range spans {
		for r := x.lo; r <= x.hi; {
			next := k.advance(r)
			if e.keyViable(&next) {
				return true
			}
			to := rune(0x10FFFF)
			if k.q != lang.Dead {
				to = min(to, k.rec.keys.Until(k.q, r))
			}
			if k.rec.kinds != nil && k.k != lang.Dead {
				to = min(to, k.rec.kinds.Until(k.k, r))
			}
			if k.rec.plenty < unlimited && next.k != lang.Dead && k.taken.lo != k.taken.hi {
				to = r // names used up may set single characters apart
			}
			r = to + 1
		}
	}
	return false
}

// closeKey ends a property name: it is one of the schema's, or another that has not been used.
func (e *engine) closeKey(f *frame, out *[]*frame) {
	p := f.progress()
	if f.q != lang.Dead {
		if i := f.rec.keys.Label(f.q); i >= 0 {
			if f.rec.available(p, int(i)) {
				e.named(f, f.rec.choices[i], e.forest.named(f.seen, int(i), len(f.rec.names)), out)
			}
			return
		}
	}
	if !f.rec.openTo(p) || f.seen.full(f.taken) {
		return
	}
	label := int32(0)
	if f.rec.kinds != nil {
		if f.k == lang.Dead {
			return
		}
		label = f.rec.kinds.Label(f.k)
	}
	set := f.seen
	if e.keyText != nil { // a walk over the vocabulary does not know the text, and need not: no token holds two names
		set = e.forest.other(f.seen, e.keyText)
	}
	e.named(f, f.rec.classes[label], set, out)
}

// named goes on from a complete name to its colon, once for each way to read the value.
func (e *engine) named(f *frame, options []option, set *seen, out *[]*frame) {
	for _, o := range options {
		k := frameKey{kind: atColon, up: f.up, rec: f.rec, seen: set, n: f.n + 1, met: f.met | o.serve, value: o.value}
		if f.rec.feasible(progress{set.named, int(k.n), k.met, len(set.others)}) {
			*out = append(*out, e.frame(k))
		}
	}
}

// inArray reads what stands between items; the first byte of an item is the first byte of its value.
func (e *engine) inArray(f *frame, b byte, out *[]*frame) {
	switch {
	case b == ']' && f.kind != atNext:
		if f.lst.mayClose(f.counters) {
			*out = append(*out, f.up)
		}
	case f.kind == afterItem:
		if b == ',' && e.anotherItem(f) {
			k := f.frameKey
			k.kind = atNext
			*out = append(*out, e.frame(k))
		}
	default:
		for _, o := range f.lst.items[f.lst.position(f.counters)] {
			next, ok := f.lst.acquire(f.counters, o.serve)
			if !ok || !f.lst.feasible(next, e.memo(f.lst)) {
				continue
			}
			up := e.frame(frameKey{kind: afterItem, up: f.up, lst: f.lst, counters: next, seen: f.seen})
			v := o.value
			if f.lst.unique {
				v = e.without(v, f.seen)
			}
			e.begin(v, up, b, out)
		}
	}
}

func (e *engine) anotherItem(f *frame) bool {
	for _, o := range f.lst.items[f.lst.position(f.counters)] {
		if next, ok := f.lst.acquire(f.counters, o.serve); ok && f.lst.feasible(next, e.memo(f.lst)) {
			return !f.lst.unique || e.without(o.value, f.seen).cost < impossible
		}
	}
	return false
}
