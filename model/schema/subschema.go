package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"sort"
	"strconv"
	"strings"

	"sirocco/model/schema/lang"
)

// unlimited stands for a count without an upper bound.
const unlimited = math.MaxInt32

// id names a subschema in the compiler's table.
type id int32

// subschema is one schema object as read: what it says of each type by itself, and the schemas it combines. References to other
// schemas are table entries, read when first needed, so that a recursive schema is finite.
type subschema struct {
	at   location
	own  shapes // all assertions that need no other schema at the same place
	enum []any  // enum and const; nil when absent

	allOf, anyOf []id
	oneOf        []id
	not          []id // 0 or 1
	ifs          []conditional
}

type conditional struct {
	test        id
	then, else_ []id // 0 or 1 each
}

// reader turns raw schema objects into subschemas, keyword by keyword.
type reader struct {
	c *compiler
	m map[string]any
	s *subschema
}

func (c *compiler) read(at location) (*subschema, error) {
	s := &subschema{at: at, own: everything()}
	switch raw := at.raw.(type) {
	case bool:
		if !raw {
			s.own = shapes{}
		}
		return s, nil
	case map[string]any:
		r := &reader{c: c, m: raw, s: s}
		return s, r.all()
	}
	return nil, unsupported("", at.pointer, "a schema must be an object, true or false")
}

func (r *reader) refuse(keyword, reason string) error {
	return unsupported(keyword, r.s.at.pointer+"/"+escapePointer(keyword), reason)
}

func (r *reader) draft() draft { return r.s.at.draft }

// all reads the keywords in groups; each group leaves its mark in s.
func (r *reader) all() error {
	if _, ok := r.m["$ref"]; ok && r.draft() <= draft7 {
		return r.references() // up to draft 7 a reference silences its siblings
	}
	for _, group := range []func() error{r.references, r.types, r.values, r.numbers, r.texts, r.arrays, r.objects, r.combined, r.refusals} {
		if err := group(); err != nil {
			return err
		}
	}
	return nil
}

// refusals names keywords that this package knows and cannot enforce.
func (r *reader) refusals() error {
	for _, k := range []string{"$recursiveRef"} {
		if v, ok := r.m[k]; ok && v != "#" {
			return r.refuse(k, "depends on how the schema was reached")
		}
	}
	return nil
}

// references reads $ref and the dynamic kinds, which are plain references as long as one target is possible.
func (r *reader) references() error {
	for _, k := range []string{"$ref", "$dynamicRef", "$recursiveRef"} {
		v, ok := r.m[k]
		if !ok || k == "$dynamicRef" && r.draft() != modern || k == "$recursiveRef" && r.draft() != modern {
			continue
		}
		ref, ok := v.(string)
		if !ok {
			return r.refuse(k, "must be a string")
		}
		if k != "$ref" && r.c.manyDynamic(ref) {
			return r.refuse(k, "depends on how the schema was reached")
		}
		at, err := r.c.doc.find(ref, r.s.at)
		if err != nil {
			return r.refuse(k, err.Error())
		}
		r.s.allOf = append(r.s.allOf, r.c.at(at))
	}
	return nil
}

func (r *reader) types() error {
	v, ok := r.m["type"]
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var own shapes
	full := everything()
	for _, t := range list {
		switch t {
		case "null":
			own.null = true
		case "boolean":
			own.yes, own.no = true, true
		case "integer":
			if own.nums == nil {
				own.nums = []number{{mult: big.NewRat(1, 1), plain: r.draft() == draft4}}
			}
		case "number":
			own.nums = full.nums
		case "string":
			own.strs = full.strs
		case "array":
			own.arrs = full.arrs
		case "object":
			own.objs = full.objs
		case "any":
			own = full
		default:
			return r.refuse("type", fmt.Sprintf("has no type %v", t))
		}
	}
	r.s.own = own
	return nil
}

func (r *reader) values() error {
	if v, ok := r.m["enum"]; ok {
		list, ok := v.([]any)
		if !ok {
			return r.refuse("enum", "must be an array")
		}
		r.s.enum = append([]any{}, list...)
	}
	if v, ok := r.m["const"]; ok && r.draft() != draft4 {
		if r.s.enum != nil { // both: the constant must be one of the list
			r.s.allOf = append(r.s.allOf, r.c.constant(v, r.s.at))
			return nil
		}
		r.s.enum = []any{v}
	}
	return nil
}

func (r *reader) numbers() error {
	n := number{}
	for _, k := range []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"} {
		v, ok := r.m[k]
		if !ok {
			continue
		}
		if b, isBool := v.(bool); isBool && strings.HasPrefix(k, "exclusive") {
			if b && k == "exclusiveMinimum" {
				n.openLo = true
			} else if b {
				n.openHi = true
			}
			continue
		}
		x, err := rational(v)
		if err != nil {
			return r.refuse(k, err.Error())
		}
		switch k {
		case "minimum":
			n.lo = x
		case "maximum":
			n.hi = x
		case "exclusiveMinimum":
			n = n.and(number{lo: x, openLo: true})
		case "exclusiveMaximum":
			n = n.and(number{hi: x, openHi: true})
		case "multipleOf":
			if x.Sign() <= 0 {
				return r.refuse(k, "must be greater than 0")
			}
			n.mult = x
		}
	}
	if n.lo == nil {
		n.openLo = false
	}
	if n.hi == nil {
		n.openHi = false
	}
	r.s.own.nums = intersectNumbers(r.s.own.nums, []number{n})
	return nil
}

func (r *reader) texts() error {
	t := text{max: unlimited}
	var err error
	if t.min, err = r.count("minLength", 0); err != nil {
		return err
	}
	if t.max, err = r.count("maxLength", unlimited); err != nil {
		return err
	}
	if v, ok := r.m["pattern"]; ok {
		if t.lang, err = r.c.pattern(v); err != nil {
			return r.refuse("pattern", err.Error())
		}
	}
	if v, ok := r.m["format"].(string); ok {
		l, most, err := lang.Format(v)
		if err != nil {
			return r.refuse("format", err.Error())
		}
		if most > 0 {
			t.max = min(t.max, most)
		}
		if t.lang, err = andLang(t.lang, l); err != nil {
			return r.refuse("format", err.Error())
		}
	}
	if t.isAny() {
		return nil
	}
	r.s.own.strs, err = r.c.intersectTexts(r.s.own.strs, []text{t})
	if err != nil {
		return r.refuse("pattern", err.Error())
	}
	return nil
}

// count reads a non-negative integer, which JSON may spell 2.0.
func (r *reader) count(k string, missing int) (int, error) {
	v, ok := r.m[k]
	if !ok {
		return missing, nil
	}
	x, err := rational(v)
	if err != nil || !x.IsInt() || x.Sign() < 0 {
		return 0, r.refuse(k, "must be a non-negative integer")
	}
	if !x.Num().IsInt64() || x.Num().Int64() > unlimited {
		return unlimited, nil
	}
	return int(x.Num().Int64()), nil
}

// child is the table entry of the subschema at path below this one.
func (r *reader) child(v any, path ...string) id {
	at := r.s.at
	at.raw = v
	for _, p := range path {
		at.pointer += "/" + escapePointer(p)
	}
	if known, ok := r.c.doc.bases[at.pointer]; ok {
		at = known
	}
	return r.c.at(at)
}

func (r *reader) list(k string) ([]id, error) {
	v, ok := r.m[k]
	if !ok {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, r.refuse(k, "must be an array of schemas")
	}
	out := []id{}
	for i, v := range list {
		out = append(out, r.child(v, k, strconv.Itoa(i)))
	}
	return out, nil
}

func (r *reader) combined() error {
	s := r.s
	all, err := r.list("allOf")
	if err != nil {
		return err
	}
	s.allOf = append(s.allOf, all...)
	if s.anyOf, err = r.list("anyOf"); err != nil {
		return err
	}
	if s.oneOf, err = r.list("oneOf"); err != nil {
		return err
	}
	if v, ok := r.m["not"]; ok {
		s.not = []id{r.child(v, "not")}
	}
	if v, ok := r.m["if"]; ok && r.draft() >= draft7 {
		c := conditional{test: r.child(v, "if")}
		if v, ok := r.m["then"]; ok {
			c.then = []id{r.child(v, "then")}
		}
		if v, ok := r.m["else"]; ok {
			c.else_ = []id{r.child(v, "else")}
		}
		s.ifs = append(s.ifs, c)
	}
	return nil
}

// rational reads a JSON number exactly.
func rational(v any) (*big.Rat, error) {
	n, ok := v.(json.Number)
	if !ok {
		return nil, fmt.Errorf("must be a number")
	}
	if i := strings.IndexAny(string(n), "eE"); i >= 0 {
		if e, err := strconv.Atoi(string(n)[i+1:]); err != nil || e > 1000 || e < -1000 {
			return nil, fmt.Errorf("has an exponent beyond 1000")
		}
	}
	x, ok := new(big.Rat).SetString(string(n))
	if !ok {
		return nil, fmt.Errorf("must be a number")
	}
	return x, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func stringList(v any) ([]string, bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	var out []string
	for _, v := range list {
		s, ok := v.(string)
		if !ok {
			return nil, false
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return slices.Compact(out), true
}
